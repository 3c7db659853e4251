/* Where the time of a command went, for people. */
#ifndef LABRUN_CLI_SPENT_H
#define LABRUN_CLI_SPENT_H

#include "cli/print.h"
#include "util/timings.h"

#define OPTION_TIMINGS                                                                             \
    {                                                                                              \
        "timings", 0, NULL, NULL, "show where the time went, phase by phase"                       \
    }

/* A table: each phase with what it took, and below it its parts. */
void spent_print(const struct out *o, struct timings *t);

#endif
