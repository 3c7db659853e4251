#include "lab/life.h"
#include "record/attempt.h"
#include "record/state.h"
#include "util/fs.h"
#include "util/log.h"

bool life_create(const struct host *h, struct lab *lab, const struct driver_source *src,
    const struct seed *seeds, struct lr_error *err)
{
    if (!cancel_check(err))
        return false;
    if (!h->ops->create(h->driver, lab->plan, src, seeds, lab->dir, err))
        return lr_error_prefix(err, "creating lab '%s'", lab->name);
    return cancel_check(err);
}

static bool end_lab(const struct host *h, struct lab *lab, struct lr_error *err)
{
    if (lab->state == LAB_RUNNING || lab->state == LAB_RESETTING) {
        /* Without it, whoever finds the rest of a killed stop has to say `stop` again. Ending a lab
         * is what makes room on a full disk: that must not be what it fails for. */
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        lab->state = LAB_STOPPING;
        if (!lab_save(lab, &own))
            log_warning("%s", own.message);
    }
    if (!h->ops->destroy(h->driver, lab->plan, lab->dir, err) || !tree_remove(lab->dir, err))
        return lr_error_prefix(err, "ending lab '%s'", lab->name);
    return true;
}

static bool end_uninterrupted(const struct host *h, struct lab *lab, struct lr_error *err)
{
    cancel_ignore();
    bool ok = end_lab(h, lab, err);
    cancel_heed();
    return ok;
}

bool life_end(const struct host *h, struct lab *lab, struct lr_error *err)
{
    if (!end_uninterrupted(h, lab, err))
        return false;
    state_forget_lock(h->state_dir, lab->name);
    return true;
}

void life_undo(const struct host *h, struct lab *lab)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    log_info("undoing what was begun of lab '%s'", lab->name);
    if (!life_end(h, lab, &err))
        log_warning("%s; `labrun gc` tries again", err.message);
}

/* The record of a lab that nobody was ever given. */
bool attempt_forget(const char *state_dir, const char *id, struct lr_error *err)
{
    _free_ char *dir = state_path(state_dir, STATE_ATTEMPTS, id);
    return tree_remove(dir, err);
}

/* A folder without a lab file: its command was killed before anything was created. */
static bool remove_bare(const char *state_dir, const char *name, struct lr_error *err)
{
    _free_ char *dir = xasprintf("%s/labs/%s", state_dir, name);
    return tree_remove(dir, err);
}

bool life_clear(const struct host *h, const char *name, struct lr_error *err)
{
    if (!lab_has_file(h->state_dir, name))
        return remove_bare(h->state_dir, name, err);
    _lab_ struct lab *lab = NULL;
    return lab_load(h->state_dir, name, &lab, err) && end_uninterrupted(h, lab, err);
}

/* A start was killed between making its record and writing down which: an open record of this lab
 * that is younger than the lab. */
static bool forget_unnamed(const char *state_dir, const struct lab *lab, struct lr_error *err)
{
    _attempts_ struct attempts all = {0};
    if (!attempt_forget_bare(state_dir, lab->name, err) || !attempt_list(state_dir, &all, err))
        return false;
    for (size_t i = 0; i < all.n; i++) {
        const struct attempt *a = all.items[i];
        if (a->state == ATTEMPT_OPEN && streq(a->lab, lab->name) &&
            a->started_wall_ms >= lab->created_wall_ms && !attempt_forget(state_dir, a->id, err))
            return false;
    }
    return true;
}

/* First, for the lab's file is what names it. */
static bool forget_record(const char *state_dir, const struct lab *lab, struct lr_error *err)
{
    if (lab->state != LAB_STARTING)
        return true;
    return lab->attempt ? attempt_forget(state_dir, lab->attempt, err)
                        : forget_unnamed(state_dir, lab, err);
}

static bool end_by_own_driver(const char *state_dir, const char *name, struct lr_error *err)
{
    _lab_ struct lab *lab = NULL;
    if (!lab_load(state_dir, name, &lab, err))
        return false;
    _host_ struct host h = {0};
    return forget_record(state_dir, lab, err) && host_open_as(state_dir, lab->driver, &h, err) &&
        life_end(&h, lab, err);
}

/* Ends one lab if its command was killed; true also when there was nothing to do. */
static bool sweep_one(
    const char *state_dir, const char *name, bool dry, bool *ret_dead, struct lr_error *err)
{
    *ret_dead = false;
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    _close_ int lock = -1;
    if (!state_lock_lab(state_dir, name, false, &lock, &own)) {
        if (own.code == LR_EBUSY)
            return true;
        lr_error_move(err, &own);
        return false;
    }
    bool bare = !lab_has_file(state_dir, name);
    if (!bare) {
        _lab_ struct lab *lab = NULL;
        if (!lab_load(state_dir, name, &lab, err))
            return false;
        if (lab->state == LAB_RUNNING || lab->state == LAB_RESETTING)
            return true;
    }
    *ret_dead = true;
    if (dry)
        return true;
    log_info("undoing lab '%s', whose command was killed", name);
    return bare ? remove_bare(state_dir, name, err) : end_by_own_driver(state_dir, name, err);
}

bool life_sweep(const char *state_dir, bool dry, struct strv *ret_ended, struct lr_error *err)
{
    _free_ char *root = path_join(state_dir, "labs");
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(root, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        bool dead;
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        if (!sweep_one(state_dir, names.items[i], dry, &dead, &own))
            log_warning("lab '%s' cannot be undone: %s", names.items[i], own.message);
        else if (dead && ret_ended)
            strv_add(ret_ended, names.items[i]);
    }
    return true;
}
