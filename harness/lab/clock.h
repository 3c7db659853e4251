/* The candidate's clock, where a command that had stopped it was killed. */
#ifndef LABRUN_LAB_CLOCK_H
#define LABRUN_LAB_CLOCK_H

#include "lab/lab.h"
#include "record/attempt.h"

/* Under the lock of a lab that is running: lets the clock run again if the last that was said of it
 * is "hold" or "reset", whose command is no more, or "pause" while no node is paused. */
bool clock_mend(const struct host *h, const struct lab *lab, struct attempt *a,
    struct lr_error *err) _must_check_;

#endif
