/* The life of a lab below the commands: create, undo, sweep up after killed commands. */
#ifndef LABRUN_LAB_LIFE_H
#define LABRUN_LAB_LIFE_H

#include "lab/lab.h"

/* Has the driver create the lab; the lab's file must have been written. */
bool life_create(const struct host *h, struct lab *lab, const struct driver_source *src,
    const struct seed *seeds, struct lr_error *err) _must_check_;

/* Ends the lab, removes its folder and the file of its lock, which the caller holds and has no
 * further use for. Interruptions wait: an undo is not cut short. */
bool life_end(const struct host *h, struct lab *lab, struct lr_error *err) _must_check_;

/* life_end for error paths: what fails is a warning that says what to do. */
void life_undo(const struct host *h, struct lab *lab);

/* Removes what a lab of this name left, whether or not its file was written. Fine when there is
 * nothing. The lock goes on to protect the name: its file stays. */
bool life_clear(const struct host *h, const char *name, struct lr_error *err) _must_check_;

/* Removes the record of a lab that was never handed over. */
bool attempt_forget(const char *state_dir, const char *id, struct lr_error *err) _must_check_;

/* Undoes every lab whose command was killed: those that are not running and whose lock is free.
 * Labs of other drivers are ended through their own driver. Names go to ret_ended (may be NULL).
 * DRY: only list. */
bool life_sweep(const char *state_dir, bool dry, struct strv *ret_ended, struct lr_error *err)
    _must_check_;

#endif
