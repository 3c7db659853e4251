/* Power: a cut of all nodes, and nodes that went off by themselves. */
#ifndef LABRUN_LAB_POWER_H
#define LABRUN_LAB_POWER_H

#include "lab/nodes.h"
#include "record/attempt.h"

/* Lets the nodes write back what they hold (sync): what was mended seconds ago may not be on the
 * disk yet, and a mend is not to be judged by when the guest's kernel does. One that does not do it
 * in time is no error. */
bool power_write_back(struct nodes *nodes, struct lr_error *err) _must_check_;

/* Cuts the power of all at once, boots them, and waits until all answer ssh again and have ended
 * their boot, as far as they do in time: one that does not is logged, and no error. */
bool power_cycle(const struct host *h, struct lab *lab, struct nodes *nodes, struct lr_error *err)
    _must_check_;

/* Boots those nodes that are off, which is logged, sets the clock of A going if a killed command
 * had stopped it, waits for a reboot that is under way, and until all answer ssh, not for long: one
 * that does not is for the checks to tell. Where nodes were booted, or a power cut for a grade came
 * to none, it waits as power_cycle() does. *RET_BOOTED: they were, or a node has booted by itself
 * since the lab was handed over, minutes ago at most. The caller holds the lab's lock. */
bool power_up(const struct host *h, const struct lab *lab, struct attempt *a, struct nodes *nodes,
    bool *ret_booted, struct lr_error *err) _must_check_;

/* Dials a node, as driver.h has it, after booting those that are off unless another command has the
 * lab. One that goes off meanwhile (a power cut can be under way) is waited for or booted as well;
 * nobody gets in between a power cut for a grade and that grade. */
bool power_dial(const struct host *h, const struct lab *lab, size_t node, struct deadline deadline,
    int *ret_fd, struct lr_error *err) _must_check_;

#endif
