/* Score reports in the forms that options ask for. */
#ifndef LABRUN_CLI_REPORTS_H
#define LABRUN_CLI_REPORTS_H

#include "cli/cmd.h"
#include "graders/report/report.h"

/* Options of every verb that gives a score. */
#define OPTIONS_REPORT                                                                             \
    {"json", 0, "FILE", "file", "write the score as JSON to FILE; `-o json` prints it"},           \
        {"junit", 0, "FILE", "file", "write JUnit XML to FILE"},                                   \
        {"html", 0, "FILE", "file", "write one self-contained page to FILE"},                      \
        {"text", 0, "FILE", "file", "write the table, with all evidence, to FILE"},                \
        {"tap", 0, NULL, NULL, "print TAP version 14 instead of the table"},                       \
        {"evidence", 'e', NULL, NULL, "show the evidence of every check"},                         \
    {                                                                                              \
        "output", 'o', "FORMAT", "text|json", "what is printed; text if not said"                  \
    }

/* Writes and prints the report as the options ask. FOLDER of the attempt: then the table names its
 * recordings; NULL for a candidate's eyes. */
bool reports_emit(const struct cmd *c, const struct score_report *r, const char *folder,
    struct lr_error *err) _must_check_;

/* TEXT to the file PATH, or to standard output where it is "-". That can serve one form only: then
 * *RET_PRINTED, and no table is to be printed. */
bool form_write(const struct cmd *c, const char *path, const char *text, bool *ret_printed,
    struct lr_error *err) _must_check_;

/* Where no lab is named, the word after an option that wants a file may be one that was meant to be
 * it: false, before anything is overwritten. */
bool reports_have_files(const struct cmd *c, struct lr_error *err) _must_check_;

#endif
