/* A stage is made by the same path that serves candidates: a lab is created from what stands below,
 * its scripts run over ssh, its readiness is judged by the same probes, and it is frozen. The lab
 * has a name of its own, build-DIGEST, and is written down before it exists, so that a killed build
 * is undone by whoever comes next (life.c). */
#include "lab/build.h"
#include "image/image.h"
#include "lab/collateral.h"
#include "lab/gc.h"
#include "lab/keys.h"
#include "lab/life.h"
#include "lab/ready.h"
#include "lab/script.h"
#include "record/state.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define BOOT_MS         (10 * 60 * 1000)
#define SYNC_MS         (2 * 60 * 1000)
#define STAGE_SLACK_MIB 1024 /* what nodes write while they are built */

struct job {
    const struct host *host;
    const struct scenario *sc;
    const struct warm *warm;
    enum stage_kind kind;
    const size_t *faults;
    size_t n_faults;
    char *log_path;
};

void warm_free(struct warm *w)
{
    for (size_t i = 0; i < w->n_nodes; i++) {
        free(w->image_dirs[i]);
        free(w->image_keys[i]);
    }
    free(w->image_dirs);
    free(w->image_keys);
    stage_keys_free(&w->keys);
    scripts_free(&w->scripts);
    if (w->held)
        close(w->hold_fd);
    *w = (struct warm){0};
}

/* The first node with the same image as node I. */
static size_t node_of_image(const struct scenario *sc, size_t i)
{
    size_t k = 0;
    while (!streq(sc->nodes[k].image, sc->nodes[i].image))
        k++;
    return k;
}

/* The nodes' images by their keys, each asked for once: a key is made of all that goes into the
 * image. */
static bool image_keys(const struct scenario *sc, struct warm *w, struct lr_error *err)
{
    w->n_nodes = sc->n_nodes;
    w->image_dirs = xcalloc(sc->n_nodes, sizeof *w->image_dirs);
    w->image_keys = xcalloc(sc->n_nodes, sizeof *w->image_keys);
    for (size_t i = 0; i < sc->n_nodes; i++) {
        size_t same = node_of_image(sc, i);
        if (same < i)
            w->image_keys[i] = xstrdup(w->image_keys[same]);
        else if (!image_key(sc->nodes[i].image, &w->image_keys[i], err))
            return false;
    }
    return true;
}

static bool images(
    const struct host *h, const struct scenario *sc, struct warm *w, struct lr_error *err)
{
    for (size_t i = 0; i < sc->n_nodes; i++) {
        size_t same = node_of_image(sc, i);
        if (same < i)
            w->image_dirs[i] = xstrdup(w->image_dirs[same]);
        else if (!image_build(h->state_dir, sc->nodes[i].image, &w->image_dirs[i], err))
            return false;
        if (!streq(strrchr(w->image_dirs[i], '-') + 1, w->image_keys[i]))
            return lr_error_set(err, LR_ESCENARIO,
                "image '%s' has changed since this command began", sc->nodes[i].image);
    }
    return true;
}

static bool keys_for(const struct host *h, const struct scenario *sc, const size_t *faults,
    size_t n, struct warm *w, struct lr_error *err)
{
    /* The lab's name has no part in the keys: any does. */
    _plan_ struct plan *p = plan_make(sc, h->state_dir, "key");
    const struct stage_source src = {.scenario = sc,
        .plan = p,
        .image_keys = (const char *const *)(uintptr_t)w->image_keys,
        .ops = h->ops,
        .driver = h->driver,
        .faults = faults,
        .n_faults = n,
        .scripts = &w->scripts};
    return stage_keys_make(&src, &w->keys, err);
}

void warm_source(const struct host *h, const struct warm *w, enum stage_kind kind,
    struct strv *stage_dirs, struct driver_source *ret)
{
    _free_ char *healthy = stage_dir(h->state_dir, w->keys.healthy);
    strv_add(stage_dirs, healthy);
    if (kind == STAGE_OF_BROKEN) {
        _free_ char *broken = stage_dir(h->state_dir, w->keys.broken);
        strv_add(stage_dirs, broken);
    }
    *ret = (struct driver_source){
        .image_dirs = (const char *const *)(uintptr_t)w->image_dirs,
        .stage_dirs = (const char *const *)(uintptr_t)stage_dirs->items,
        .n_stages = stage_dirs->n,
    };
}

static bool run_scripts(
    const struct job *j, struct nodes *nodes, const struct lab *lab, struct lr_error *err)
{
    if (j->kind == STAGE_OF_HEALTHY)
        return script_run_all(nodes, lab, j->sc, &j->sc->healthy, true, j->log_path, err);
    size_t n = j->faults ? j->n_faults : j->sc->n_faults;
    for (size_t i = 0; i < n; i++) {
        const struct fault *f = &j->sc->faults[j->faults ? j->faults[i] : i];
        /* Who waits for a lab may be who is to mend it: --verbose tells what breaks it. */
        log_info("breaking it (%zu of %zu)", i + 1, n);
        log_debug("fault '%s'", f->id);
        if (!script_run_all(nodes, lab, j->sc, &f->steps, false, j->log_path, err))
            return lr_error_prefix(err, "fault '%s'", f->id);
    }
    return true;
}

/* A process that a script left behind has the script's environment, and root on the node can read
 * it. Clones of memory would hand it to every candidate. */
#define LEFT_BEHIND                                                                                \
    "left=$(grep -lz '^LABRUN_PARAM_' /proc/[0-9]*/environ 2>/dev/null | head -1); "               \
    "[ -z \"$left\" ] || { echo \"$left\"; exit 1; }"

static bool nothing_left_behind(struct nodes *nodes, struct lr_error *err)
{
    if (nodes_run_all(nodes, LEFT_BEHIND, SYNC_MS, err))
        return true;
    lr_error_prefix(err, "looking for processes that still know what was drawn");
    return lr_error_hint(err,
        "a script left a process behind with its own environment: start daemons "
        "through systemd, or with `env -i`");
}

/* What the nodes are like before the faults, as a clone of the healthy stage, and after them. */
static bool record(
    const struct job *j, struct nodes *nodes, const char *dir, bool broken, struct lr_error *err)
{
    if (j->kind == STAGE_OF_HEALTHY)
        return true;
    _free_ char *healthy = stage_dir(j->host->state_dir, j->warm->keys.healthy);
    return collateral_record(
        nodes, j->sc, broken ? dir : healthy, broken ? FACTS_BUILT_FILE : FACTS_FILE, true, err);
}

/* From running nodes to nodes that may be frozen. A stage of some of the faults has no declared
 * symptoms: only the healthy stage and the one with all faults are held against `ready`. */
static bool prepare(const struct job *j, struct lab *lab, const char *stage, struct lr_error *err)
{
    _free_ char *keys = path_join(lab->dir, "keys");
    _nodes_ struct nodes *nodes = nodes_new(j->host, lab, keys);
    log_info("waiting for %zu nodes to answer", lab->plan->n_nodes);
    if (!nodes_wait(nodes, !j->host->ops->clones_memory, deadline_in(BOOT_MS), err))
        return false;
    if (j->kind == STAGE_OF_BROKEN &&
        !ready_wait(nodes, lab, j->sc, &j->sc->ready.healthy, NULL, err))
        return lr_error_prefix(err, "the clone of the healthy stage is not healthy");
    if (!record(j, nodes, stage, false, err) || !run_scripts(j, nodes, lab, err) ||
        (j->sc->n_parameters && !nothing_left_behind(nodes, err)))
        return false;
    const struct checks *ready =
        j->kind == STAGE_OF_HEALTHY ? &j->sc->ready.healthy : &j->sc->ready.broken;
    if ((j->kind == STAGE_OF_HEALTHY || !j->faults) &&
        !ready_wait(nodes, lab, j->sc, ready, NULL, err))
        return false;
    return scenario_unchanged(j->sc, err) && record(j, nodes, stage, true, err) &&
        nodes_run_all(nodes, "sync", SYNC_MS, err);
}

/* The images are named so that nobody removes what the stage stands on once their definitions have
 * changed (gc.c). */
static json_t *describe(const struct job *j)
{
    json_t *images = json_array();
    for (size_t i = 0; i < j->warm->n_nodes; i++)
        json_array_append_new(images, json_string(strrchr(j->warm->image_dirs[i], '/') + 1));
    return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o, s:I}", "scenario", j->sc->name, "kind",
        j->kind == STAGE_OF_HEALTHY ? "healthy" : "broken", "driver", j->host->ops->name, "digest",
        j->sc->digest, "parent", j->kind == STAGE_OF_BROKEN ? j->warm->keys.healthy : NULL,
        "images", images, "created_wall_ms", (json_int_t)wall_ms());
}

static bool make_keys(
    const struct job *j, const struct lab *lab, const char *keys, struct lr_error *err)
{
    if (j->kind == STAGE_OF_HEALTHY || !j->host->ops->clones_memory)
        return keys_make(lab->plan, keys, err);
    _free_ char *parent = stage_dir(j->host->state_dir, j->warm->keys.healthy);
    _free_ char *parent_keys = path_join(parent, "keys");
    return keys_copy(lab->plan, parent_keys, keys, err);
}

static bool run_and_freeze(
    const struct job *j, struct lab *lab, struct stage_build *b, struct lr_error *err)
{
    _free_ char *keys = path_join(lab->dir, "keys");
    _free_ char *stage_keys = path_join(b->tmp_dir, "keys");
    struct seed *seeds = NULL;
    if (!make_keys(j, lab, keys, err) || !keys_seeds(lab->plan, keys, &seeds, err))
        return false;
    _strv_ struct strv dirs = STRV_INIT;
    struct driver_source src;
    warm_source(j->host, j->warm, STAGE_OF_HEALTHY, &dirs, &src);
    if (j->kind == STAGE_OF_HEALTHY)
        src.n_stages = 0;
    src.for_stage = true;
    bool ok = life_create(j->host, lab, &src, seeds, err) && prepare(j, lab, b->tmp_dir, err) &&
        j->host->ops->freeze(j->host->driver, lab->plan, lab->dir, b->tmp_dir, err) &&
        keys_copy(lab->plan, keys, stage_keys, err);
    seeds_free(seeds, lab->plan->n_nodes);
    return ok;
}

static bool build_locked(const struct job *j, const char *key, const char *name,
    struct stage_build *b, struct lr_error *err)
{
    _lab_ struct lab *lab = NULL;
    const char *stands_on = j->kind == STAGE_OF_BROKEN ? j->warm->keys.healthy : NULL;
    if (!life_clear(j->host, name, err) ||
        !lab_make(j->host, j->sc, name, LAB_BUILDING, stands_on, &lab, err))
        return false;
    bool ok = run_and_freeze(j, lab, b, err);
    if (!ok)
        life_undo(j->host, lab);
    else
        ok =
            life_clear(j->host, name, err) && stage_commit(j->host->state_dir, b, describe(j), err);
    if (ok)
        log_debug("stage %.12s is warm", key);
    return ok;
}

/* Of the stage and of the state folder: libvirt's names are the host's, and two people may build
 * the same stage, each for himself. */
static char *build_name(const char *state_dir, const char *key)
{
    _hasher_ struct hasher *h = hasher_new();
    hasher_adds(h, state_dir);
    hasher_adds(h, key);
    _free_ char *digest = hasher_finish(h);
    return xasprintf("build-%.8s", digest);
}

/* Memory is kept as files, which grow while the nodes run: where there is no room any more, that
 * ends them without a word. */
static bool check_space(const struct job *j, struct lr_error *err)
{
    uint64_t needed = (uint64_t)STAGE_SLACK_MIB << 20, bytes;
    if (!j->host->ops->clones_memory)
        return true;
    for (size_t i = 0; i < j->sc->n_nodes; i++)
        needed += (uint64_t)j->sc->nodes[i].memory_mib << 20;
    if (!disk_free(j->host->state_dir, &bytes, err))
        return false;
    if (bytes >= needed)
        return true;
    lr_error_set(err, LR_EINFRA,
        "a stage with its nodes' memory needs %.1f GiB free in '%s', there are %.1f",
        (double)needed / (1 << 30), j->host->state_dir, (double)bytes / (1 << 30));
    return lr_error_hint(err, "'labrun gc' frees what is not used any more");
}

static bool build_one(const struct job *j, const char *key, struct lr_error *err)
{
    _cleanup_(stage_abandon) struct stage_build b = {.lock_fd = -1};
    bool there = false;
    if (!stage_begin(j->host->state_dir, key, &b, &there, err))
        return false;
    if (there)
        return true;
    if (!check_space(j, err))
        return false;
    log_info("building the %s stage of '%s' with %s",
        j->kind == STAGE_OF_HEALTHY ? "healthy" : "broken", j->sc->name, j->host->ops->name);
    _free_ char *name = build_name(j->host->state_dir, key);
    _close_ int lock = -1;
    /* With the stage's own lock held, only who clears away a killed build can have it. */
    if (!state_lock_lab(j->host->state_dir, name, true, &lock, err))
        return false;
    int64_t began = now_ms();
    bool ok = build_locked(j, key, name, &b, err);
    if (ok)
        state_forget_lock(j->host->state_dir, name);
    timings_part(j->host->timings, j->kind == STAGE_OF_HEALTHY ? "build healthy" : "build broken",
        NULL, began);
    if (ok)
        return true;
    return lr_error_prefix(err, "building the %s stage of '%s'",
        j->kind == STAGE_OF_HEALTHY ? "healthy" : "broken", j->sc->name);
}

/* A stage is not taken from under a lab, damaged or not: the lab would go on for a while, and be
 * judged by what came in its place. */
static bool refuse_in_use(
    const char *state_dir, const char *key, const char *why, struct lr_error *err)
{
    _free_ char *lab = NULL;
    if (!gc_user_of_stage(state_dir, key, &lab, err))
        return false;
    if (!lab)
        return true;
    lr_error_set(
        err, LR_EBUSY, "stage %.12s cannot be used (%s), and lab '%s' stands on it", key, why, lab);
    return lr_error_hint(err, "`labrun stop %s` first: then it is built again", lab);
}

static bool discard_unusable(const struct job *j, const char *key, const struct plan *p,
    bool *ret_warm, struct lr_error *err)
{
    const struct host *h = j->host;
    _lr_error_ struct lr_error why = LR_ERROR_INIT;
    _free_ char *dir = stage_dir(h->state_dir, key);
    *ret_warm = false;
    if (!path_exists(dir))
        return true;
    *ret_warm = stage_usable(h->state_dir, key, h->ops, h->driver, p, &why);
    return *ret_warm ||
        (refuse_in_use(h->state_dir, key, why.message, err) &&
            stage_discard(h->state_dir, key, h->ops, h->driver, p, err));
}

/* Asked from the top: a warm stage was verified with all that it stands on. */
static bool ensure(struct job *j, enum stage_kind kind, struct lr_error *err)
{
    const char *key = kind == STAGE_OF_HEALTHY ? j->warm->keys.healthy : j->warm->keys.broken;
    _plan_ struct plan *p = plan_make(j->sc, j->host->state_dir, "key");
    bool warm;
    if (!discard_unusable(j, key, p, &warm, err) || warm)
        return warm;
    if (kind == STAGE_OF_BROKEN && !ensure(j, STAGE_OF_HEALTHY, err))
        return false;
    j->kind = kind;
    j->log_path = xasprintf("%s/logs/stage-%.12s.log", j->host->state_dir, key);
    bool ok = build_one(j, key, err);
    free(STEAL(j->log_path));
    return ok;
}

bool build_warm(const struct host *h, const struct scenario *sc, enum stage_kind kind,
    const size_t *faults, size_t n_faults, struct warm *ret, struct lr_error *err)
{
    _warm_ struct warm w = {0};
    _free_ char *logs = path_join(h->state_dir, "logs");
    if (!dir_make(logs, 0700, err) || !stages_hold(h->state_dir, &w.hold_fd, err))
        return false;
    w.held = true;
    if (!image_keys(sc, &w, err) || !images(h, sc, &w, err) ||
        !keys_for(h, sc, faults, n_faults, &w, err))
        return false;
    struct job j = {h, sc, &w, kind, faults, n_faults, NULL};
    if (!ensure(&j, kind, err))
        return false;
    *ret = w;
    w = (struct warm){0};
    return true;
}

bool build_keys(
    const struct host *h, const struct scenario *sc, struct stage_keys *ret, struct lr_error *err)
{
    _warm_ struct warm w = {0};
    if (!image_keys(sc, &w, err) || !keys_for(h, sc, NULL, 0, &w, err))
        return false;
    *ret = w.keys;
    w.keys = (struct stage_keys){0};
    return true;
}

size_t build_find_warm(const struct host *h, const struct variants *all, bool *ret)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _warm_ struct warm w = {0};
    size_t n = 0;
    /* No parameter goes into an image's name: all variants have the same. */
    bool ok = image_keys(all->items[0], &w, &err);
    for (size_t i = 0; i < all->n; i++) {
        stage_keys_free(&w.keys);
        ok = ok && keys_for(h, all->items[i], NULL, 0, &w, &err);
        _free_ char *dir = ok ? stage_dir(h->state_dir, w.keys.broken) : NULL;
        ret[i] = ok && path_exists(dir);
        n += ret[i];
    }
    return n;
}
