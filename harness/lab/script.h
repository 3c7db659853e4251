/* Running a scenario's scripts on nodes: healthy, faults, solutions, cheats. */
#ifndef LABRUN_LAB_SCRIPT_H
#define LABRUN_LAB_SCRIPT_H

#include "lab/nodes.h"

/* Runs one step as root on its node, by its own interpreter line, from a file in /run that is gone
 * afterwards, in / and with nothing on stdin, with PATH, HOME, LC_ALL, LABRUN_NODE,
 * LABRUN_SCENARIO, LABRUN_DRIVER and LABRUN_PATIENCE set, LABRUN_PARAM_NAME for each parameter that
 * its text names, and nothing else. Its output goes to LOG_PATH (appended) and, line by line, to
 * log_debug. An exit status other than 0 is an error that names node and script, shows the last
 * lines and says where the log is. RET_ENDED (may be NULL): it ended by itself, with whatever
 * status; false when it did not in its time, or when it cannot be told. */
bool script_run(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct step *step, const char *log_path, bool *ret_ended, struct lr_error *err)
    _must_check_;

/* Runs the steps in their order, to the first that fails. TOLD: which one runs is progress for the
 * user; else it is for --verbose only. */
bool script_run_all(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct steps *steps, bool told, const char *log_path, struct lr_error *err) _must_check_;

#endif
