/* What the person at the terminal has to say. */
#ifndef LABRUN_CLI_ASK_H
#define LABRUN_CLI_ASK_H

#include "util/error.h"

#define LINE_CAP ((size_t)8192) /* bytes */

/* The next line of standard input, without its newline; owned. NULL at the end. No byte after it is
 * taken: that is for whoever is started next. One that is longer than LINE_CAP or has a NUL would,
 * cut, say something else: LR_EUSAGE, and it is read to its end. Ctrl-C ends the waiting. */
bool read_line(char **ret, struct lr_error *err) _must_check_;

/* True when they answer QUESTION with yes. Otherwise LR_ENOTHING with OTHERWISE, which says what
 * was not done. Only for where isatty(STDIN_FILENO). */
bool ask_yes(const char *question, const char *otherwise, struct lr_error *err) _must_check_;

#endif
