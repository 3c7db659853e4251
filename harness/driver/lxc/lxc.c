/* The lxc driver: containers with their own systemd, network and user namespace. See lxc.h for what
 * it keeps where, and the head of each file for how. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <sys/utsname.h>

static bool lxc_open(struct driver **ret, struct lr_error *err)
{
    _virt_connect_ virConnectPtr c = NULL;
    if (!virt_open(LXC_URI, &c, err))
        return false;
    struct driver *d = xnew(struct driver);
    d->conn = STEAL(c);
    *ret = d;
    return true;
}

static void lxc_close(struct driver *d)
{
    if (!d)
        return;
    virConnectClose(d->conn);
    free(d);
}

/* Files do not mind which kernel or libvirt they were written under. */
static bool lxc_stage_key(struct driver *d, struct hasher *h, struct lr_error *err)
{
    (void)d;
    (void)err;
    struct utsname u;
    uname(&u);
    hasher_adds(h, "lxc stage 1");
    hasher_adds(h, u.machine);
    return true;
}

/* One thing done to all nodes that are on, or to one. */
struct each {
    struct driver *d;
    const struct plan *p;
    int only; /* -1: all */
    bool (*fn)(virDomainPtr dom, struct lr_error *err);
    const char *doing;
};

static bool each_node(size_t i, void *data, struct lr_error *err)
{
    const struct each *e = data;
    const struct plan_node *n = &e->p->nodes[i];
    if (e->only >= 0 && i != (size_t)e->only)
        return true;
    _virt_domain_ virDomainPtr dom = NULL;
    if (!virt_domain_find(e->d->conn, n->domain, n->uuid, &dom, err) || (dom && !e->fn(dom, err)))
        return lr_error_prefix(err, "%s node '%s'", e->doing, n->name);
    return true;
}

static bool lxc_power_cut(struct driver *d, const struct plan *p, int node, struct lr_error *err)
{
    struct each e = {d, p, node, lxc_domain_kill, "cutting the power of"};
    return parallel_run(p->n_nodes, each_node, &e, err);
}

static bool is_paused(virDomainPtr dom)
{
    int state = VIR_DOMAIN_NOSTATE;
    return virDomainGetState(dom, &state, NULL, 0) == 0 && state == VIR_DOMAIN_PAUSED;
}

/* Read in libvirt's source, not tried: its lxc driver freezes through cgroup v1 alone. */
static bool pause_one(virDomainPtr dom, struct lr_error *err)
{
    if (is_paused(dom) || virDomainSuspend(dom) == 0)
        return true;
    virt_error(err, "suspending domain '%s'", virDomainGetName(dom));
    return path_exists("/sys/fs/cgroup/cgroup.controllers") &&
        lr_error_hint(err,
            "libvirt's lxc driver pauses through cgroup v1, which this host does not have; "
            "`labrun stop` and a new start, or the qemu driver, are what is left");
}

static bool resume_one(virDomainPtr dom, struct lr_error *err)
{
    return !is_paused(dom) || virDomainResume(dom) == 0 ||
        virt_error(err, "resuming domain '%s'", virDomainGetName(dom));
}

static bool lxc_set_paused(
    struct driver *d, const struct plan *p, bool paused, struct lr_error *err)
{
    struct each e = {d, p, -1, paused ? pause_one : resume_one, paused ? "pausing" : "resuming"};
    return parallel_run(p->n_nodes, each_node, &e, err);
}

static bool lxc_node_state(
    struct driver *d, const struct plan *p, size_t node, enum node_state *ret, struct lr_error *err)
{
    const struct plan_node *n = &p->nodes[node];
    _virt_domain_ virDomainPtr dom = NULL;
    if (!virt_domain_find(d->conn, n->domain, n->uuid, &dom, err))
        return false;
    int state = VIR_DOMAIN_SHUTOFF;
    if (dom && virDomainGetState(dom, &state, NULL, 0) < 0 && !virt_not_found())
        return virt_error(err, "asking for the state of node '%s'", n->name);
    bool off = state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_CRASHED;
    *ret = off ? NODE_OFF : state == VIR_DOMAIN_PAUSED ? NODE_PAUSED : NODE_RUNNING;
    return true;
}

const struct driver_ops driver_lxc = {
    .name = "lxc",
    .summary =
        "containers with their own systemd, network and users: fast, share the host's kernel",
    .clones_memory = false,
    .report = lxc_report,
    .open = lxc_open,
    .close = lxc_close,
    .stage_key = lxc_stage_key,
    .create = lxc_create,
    .freeze = lxc_freeze,
    .verify_stage = lxc_verify_stage,
    .end_nodes = lxc_end_nodes,
    .destroy = lxc_destroy,
    .power_cut = lxc_power_cut,
    .boot = lxc_boot,
    .reset_node = lxc_reset_node,
    .set_paused = lxc_set_paused,
    .dial = lxc_dial,
    .node_state = lxc_node_state,
    .reap = lxc_reap,
};
