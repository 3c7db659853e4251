#include "lab/gc.h"
#include "image/image.h"
#include "lab/build.h"
#include "lab/lab.h"
#include "lab/life.h"
#include "record/state.h"
#include "util/fs.h"
#include "util/log.h"

/* What is not to be removed. */
struct keep {
    struct strv stages, images;
    char *untold; /* why it cannot be told what else is in use; NULL: it can */
};

static void keep_free(struct keep *keep)
{
    strv_free(&keep->stages);
    strv_free(&keep->images);
    free(keep->untold);
}
#define _keep_ _cleanup_(keep_free)

/* Adds the stage and all that it stands on, as far as it can be told. */
static bool keep_chain(
    const char *state_dir, const char *key, struct keep *keep, struct lr_error *err)
{
    _free_ char *next = xstrdup(key);
    while (next && !strv_contains(&keep->stages, next)) {
        strv_add(&keep->stages, next);
        _json_ json_t *info = NULL;
        if (!stage_info(state_dir, next, &info, err))
            return false;
        size_t i;
        json_t *image;
        json_array_foreach (json_object_get(info, "images"), i, image)
            if (json_is_string(image))
                strv_add(&keep->images, json_string_value(image));
        free(next);
        next = xstrdup(json_string_value(json_object_get(info, "parent")));
    }
    return true;
}

/* A stage that is not there, or is no use, is kept by its name alone. */
static void keep_if_there(const char *state_dir, const char *key, struct keep *keep)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!keep_chain(state_dir, key, keep, &err))
        log_debug("%s", err.message);
}

static void cannot_tell(struct keep *keep, const char *what, const char *why)
{
    free(keep->untold);
    keep->untold = xasprintf("%s: %s", what, why);
}

/* What labs stand on. A lab whose file cannot be read may stand on anything. */
static bool keep_of_labs(const char *state_dir, struct keep *keep, struct lr_error *err)
{
    _free_ char *root = state_path(state_dir, STATE_LABS, NULL);
    _strv_ struct strv labs = STRV_INIT;
    if (!dir_list(root, &labs, err))
        return false;
    for (size_t i = 0; i < labs.n; i++) {
        _lab_ struct lab *lab = NULL;
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        if (!lab_has_file(state_dir, labs.items[i]))
            continue;
        if (!lab_load(state_dir, labs.items[i], &lab, &own))
            cannot_tell(keep, labs.items[i], own.message);
        else if (lab->stage && !keep_chain(state_dir, lab->stage, keep, &own))
            cannot_tell(keep, labs.items[i], own.message);
    }
    return true;
}

bool gc_user_of_stage(const char *state_dir, const char *key, char **ret_lab, struct lr_error *err)
{
    _strv_ struct strv labs = STRV_INIT;
    *ret_lab = NULL;
    if (!labs_list(state_dir, true, &labs, err))
        return false;
    for (size_t i = 0; i < labs.n && !*ret_lab; i++) {
        _lab_ struct lab *lab = NULL;
        _keep_ struct keep chain = {0};
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        if (!lab_load(state_dir, labs.items[i], &lab, &own) || !lab->stage)
            continue;
        keep_if_there(state_dir, lab->stage, &chain);
        if (strv_contains(&chain.stages, key))
            *ret_lab = xstrdup(lab->name);
    }
    return true;
}

/* Where it cannot be computed which stages lead anywhere, all of that driver and SCENARIO (NULL: of
 * any) are kept. WHY not: for the user. */
static void keep_untold(const char *state_dir, const char *driver, const char *scenario,
    const char *why, struct keep *keep)
{
    _free_ char *root = path_join(state_dir, "stages");
    _strv_ struct strv names = STRV_INIT;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    size_t kept = 0;
    if (!dir_list(root, &names, &err))
        return; /* as stage_gc() will say */
    for (size_t i = 0; i < names.n; i++) {
        _json_ json_t *info = NULL;
        lr_error_clear(&err);
        if (!stage_info(state_dir, names.items[i], &info, &err))
            continue;
        const char *of_driver = json_string_value(json_object_get(info, "driver"));
        const char *of = json_string_value(json_object_get(info, "scenario"));
        if (!of_driver || !streq(of_driver, driver) || (scenario && (!of || !streq(of, scenario))))
            continue;
        keep_if_there(state_dir, names.items[i], keep);
        kept++;
    }
    if (kept > 0)
        log_warning("%zu stages%s%s of the %s driver are kept as they are: %s", kept,
            scenario ? " of " : "", scenario ? scenario : "", driver, why);
}

static void keep_of_scenario(const struct host *h, const struct scenario *sc, struct keep *keep)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _stage_keys_ struct stage_keys keys = {0};
    if (!build_keys(h, sc, &keys, &err)) {
        keep_untold(h->state_dir, h->ops->name, sc->name, err.message, keep);
        return;
    }
    keep_if_there(h->state_dir, keys.healthy, keep);
    keep_if_there(h->state_dir, keys.broken, keep);
}

/* With every driver: a stage made for qemu is not stale because lxc is what `auto` takes. */
static void keep_of_scenarios(
    const char *state_dir, const struct scenario *const *scenarios, size_t n, struct keep *keep)
{
    for (size_t i = 0; drivers[i]; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _host_ struct host h = {0};
        if (!host_open_as(state_dir, drivers[i]->name, &h, &err)) {
            keep_untold(state_dir, drivers[i]->name, NULL, err.message, keep);
            continue;
        }
        for (size_t k = 0; k < n; k++)
            keep_of_scenario(&h, scenarios[k], keep);
    }
}

/* Is the lab NAME really no more? Then nobody makes one of that name while the lock is held. */
static bool claim(const char *name, void *data, int *ret_lock)
{
    const char *state_dir = data;
    _free_ char *dir = state_path(state_dir, STATE_LABS, name);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _close_ int lock = -1;
    if (!state_name_ok(name) || !state_lock_lab(state_dir, name, false, &lock, &err))
        return false;
    if (path_exists(dir))
        return false;
    *ret_lock = steal_fd(&lock);
    return true;
}

static void release(const char *name, void *data, int lock)
{
    state_forget_lock(data, name);
    close(lock);
}

static void reap(const char *state_dir, bool dry, struct strv *ret_removed)
{
    const struct reap_guard guard = {claim, release, (void *)(uintptr_t)state_dir};
    for (size_t i = 0; drivers[i]; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _host_ struct host h = {0};
        if (!host_open_as(state_dir, drivers[i]->name, &h, &err) ||
            !h.ops->reap(h.driver, state_dir, &guard, dry, ret_removed, &err))
            log_warning("the %s driver's leftovers cannot be looked for: %s", drivers[i]->name,
                err.message);
    }
}

static bool remove_stale(const char *state_dir, const struct scenario *const *scenarios, size_t n,
    bool dry, struct strv *ret_removed, struct lr_error *err)
{
    _keep_ struct keep keep = {STRV_INIT, STRV_INIT, NULL};
    _close_ int claimed = -1;
    if (!stages_claim(state_dir, &claimed, err)) {
        if (err->code != LR_EBUSY)
            return false;
        lr_error_clear(err);
        log_warning("stages and images are left alone: a start, a build or a proof is using them");
        return true;
    }
    if (!keep_of_labs(state_dir, &keep, err))
        return false;
    if (keep.untold) {
        log_warning("stages and images are left alone, for it cannot be told which are in use: %s",
            keep.untold);
        return true;
    }
    keep_of_scenarios(state_dir, scenarios, n, &keep);
    return stage_gc(state_dir, &keep.stages, dry, ret_removed, err) &&
        image_gc(state_dir, &keep.images, dry, ret_removed, err);
}

bool gc_run(const char *state_dir, const struct scenario *const *scenarios, size_t n, bool dry,
    struct strv *ret_removed, struct lr_error *err)
{
    _strv_ struct strv dead = STRV_INIT;
    /* The folder may be gone, and what its labs had on the host not: locks need a place. */
    if (!state_init(state_dir, err) || !life_sweep(state_dir, dry, &dead, err))
        return false;
    for (size_t i = 0; i < dead.n; i++)
        strv_addf(ret_removed, "lab %s", dead.items[i]);
    reap(state_dir, dry, ret_removed);
    if (!state_expire(state_dir, dry, ret_removed, err))
        return false;
    return remove_stale(state_dir, scenarios, n, dry, ret_removed, err);
}
