/* The candidate's clock, where a command that had stopped it was killed. */
#ifndef LABRUN_LAB_CLOCK_H
#define LABRUN_LAB_CLOCK_H

#include "lab/lab.h"
#include "record/attempt.h"

/* Does it stand because a grading has the nodes (or a command that was killed in the middle)? */
bool clock_held(struct attempt *a, bool *ret, struct lr_error *err) _must_check_;

/* Does it stand because somebody paused the lab? */
bool clock_paused(struct attempt *a, bool *ret, struct lr_error *err) _must_check_;
/* LR_EBUSY, with what to do, when somebody has, and nodes are. */
bool clock_refuse_paused(const struct host *h, const struct lab *lab, struct attempt *a,
    struct lr_error *err) _must_check_;

/* Did the last power cut for a grade come to no grade? */
bool clock_cut_short(struct attempt *a, bool *ret, struct lr_error *err) _must_check_;

/* Under the lock of a lab that is running: lets the clock run again if the last that was said of it
 * is "hold", "reset" or "close", whose command is no more, or "pause" while no node is paused. */
bool clock_mend(const struct host *h, const struct lab *lab, struct attempt *a,
    struct lr_error *err) _must_check_;

#endif
