/* Labs for candidates: start, reset, stop, finish, pause. Each takes the lab's lock, but for one.
 */
#ifndef LABRUN_LAB_START_H
#define LABRUN_LAB_START_H

#include "lab/lab.h"

struct start_opts {
    const char *name;      /* of the lab; NULL: drawn */
    const char *candidate; /* NULL: not said */
    const char *version;   /* of labrun, for the record */
};

/* Undoes what killed commands left, makes the scenario's stages warm, and hands over a running lab
 * with an attempt whose clock starts when it is ready. On failure nothing is left of the lab. */
bool lab_start(const struct host *h, const struct scenario *sc, const struct start_opts *opts,
    struct lab **ret, struct lr_error *err) _must_check_;

/* Back to the broken state, with the same name, keys and attempt; also after a reset that was cut
 * short. SC: the lab's own copy of the scenario. */
bool lab_reset(const struct host *h, struct lab *lab, const struct scenario *sc,
    struct lr_error *err) _must_check_;

/* The same for one node; the others are not touched. It boots from the stage's disks, on every
 * driver. Symptoms that are asked on this node are waited for, but one that does not show is only a
 * warning: what was mended on other nodes stays mended. */
bool lab_reset_node(const struct host *h, struct lab *lab, const struct scenario *sc, size_t node,
    struct lr_error *err) _must_check_;

/* Gone without trace; the attempt is closed as stopped (or finished) and stays. */
bool lab_stop(const struct host *h, struct lab *lab, bool finished, struct lr_error *err)
    _must_check_;
/* The same for whoever has the lab's lock. */
bool lab_stop_locked(const struct host *h, struct lab *lab, bool finished, struct lr_error *err)
    _must_check_;

/* Freezes or thaws the nodes; the candidate's clock stands meanwhile. */
bool lab_set_paused(const struct host *h, struct lab *lab, bool paused, struct lr_error *err)
    _must_check_;

#endif
