#include "lab/power.h"
#include "lab/clock.h"
#include "record/state.h"
#include "util/log.h"

#define BOOT_MS (10 * 60 * 1000)
#define SYNC_MS (60 * 1000)
/* For nodes that are on. One that a killed command left half booted goes off after ten seconds. */
#define ANSWER_MS (20 * 1000)
/* A node that is being cut off looks alive for a moment, and then is gone. */
#define GOING_OFF_MS (20 * 1000)
#define RETRY_MS     200
/* Long enough for what has a start-up timeout of its own (systemd's is 90 s). */
#define SETTLED_MS (100 * 1000)

/* What a node does not do is for the checks to tell, and does not end a grading. False, with *err,
 * for what does: an interruption, or a host that has nobody to ask. */
static bool bearable(struct lr_error *own, struct lr_error *err)
{
    if (own->code != LR_EINTERRUPTED && own->code != LR_ESERVICE)
        return true;
    lr_error_move(err, own);
    return false;
}

/* For what helps a fair judgement but does not decide it: a node that cannot be asked, or does not
 * do it in time, is judged as it is. */
static bool on_all(
    struct nodes *nodes, const char *command, int64_t timeout_ms, struct lr_error *err)
{
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if (nodes_run_all(nodes, command, timeout_ms, &own))
        return true;
    if (!bearable(&own, err))
        return false;
    log_debug("not on all nodes: %s", own.message);
    return true;
}

/* What was mended seconds ago may not be on the disk yet, and a mend is not to be judged by when
 * the guest's kernel writes back. */
static bool write_back(struct nodes *nodes, struct lr_error *err)
{
    return on_all(nodes, "/usr/bin/sync", SYNC_MS, err);
}

/* ssh answers, through the driver, long before the rest of the system is up. Exit status 1 is a
 * system with a failed unit, which is for the checks to judge. */
static bool booted(struct nodes *nodes, struct lr_error *err)
{
    return on_all(
        nodes, "/usr/bin/systemctl is-system-running --wait >/dev/null || true", SETTLED_MS, err);
}

bool power_cycle(const struct host *h, struct lab *lab, struct nodes *nodes, struct lr_error *err)
{
    if (!write_back(nodes, err))
        return false;
    log_info("cutting the power of %zu nodes", lab->plan->n_nodes);
    if (!h->ops->power_cut(h->driver, lab->plan, -1, err))
        return lr_error_prefix(err, "cutting the power of lab '%s'", lab->name);
    nodes_forget(nodes);
    log_info("booting %zu nodes", lab->plan->n_nodes);
    if (!h->ops->boot(h->driver, lab->plan, -1, lab->dir, err))
        return lr_error_prefix(err, "booting lab '%s' after the power cut", lab->name);
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if (nodes_wait(nodes, deadline_in(BOOT_MS), &own))
        return booted(nodes, err);
    if (!bearable(&own, err))
        return false;
    log_warning("after the power cut, %s", own.message);
    return booted(nodes, err); /* the others */
}

/* Boots those nodes that are off: a candidate's `reboot` or `poweroff` ends a node where nobody
 * stands by to start it again. Under the lab's lock. */
static bool revive(const struct host *h, const struct lab *lab, bool *ret_any, struct lr_error *err)
{
    *ret_any = false;
    for (size_t i = 0; i < lab->plan->n_nodes; i++) {
        enum node_state state;
        if (!h->ops->node_state(h->driver, lab->plan, i, &state, err))
            return false;
        if (state != NODE_OFF)
            continue;
        log_info("node '%s' is off: booting it", lab->plan->nodes[i].name);
        if (!h->ops->boot(h->driver, lab->plan, (int)i, lab->dir, err))
            return lr_error_prefix(err, "booting node '%s'", lab->plan->nodes[i].name);
        *ret_any = true;
    }
    return true;
}

/* What a killed command or a reboot of the host left is set right: nodes that are off, and the
 * candidate's clock, which counts from an event of this boot. Under the lab's lock. */
static bool set_right(const struct host *h, const struct lab *lab, struct attempt *a,
    bool *ret_booted, struct lr_error *err)
{
    return revive(h, lab, ret_booted, err) && (!a || clock_mend(h, lab, a, err)) &&
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

/* The same for whoever only wants to get in. */
static bool set_right_if_free(
    const struct host *h, const struct lab *lab, size_t node, bool *ret_wait, struct lr_error *err)
{
    _close_ int lock = -1;
    _attempt_ struct attempt *a = NULL;
    bool booted_any;
    *ret_wait = false;
    if (!state_lock_lab(h->state_dir, lab->name, false, &lock, err) && err->code != LR_EBUSY)
        return false;
    lr_error_clear(err);
    if (lab->attempt && !attempt_open(h->state_dir, lab->attempt, &a, err))
        return false;
    if (lock < 0)
        return must_wait(h, lab, a, node, ret_wait, err);
    return lab_still_runs(h->state_dir, lab, err) && set_right(h, lab, a, &booted_any, err);
}

bool power_up(const struct host *h, const struct lab *lab, struct attempt *a, struct nodes *nodes,
    bool *ret_booted, struct lr_error *err)
{
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    bool cut_short = false;
    if ((a && !clock_cut_short(a, &cut_short, err)) || !set_right(h, lab, a, ret_booted, err))
        return false;
    *ret_booted = *ret_booted || cut_short;
    if (!nodes_wait(nodes, deadline_in(*ret_booted ? BOOT_MS : ANSWER_MS), &own)) {
        if (!bearable(&own, err))
            return false;
        log_debug("not all nodes answer: %s", own.message);
        if (!*ret_booted)
            return true;
    }
    return booted(nodes, err); /* one of them may be in a reboot of its own */
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
        if (!wait && h->ops->dial(h->driver, lab->plan, node, lab->dir, deadline, ret_fd, err))
            return true;
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
