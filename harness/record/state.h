/* The state folder: where everything lasting is kept.
 *
 *   STATE/                 0711  LABRUN_STATE_DIR, or /var/lib/labrun
 *     labs/LAB/            0711  running labs; qemu's own user passes through to the disks
 *     images/, stages/     0711  likewise
 *     attempts/ID/         0700  records of attempts: record/attempt.h
 *     proofs/NAME/               what a proof saw where it was refuted: prove/branch.c
 *     logs/, cache/              of making images: image/image.h
 *     locks/LAB.lock       0700  one command at a time changes a lab
 */
#ifndef LABRUN_RECORD_STATE_H
#define LABRUN_RECORD_STATE_H

#include "util/error.h"
#include "util/mem.h"

enum state_folder { STATE_LABS, STATE_IMAGES, STATE_STAGES, STATE_ATTEMPTS, STATE_LOCKS };

/* The state folder as an absolute path: GIVEN (NULL: not given), else LABRUN_STATE_DIR, else
 * /var/lib/labrun. Owned. It need not exist. */
bool state_resolve(const char *given, char **ret, struct lr_error *err) _must_check_;

/* Makes the tree where it is missing, whatever the umask, and opens what must be passable. */
bool state_init(const char *state, struct lr_error *err) _must_check_;

/* Removes what is only of use to whoever looks for a mistake: what lies in logs/ and proofs/ and
 * has not changed for 30 days. What was removed is named in ret_removed; DRY: only listed. */
bool state_expire(const char *state, bool dry, struct strv *ret_removed, struct lr_error *err)
    _must_check_;

/* STATE/labs and so on; with NAME a folder or file in it, NULL for the folder. Owned. */
char *state_path(const char *state, enum state_folder folder, const char *name);

/* True when NAME can be one component of a path here: 1 to 80 of [A-Za-z0-9._-], no leading dot. */
bool state_name_ok(const char *name);

/* Takes the lab's lock; it goes when *ret_fd is closed or the process ends. With WAIT false a lab
 * that another command works on is LR_EBUSY. */
bool state_lock_lab(
    const char *state, const char *lab, bool wait, int *ret_fd, struct lr_error *err) _must_check_;
/* Removes the lock's file, by who holds it, when the lab is gone. Waiters notice and make a new
 * one. */
void state_forget_lock(const char *state, const char *lab);

#endif
