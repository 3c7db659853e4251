/* One lab: its file, its folder, its lock.
 *
 * STATE/labs/NAME/ holds lab.json (written before anything is created), keys/, what the driver
 * keeps, and known_hosts. While it
 * is building, starting or stopping a command is at work on it and holds its lock; when nobody
 * holds that lock the command was killed, and life_sweep() undoes the lab. A reset that was cut
 * short leaves LAB_RESETTING: `labrun reset` begins it anew (of one node, where it was one node's),
 * `labrun stop` ends the lab. */
#ifndef LABRUN_LAB_LAB_H
#define LABRUN_LAB_LAB_H

#include "lab/host.h"
#include "plan/plan.h"

enum lab_state { LAB_BUILDING, LAB_STARTING, LAB_RUNNING, LAB_RESETTING, LAB_STOPPING };

struct lab {
    char *name;
    char *dir;
    enum lab_state state;
    char *driver; /* name */
    struct plan *plan;
    char *scenario_dir; /* the copy that this lab was made from and is judged by */
    char *attempt;      /* id; NULL while a stage is built */
    char *stage;        /* key of the stage it was cloned from; NULL: from the image */
    char *resetting;    /* node whose reset is under way; NULL: all, or none */
    json_t *draw;       /* seed and values of the parameters: scenario_draw_json(); NULL: none */
    bool cold;          /* cloned disks were booted, though the driver clones memory */
    int64_t created_wall_ms;
};

const char *lab_state_name(enum lab_state s); /* "building" … */

/* Has its file been written? A folder without one is a lab that is just beginning, or whose command
 * was killed before anything was created. */
bool lab_has_file(const char *state_dir, const char *name);

/* Exclusive operations on one lab take it; readers do not. Waits two seconds for whoever has it,
 * then LR_EBUSY. */
bool lab_lock(const char *state_dir, const char *name, int *ret_fd, struct lr_error *err)
    _must_check_;

/* Writes STATE/labs/NAME/lab.json atomically. */
bool lab_save(const struct lab *lab, struct lr_error *err) _must_check_;
bool lab_load(const char *state_dir, const char *name, struct lab **ret, struct lr_error *err)
    _must_check_;
void lab_free(struct lab *lab);
/* The seed that the lab's scenario must be loaded with. */
int64_t lab_seed(const struct lab *lab);

/* Under the lab's lock: is what was read before still so, and the lab running? LR_EBUSY, or what
 * reading it gives, if another command has ended, reset or replaced it meanwhile. */
bool lab_still_runs(const char *state_dir, const struct lab *lab, struct lr_error *err)
    _must_check_;
/* lab_lock(), and that. *ret_fd may be set though it fails. */
bool lab_lock_running(
    const char *state_dir, const struct lab *lab, int *ret_fd, struct lr_error *err) _must_check_;

/* lab_lock(), and LAB as its file has it now, plan and names included; LR_ENOTHING or LR_EBUSY if
 * another command has ended or replaced it meanwhile. *ret_fd may be set though it fails. */
bool lab_lock_again(const char *state_dir, struct lab *lab, int *ret_fd, struct lr_error *err)
    _must_check_;

/* Names of all labs, sorted; stages under construction only with BUILDS. Folders without a readable
 * lab.json are left out with a warning. */
bool labs_list(const char *state_dir, bool builds, struct strv *ret, struct lr_error *err)
    _must_check_;

/* The lab a user means: NAME, or the only running one when NAME is NULL. */
bool lab_find(const char *state_dir, const char *name, struct lab **ret, struct lr_error *err)
    _must_check_;

/* A name that no lab, domain or folder has: PREFIX-xxxx. Owned. */
char *lab_new_name(const char *state_dir, const char *prefix);

/* A lab record with its folder, before anything runs. STAGE is the key of what it will stand on,
 * which nobody takes away from then on; NULL: of nothing. The caller holds the lock. */
bool lab_make(const struct host *h, const struct scenario *sc, const char *name,
    enum lab_state state, const char *stage, struct lab **ret, struct lr_error *err) _must_check_;

/* Is any of its nodes paused, as the driver has them? */
bool lab_is_paused(const struct host *h, const struct lab *lab, bool *ret, struct lr_error *err)
    _must_check_;

/* Index of a node by name, for the candidate (witnesses are refused) or for anybody. NULL name: the
 * first node that is not a witness. */
bool lab_node(const struct lab *lab, const char *name, bool candidate, size_t *ret,
    struct lr_error *err) _must_check_;

static inline void cleanup_lab(struct lab **lab)
{
    lab_free(*lab);
}
#define _lab_ _cleanup_(cleanup_lab)

#endif
