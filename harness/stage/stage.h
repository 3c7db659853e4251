/* Stages: checkpoints of all nodes of a scenario, each built once, addressed by all that went into
 * it, kept until nothing leads to it any more.
 *
 * A stage is a folder STATE/stages/KEY: what the driver froze, keys/ (the ssh keys the frozen nodes
 * hold), and stage.json, written last. A stage stands on a parent (broken on healthy on the image);
 * stage.json names it. Building happens in STATE/stages/.tmp-KEY under a lock; what a killed
 * builder leaves there is removed by the next. */
#ifndef LABRUN_STAGE_STAGE_H
#define LABRUN_STAGE_STAGE_H

#include "driver/driver.h"
#include "scenario/scripts.h"

/* The addresses of a scenario's two stages with one driver. */
struct stage_keys {
    char *healthy; /* 64 hex digits, owned */
    char *broken;  /* the same for the faults that were asked for */
};

/* What the two are made of. */
struct stage_source {
    const struct scenario *scenario;
    const struct plan *plan;
    const char *const *image_keys; /* one for each node */
    const struct driver_ops *ops;
    struct driver *driver;
    const size_t *faults; /* by index, those in `broken`; NULL: all */
    size_t n_faults;
    struct scripts *scripts; /* those read before, and what is read now is added */
};

bool stage_keys_make(const struct stage_source *src, struct stage_keys *ret, struct lr_error *err)
    _must_check_;
void stage_keys_free(struct stage_keys *k);
#define _stage_keys_ _cleanup_(stage_keys_free)

/* The folder of a stage, whether or not it exists; owned. */
char *stage_dir(const char *state_dir, const char *key);

/* Is the stage, which is there, whole and usable by this driver, and what it stands on the same as
 * when it was built? False with the reason in ERR. */
bool stage_usable(const char *state_dir, const char *key, const struct driver_ops *ops,
    struct driver *d, const struct plan *p, struct lr_error *err) _must_check_;
/* Removes one that is not usable, unless another builder has put a usable one in its place. Waits
 * for a builder. */
bool stage_discard(const char *state_dir, const char *key, const struct driver_ops *ops,
    struct driver *d, const struct plan *p, struct lr_error *err) _must_check_;

/* A stage being built. */
struct stage_build {
    char *key;
    char *tmp_dir; /* where the driver freezes into */
    char *final_dir;
    int lock_fd; /* held until commit or abandon */
};

/* Takes the stage's lock (waiting for another builder) and makes an empty folder. When another
 * builder finished meanwhile, *ret_there is true and nothing is begun. */
bool stage_begin(const char *state_dir, const char *key, struct stage_build *ret, bool *ret_there,
    struct lr_error *err) _must_check_;
/* Writes stage.json and moves the folder to its place. INFO (reference taken) gets "key" and what
 * the stage and those below it are known by: two that are built with the same key are not the same.
 */
bool stage_commit(const char *state_dir, struct stage_build *b, json_t *info, struct lr_error *err)
    _must_check_;
/* Removes what was begun; NULL-safe and fine after commit. */
void stage_abandon(struct stage_build *b);

/* What stage.json says; reference owned by the caller. */
bool stage_info(const char *state_dir, const char *key, json_t **ret, struct lr_error *err)
    _must_check_;

/* While it is held (until *ret_fd is closed) no stage and no image is removed: for whoever is
 * building or cloning, until what they use is written down in a lab's file. Many may hold it. */
bool stages_hold(const char *state_dir, int *ret_fd, struct lr_error *err) _must_check_;
/* For whoever removes; LR_EBUSY while somebody holds them. */
bool stages_claim(const char *state_dir, int *ret_fd, struct lr_error *err) _must_check_;

/* Removes stages not in KEEP and what killed builders left. DRY: only list. */
bool stage_gc(const char *state_dir, const struct strv *keep, bool dry, struct strv *ret_removed,
    struct lr_error *err) _must_check_;

#endif
