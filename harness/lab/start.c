#include "lab/start.h"
#include "lab/clock.h"
#include "lab/clone.h"
#include "lab/life.h"
#include "record/attempt.h"
#include "record/state.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/proc.h"

static bool copy_folder(const char *from, const char *to, struct lr_error *err)
{
    _free_ char *source = path_join(from, ".");
    const char *argv[] = {"cp", "-rp", "--", source, to, NULL};
    return dir_make(to, 0700, err) && proc_check(argv, NULL, err);
}

static bool keep_kits(const struct scenario *sc, const char *parent, struct lr_error *err)
{
    for (size_t i = 0; i < sc->kits.n; i++) {
        _free_ char *from = scenario_kit_path(sc, sc->kits.items[i]);
        _free_ char *to = xasprintf("%s/" SCENARIO_KITS "/%s", parent, sc->kits.items[i]);
        if (!copy_folder(from, to, err))
            return false;
    }
    return true;
}

/* The scenario as it is now, for as long as the attempt is kept: what a candidate is judged by does
 * not change under their hands. */
static bool keep_scenario(
    const struct scenario *sc, const struct attempt *a, char **ret_dir, struct lr_error *err)
{
    _free_ char *parent = path_join(a->dir, "scenario");
    _free_ char *target = path_join(parent, sc->name);
    if (!copy_folder(sc->dir, target, err) || !keep_kits(sc, parent, err) ||
        !scenario_unchanged(sc, err) || !fs_sync(parent, err))
        return lr_error_prefix(err, "keeping a copy of the scenario");
    *ret_dir = STEAL(target);
    return true;
}

static bool make_attempt(const struct host *h, const struct scenario *sc,
    const struct start_opts *opts, struct lab *lab, struct attempt **ret, struct lr_error *err)
{
    struct attempt_new what = {.lab = lab->name,
        .scenario = sc->name,
        .scenario_digest = sc->digest,
        .candidate = opts->candidate,
        .driver = h->ops->name,
        .version = opts->version,
        .draw = lab->draw,
        .time_limit_ms = sc->time_limit_ms};
    _attempt_ struct attempt *a = NULL;
    if (!attempt_create(h->state_dir, &what, &a, err))
        return false;
    /* Written down at once: whoever undoes a killed start finds the record to forget. */
    lab->attempt = xstrdup(a->id);
    _free_ char *kept = NULL;
    if (!lab_save(lab, err) || !keep_scenario(sc, a, &kept, err))
        return false;
    free(lab->scenario_dir);
    lab->scenario_dir = STEAL(kept);
    *ret = STEAL(a);
    return lab_save(lab, err);
}

static bool hand_over(
    const struct host *h, struct lab *lab, struct attempt *a, struct lr_error *err)
{
    /* The event first: a lab that says it is running has a clock that runs. */
    lab->state = LAB_RUNNING;
    bool ok = attempt_event(a, "ready", NULL, err) && lab_save(lab, err);
    timings_phase(h->timings, "hand-over");
    return ok;
}

static bool start_locked(const struct host *h, const struct scenario *sc,
    const struct start_opts *opts, const struct warm *w, struct lab *lab, struct lr_error *err)
{
    _attempt_ struct attempt *a = NULL;
    if (!make_attempt(h, sc, opts, lab, &a, err))
        return false;
    timings_phase(h->timings, "record");
    _nodes_ struct nodes *nodes = NULL;
    return clone_up(h, lab, sc, w, STAGE_OF_BROKEN, &sc->ready.broken, &nodes, err) &&
        hand_over(h, lab, a, err);
}

static void undo(const struct host *h, struct lab *lab)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    /* First, for the lab's file is what names it to whoever comes after a kill. */
    if (lab->attempt && !attempt_forget(h->state_dir, lab->attempt, &err))
        log_warning("%s", err.message);
    life_undo(h, lab);
}

/* The folder's existence is checked under the lock: two starts with one name do not meet. */
static bool make_named(const struct host *h, const struct scenario *sc, const char *name,
    const char *stage, struct lab **ret, struct lr_error *err)
{
    _free_ char *dir = xasprintf("%s/labs/%s", h->state_dir, name);
    if (path_exists(dir)) {
        lr_error_set(err, LR_EUSAGE, "there is already a lab '%s'", name);
        return lr_error_hint(err, "`labrun stop %s` ends it", name);
    }
    return lab_make(h, sc, name, LAB_STARTING, stage, ret, err);
}

bool lab_start(const struct host *h, const struct scenario *sc, const struct start_opts *opts,
    struct lab **ret, struct lr_error *err)
{
    _warm_ struct warm w = {0};
    if (!life_sweep(h->state_dir, false, NULL, err) ||
        !build_warm(h, sc, STAGE_OF_BROKEN, NULL, 0, &w, err))
        return false;
    timings_phase(h->timings, "stage");
    _free_ char *name = opts->name ? xstrdup(opts->name) : lab_new_name(h->state_dir, sc->name);
    _close_ int lock = -1;
    _lab_ struct lab *lab = NULL;
    if (!lab_lock(h->state_dir, name, &lock, err) ||
        !make_named(h, sc, name, w.keys.broken, &lab, err))
        return false;
    if (!start_locked(h, sc, opts, &w, lab, err)) {
        undo(h, lab);
        return false;
    }
    *ret = STEAL(lab);
    return true;
}

static bool open_attempt(
    const struct host *h, const struct lab *lab, struct attempt **ret, struct lr_error *err)
{
    return attempt_open(h->state_dir, lab->attempt, ret, err);
}

static bool close_record(
    const struct host *h, const struct lab *lab, bool finished, struct lr_error *err)
{
    _attempt_ struct attempt *a = NULL;
    return !lab->attempt ||
        (open_attempt(h, lab, &a, err) &&
            attempt_close(a, finished ? ATTEMPT_FINISHED : ATTEMPT_STOPPED, err));
}

bool lab_stop(const struct host *h, struct lab *lab, bool finished, struct lr_error *err)
{
    _close_ int lock = -1;
    return lab_lock_again(h->state_dir, lab, &lock, err) && lab_stop_locked(h, lab, finished, err);
}

bool lab_stop_locked(const struct host *h, struct lab *lab, bool finished, struct lr_error *err)
{
    _lr_error_ struct lr_error first = LR_ERROR_INIT, again = LR_ERROR_INIT;
    bool closed = close_record(h, lab, finished, &first);
    if (!life_end(h, lab, err))
        return false;
    /* On a full disk there is room only now. */
    if (!closed && !close_record(h, lab, finished, &again))
        log_warning("the attempt's record cannot be closed: %s", again.message);
    return true;
}

bool lab_set_paused(const struct host *h, struct lab *lab, bool paused, struct lr_error *err)
{
    _close_ int lock = -1;
    _attempt_ struct attempt *a = NULL;
    if (!lab_lock_running(h->state_dir, lab, &lock, err) || !open_attempt(h, lab, &a, err))
        return false;
    /* The clock stands from before the first node does until after the last: whoever finds it
     * standing with no node frozen lets it go on (clock.h). */
    if (paused && !attempt_event(a, "pause", NULL, err))
        return false;
    bool ok = h->ops->set_paused(h->driver, lab->plan, paused, err);
    if (ok && !paused)
        return attempt_event(a, "resume", NULL, err);
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if (!ok && paused && !clock_mend(h, lab, a, &own))
        log_warning("%s", own.message);
    return ok;
}
