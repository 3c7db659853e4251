/* All verbs; the table that the parser goes by is in main.c. */
#ifndef LABRUN_CLI_VERBS_H
#define LABRUN_CLI_VERBS_H

#include "cli/cmd.h"

extern const struct verb verb_list, verb_info, verb_check, verb_results, verb_doctor, verb_help,
    verb_completion, verb_version, verb_complete, verb_man;
extern const struct verb verb_start, verb_status, verb_stop, verb_reset, verb_brief, verb_ssh,
    verb_ssh_config, verb_proxy, verb_hint, verb_grade, verb_finish, verb_report, verb_build,
    verb_prove, verb_gc, verb_pause, verb_resume, verb_desk;

#endif
