/* Back to the broken state. The lab's file says LAB_RESETTING before anything is ended, and of
 * which node, so that whoever comes after a kill knows what is half done; the attempt's event comes
 * second, so that the candidate's clock never stands while the lab is whole. */
#include "lab/clock.h"
#include "lab/clone.h"
#include "lab/keys.h"
#include "lab/ready.h"
#include "lab/start.h"
#include "record/attempt.h"
#include "util/fs.h"
#include "util/log.h"

#define ANSWER_MS (10 * 60 * 1000)

/* What both kinds of reset hold while they are at work. */
struct reset {
    int lock;
    struct attempt *attempt;
    struct warm warm;
};

static void reset_close(struct reset *r)
{
    cleanup_close(&r->lock);
    attempt_free(r->attempt);
    warm_free(&r->warm);
}

static bool prepare(const struct host *h, struct lab *lab, const struct scenario *sc,
    struct reset *r, struct lr_error *err)
{
    if (!lab_lock_again(h->state_dir, lab, &r->lock, err))
        return false;
    if (lab->state != LAB_RUNNING && lab->state != LAB_RESETTING)
        return lr_error_set(err, LR_EBUSY, "lab '%s' is %s", lab->name, lab_state_name(lab->state));
    if (!attempt_open(h->state_dir, lab->attempt, &r->attempt, err) ||
        !build_warm(h, sc, STAGE_OF_BROKEN, NULL, 0, &r->warm, err))
        return false;
    timings_phase(h->timings, "stage");
    return true;
}

/* NODE: NULL for all. */
static bool begin(struct lab *lab, struct reset *r, const char *node, struct lr_error *err)
{
    _json_ json_t *data = node ? json_pack("{s:s}", "node", node) : NULL;
    lab->state = LAB_RESETTING;
    free(lab->resetting);
    lab->resetting = xstrdup(node);
    free(lab->stage);
    lab->stage = xstrdup(r->warm.keys.broken);
    return lab_save(lab, err) && attempt_event(r->attempt, "reset", data, err);
}

static bool hand_back(const struct host *h, struct lab *lab, struct reset *r, struct lr_error *err)
{
    lab->state = LAB_RUNNING;
    free(STEAL(lab->resetting));
    bool ok = lab_save(lab, err) && attempt_event(r->attempt, "ready", NULL, err);
    timings_phase(h->timings, "hand-over");
    return ok;
}

static bool end_all(const struct host *h, const struct lab *lab, struct lr_error *err)
{
    bool ok = h->ops->end_nodes(h->driver, lab->plan, lab->dir, err);
    timings_phase(h->timings, "end");
    return ok;
}

bool lab_reset(
    const struct host *h, struct lab *lab, const struct scenario *sc, struct lr_error *err)
{
    _cleanup_(reset_close) struct reset r = {.lock = -1};
    _nodes_ struct nodes *nodes = NULL;
    if (!prepare(h, lab, sc, &r, err))
        return false;
    if (!begin(lab, &r, NULL, err) || !end_all(h, lab, err) ||
        !clone_up(h, lab, sc, &r.warm, STAGE_OF_BROKEN, &sc->ready.broken, &nodes, err)) {
        lr_error_prefix(err, "resetting lab '%s'", lab->name);
        return lr_error_hint(err, "`labrun reset %s` tries again, `labrun stop %s` ends the lab",
            lab->name, lab->name);
    }
    return hand_back(h, lab, &r, err);
}

/* May this node alone be reset? Not while the others are half reset or frozen. */
static bool may_reset_node(const struct host *h, const struct lab *lab, struct attempt *a,
    size_t node, struct lr_error *err)
{
    const char *name = lab->plan->nodes[node].name;
    if (lab->state == LAB_RESETTING && !(lab->resetting && streq(lab->resetting, name))) {
        lr_error_set(err, LR_EBUSY, "a reset of %s%s was cut short",
            lab->resetting ? "node " : "all nodes", lab->resetting ? lab->resetting : "");
        return lr_error_hint(err, "`labrun reset %s%s%s` completes it", lab->name,
            lab->resetting ? " --node " : "", lab->resetting ? lab->resetting : "");
    }
    return clock_refuse_paused(h, lab, a, err);
}

/* One node of another stage than its neighbours' is no lab. */
static bool same_stage(const struct lab *lab, const struct warm *w, struct lr_error *err)
{
    if (lab->stage && streq(lab->stage, w->keys.broken))
        return true;
    lr_error_set(err, LR_EINFRA,
        "lab '%s' was cloned from another stage than its scenario makes now", lab->name);
    return lr_error_hint(err, "`labrun reset %s` resets all nodes", lab->name);
}

static bool driver_reset(const struct host *h, const struct lab *lab, const struct warm *w,
    size_t node, struct lr_error *err)
{
    _free_ char *keys = path_join(lab->dir, "keys");
    _strv_ struct strv dirs = STRV_INIT;
    struct seed *seeds = NULL;
    struct driver_source src;
    if (!cancel_check(err) || !keys_seeds(lab->plan, keys, &seeds, err))
        return false;
    warm_source(h, w, STAGE_OF_BROKEN, &dirs, &src);
    src.timings = h->timings;
    bool ok = h->ops->reset_node(h->driver, lab->plan, node, &src, seeds, lab->dir, err);
    seeds_free(seeds, lab->plan->n_nodes);
    timings_phase(h->timings, "power-on");
    return ok && cancel_check(err);
}

static bool node_up(const struct host *h, const struct lab *lab, const struct scenario *sc,
    size_t node, struct lr_error *err)
{
    _free_ char *keys = path_join(lab->dir, "keys");
    _nodes_ struct nodes *nodes = nodes_new(h, lab, keys);
    struct client *c;
    log_info("waiting for node '%s' to answer", lab->plan->nodes[node].name);
    if (!nodes_get(nodes, node, deadline_in(ANSWER_MS), &c, err))
        return false;
    timings_phase(h->timings, "ssh");
    bool ok = ready_look(nodes, lab, sc, &sc->ready.broken, node, h->timings, err);
    timings_phase(h->timings, "symptoms");
    return ok;
}

bool lab_reset_node(const struct host *h, struct lab *lab, const struct scenario *sc, size_t node,
    struct lr_error *err)
{
    _cleanup_(reset_close) struct reset r = {.lock = -1};
    if (lab->plan->n_nodes == 1) /* nobody to get out of step with: the quick way will do */
        return lab_reset(h, lab, sc, err);
    if (!prepare(h, lab, sc, &r, err) || !may_reset_node(h, lab, r.attempt, node, err) ||
        !same_stage(lab, &r.warm, err))
        return false;
    const char *name = lab->plan->nodes[node].name;
    if (!begin(lab, &r, name, err) || !driver_reset(h, lab, &r.warm, node, err) ||
        !node_up(h, lab, sc, node, err)) {
        lr_error_prefix(err, "resetting node '%s' of lab '%s'", name, lab->name);
        return lr_error_hint(err,
            "`labrun reset %s --node %s` tries again, `labrun stop %s` ends the lab", lab->name,
            name, lab->name);
    }
    return hand_back(h, lab, &r, err);
}
