#include "lab/power.h"
#include "lab/clock.h"
#include "record/state.h"
#include "util/log.h"
#include "util/parallel.h"

#define BOOT_MS (10 * 60 * 1000)
#define SYNC_MS (60 * 1000)
/* For nodes that are on: one of them may be in a reboot that cannot be seen from outside. One that
 * a killed command left half booted goes off after ten seconds. */
#define ANSWER_MS (60 * 1000)
/* A node that is being cut off looks alive for a moment, and then is gone. */
#define GOING_OFF_MS (20 * 1000)
#define RETRY_MS     200
/* Long enough for what has a start-up or stop timeout of its own (systemd's is 90 s). */
#define SETTLED_MS (100 * 1000)
/* What comes up by itself has done so by then, as a rule. */
#define FRESH_MS (3 * 60 * 1000)
/* No machine is that old: a node says what it likes. */
#define MAX_AGE_S 1000000000LL

/* What a node does not do is for the checks to tell, and does not end a grading. False, with *err,
 * for what does: an interruption, or a host that has nobody to ask. */
static bool bearable(struct lr_error *own, struct lr_error *err)
{
    if (own->code != LR_EINTERRUPTED && own->code != LR_ESERVICE)
        return true;
    lr_error_move(err, own);
    return false;
}

/* What helps a fair judgement does not decide it: a node that cannot be asked, or does not do it in
 * time, is judged as it is. */
static bool not_on_all(struct lr_error *own, struct lr_error *err)
{
    if (!bearable(own, err))
        return false;
    log_debug("not on all nodes: %s", own->message);
    return true;
}

bool power_write_back(struct nodes *nodes, struct lr_error *err)
{
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    return nodes_run_all(nodes, "/usr/bin/sync", SYNC_MS, &own) || not_on_all(&own, err);
}

/* How far a node's boot is, as it says itself. */
struct phase {
    bool stopping;
    int64_t age_s; /* of its first process; -1: not told */
};

struct look {
    struct nodes *nodes;
    struct phase *phases; /* one a node */
};

/* ssh answers, through the driver, long before the rest of the system is up. That a unit has failed
 * is for the checks to judge. */
static bool look_at(size_t i, void *data, struct lr_error *err)
{
    struct look *l = data;
    struct client *c;
    struct run_request req = {.command = "/usr/bin/systemctl is-system-running --wait; "
                                         "/usr/bin/ps -o etimes= -p 1",
        .deadline = deadline_in(SETTLED_MS)};
    _run_result_ struct run_result r = {0};
    /* Who does not answer by now has been waited for. */
    if (!nodes_get(l->nodes, i, deadline_in(1), &c, err) || !client_run(c, &req, &r, err))
        return false;
    long long age;
    l->phases[i].stopping = r.end == RUN_LOST || has_prefix(r.out, "stopping\n");
    const char *line = strchr(r.out, '\n');
    if (line && sscanf(line, "%lld", &age) == 1 && age >= 0 && age < MAX_AGE_S)
        l->phases[i].age_s = age;
    return true;
}

/* Waits until the nodes that answer have ended their boot. RET has room for one a node. */
static bool look(
    const struct lab *lab, struct nodes *nodes, struct phase *ret, struct lr_error *err)
{
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    struct look l = {nodes, ret};
    for (size_t i = 0; i < lab->plan->n_nodes; i++)
        ret[i] = (struct phase){.age_s = -1};
    return parallel_run(lab->plan->n_nodes, look_at, &l, &own) || not_on_all(&own, err);
}

static bool booted(const struct lab *lab, struct nodes *nodes, struct lr_error *err)
{
    _free_ struct phase *phases = xcalloc(lab->plan->n_nodes, sizeof *phases);
    return look(lab, nodes, phases, err);
}

bool power_cycle(const struct host *h, struct lab *lab, struct nodes *nodes, struct lr_error *err)
{
    log_info("cutting the power of %zu nodes", lab->plan->n_nodes);
    if (!h->ops->power_cut(h->driver, lab->plan, -1, err))
        return lr_error_prefix(err, "cutting the power of lab '%s'", lab->name);
    nodes_forget(nodes);
    log_info("booting %zu nodes", lab->plan->n_nodes);
    if (!h->ops->boot(h->driver, lab->plan, -1, lab->dir, err))
        return lr_error_prefix(err, "booting lab '%s' after the power cut", lab->name);
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if (nodes_wait(nodes, true, deadline_in(BOOT_MS), &own))
        return booted(lab, nodes, err);
    if (!bearable(&own, err))
        return false;
    log_warning("after the power cut, %s", own.message);
    return booted(lab, nodes, err); /* the others */
}

static bool stuck(const struct host *h, const struct lab *lab, size_t node, struct lr_error *err)
{
    lr_error_set(err, LR_EINFRA,
        "node '%s' stands still since the host could not write to its disk: '%s' is full, or broken",
        lab->plan->nodes[node].name, h->state_dir);
    return lr_error_hint(
        err, "make room there, then `labrun resume %s`: nothing is lost", lab->name);
}

static bool cannot_boot(const struct lab *lab, size_t node, struct lr_error *err)
{
    lr_error_prefix(err, "booting node '%s'", lab->plan->nodes[node].name);
    if (!err->hint)
        lr_error_hint(err,
            "where its disk is damaged, `labrun reset %s` brings back the broken lab", lab->name);
    return false;
}

/* Boots those nodes that are off: a candidate's `reboot` or `poweroff` ends a node where nobody
 * stands by to start it again. One that is frozen though nobody has PAUSED the lab was being booted
 * by a command that was killed: its clock is not its neighbours' any more, and it boots anew. Under
 * the lab's lock. */
static bool revive(
    const struct host *h, const struct lab *lab, bool paused, bool *ret_any, struct lr_error *err)
{
    *ret_any = false;
    for (size_t i = 0; i < lab->plan->n_nodes; i++) {
        enum node_state state;
        if (!h->ops->node_state(h->driver, lab->plan, i, &state, err))
            return false;
        if (state == NODE_STUCK)
            return stuck(h, lab, i, err);
        bool frozen = state == NODE_PAUSED && !paused;
        if (frozen && !h->ops->power_cut(h->driver, lab->plan, (int)i, err))
            return false;
        if (state != NODE_OFF && !frozen)
            continue;
        log_info("node '%s' is off: booting it", lab->plan->nodes[i].name);
        if (!h->ops->boot(h->driver, lab->plan, (int)i, lab->dir, err))
            return cannot_boot(lab, i, err);
        *ret_any = true;
    }
    return true;
}

/* What a killed command or a reboot of the host left is set right: nodes that are off, and the
 * candidate's clock, which counts from an event of this boot. Under the lab's lock. */
static bool set_right(const struct host *h, const struct lab *lab, struct attempt *a,
    bool *ret_booted, struct lr_error *err)
{
    bool paused = true;
    return (!a || clock_paused(a, &paused, err)) && revive(h, lab, paused, ret_booted, err) &&
        (!a || clock_mend(h, lab, a, err)) &&
        (!a || !*ret_booted || attempt_event(a, "boot", NULL, err));
}

static bool is_off(
    const struct host *h, const struct lab *lab, size_t node, bool *ret, struct lr_error *err)
{
    enum node_state state;
    if (!h->ops->node_state(h->driver, lab->plan, node, &state, err))
        return false;
    *ret = state == NODE_OFF;
    return true;
}

/* Whoever has the lock is at work on the nodes, and boots them himself: a node that is off has to
 * be waited for. So has a grade after a power cut, or what does not last could be mended once more
 * before it is judged, while the clock stands. */
static bool must_wait(const struct host *h, const struct lab *lab, struct attempt *a, size_t node,
    bool *ret, struct lr_error *err)
{
    *ret = false;
    return (!a || clock_held(a, ret, err)) && (*ret || is_off(h, lab, node, ret, err));
}

/* For whoever only wants to get in: the lab's lock if nobody has it, else whether to wait. */
static bool lock_if_free(const struct host *h, const struct lab *lab, size_t node, int *ret_lock,
    struct attempt **ret, bool *ret_wait, struct lr_error *err)
{
    *ret_wait = false;
    if (!state_lock_lab(h->state_dir, lab->name, false, ret_lock, err) && err->code != LR_EBUSY)
        return false;
    lr_error_clear(err);
    if (lab->attempt && !attempt_open(h->state_dir, lab->attempt, ret, err))
        return false;
    return *ret_lock >= 0 || must_wait(h, lab, *ret, node, ret_wait, err);
}

static bool set_right_if_free(
    const struct host *h, const struct lab *lab, size_t node, bool *ret_wait, struct lr_error *err)
{
    _close_ int lock = -1;
    _attempt_ struct attempt *a = NULL;
    bool booted_any;
    if (!lock_if_free(h, lab, node, &lock, &a, ret_wait, err))
        return false;
    return lock < 0 ||
        (lab_still_runs(h->state_dir, lab, err) && set_right(h, lab, a, &booted_any, err));
}

/* A grading may have cut the power meanwhile, and dialling have outlived that. */
static bool may_enter(
    const struct host *h, const struct lab *lab, size_t node, bool *ret_wait, struct lr_error *err)
{
    _close_ int lock = -1;
    _attempt_ struct attempt *a = NULL;
    return lock_if_free(h, lab, node, &lock, &a, ret_wait, err);
}

static bool any_stopping(const struct lab *lab, const struct phase *phases)
{
    bool any = false;
    for (size_t i = 0; i < lab->plan->n_nodes; i++)
        any = any || phases[i].stopping;
    return any;
}

/* Booted a short while ago, and not when the lab was handed over. USED_MS: since then; an upper
 * bound, as a node's first process is never younger than what it has been used for. */
static bool is_fresh(const struct phase *p, int64_t used_ms, int patience)
{
    int64_t age_ms = (p->age_s + 1) * 1000;
    return p->age_s >= 0 && age_ms < used_ms && age_ms < (int64_t)FRESH_MS * patience;
}

/* One round of power_up(). *RET_BOOTED stays true where it is. */
static bool up_once(const struct host *h, const struct lab *lab, struct attempt *a,
    struct nodes *nodes, struct phase *phases, bool *ret_booted, struct lr_error *err)
{
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    bool revived;
    if (!set_right(h, lab, a, &revived, err))
        return false;
    *ret_booted = *ret_booted || revived;
    int64_t answer_ms = *ret_booted ? BOOT_MS : (int64_t)ANSWER_MS * nodes_patience(nodes);
    return (nodes_wait(nodes, true, deadline_in(answer_ms), &own) || not_on_all(&own, err)) &&
        look(lab, nodes, phases, err);
}

bool power_up(const struct host *h, const struct lab *lab, struct attempt *a, struct nodes *nodes,
    bool *ret_booted, struct lr_error *err)
{
    _free_ struct phase *phases = xcalloc(lab->plan->n_nodes, sizeof *phases);
    struct deadline d = deadline_in(SETTLED_MS);
    int64_t used_ms;
    if (!attempt_used_ms(a, &used_ms, err) || !clock_cut_short(a, ret_booted, err) ||
        !up_once(h, lab, a, nodes, phases, ret_booted, err))
        return false;
    while (any_stopping(lab, phases) && !deadline_passed(d)) {
        bool ready;
        log_debug("a node is in a reboot: waiting");
        if (!wait_fd(-1, 0, deadline_in(RETRY_MS), &ready, err) ||
            !up_once(h, lab, a, nodes, phases, ret_booted, err))
            return false;
    }
    for (size_t i = 0; i < lab->plan->n_nodes; i++)
        *ret_booted = *ret_booted || phases[i].stopping ||
            is_fresh(&phases[i], used_ms, nodes_patience(nodes));
    return true;
}

bool power_dial(const struct host *h, const struct lab *lab, size_t node, struct deadline deadline,
    int *ret_fd, struct lr_error *err)
{
    struct deadline patience = deadline_sooner(deadline, deadline_in(GOING_OFF_MS));
    bool told = false;
    for (;;) {
        bool wait, ready;
        if (!set_right_if_free(h, lab, node, &wait, err))
            return false;
        _close_ int fd = -1;
        if (!wait && h->ops->dial(h->driver, lab->plan, node, lab->dir, deadline, &fd, err)) {
            if (!may_enter(h, lab, node, &wait, err))
                return false;
            if (!wait) {
                *ret_fd = steal_fd(&fd);
                return true;
            }
        }
        if (!wait && (err->code != LR_EINFRA || deadline_passed(patience)))
            return false;
        if (deadline_passed(deadline))
            return lr_error_set(
                err, LR_EBUSY, "another labrun command is working on lab '%s'", lab->name);
        if (!wait)
            log_debug("node '%s': %s; trying again", lab->plan->nodes[node].name, err->message);
        else if (!told)
            log_info("another command has lab '%s': waiting", lab->name);
        told = told || wait;
        lr_error_clear(err);
        if (!wait_fd(-1, 0, deadline_sooner(deadline, deadline_in(RETRY_MS)), &ready, err))
            return false;
    }
}
