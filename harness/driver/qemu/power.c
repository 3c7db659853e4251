/* Ending, cutting, booting, pausing: what happens to nodes that are there already. */
#include "driver/qemu/power.h"
#include "driver/qemu/manifest.h"
#include "driver/qemu/ops.h"
#include "driver/qemu/qmp.h"
#include "driver/qemu/store.h"
#include "driver/segment.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"
#include <errno.h>

#define POLL_MS     20
#define AHEAD_KVM_S 2 /* how long an emulator may take to be started: see struct boot */
#define AHEAD_TCG_S 5
#define NEAR_S      3600

struct power {
    struct driver *driver;
    const struct plan *plan;
    bool pause; /* set_paused: which way */
};

static bool find(
    struct driver *d, const struct plan *p, size_t i, virDomainPtr *ret, struct lr_error *err)
{
    return virt_domain_find(d->conn, p->nodes[i].domain, p->nodes[i].uuid, ret, err);
}

/* libvirt sends SIGTERM first, on which an emulator writes out what its disks' metadata caches hold
 * (cache=unsafe leaves it there even when the guest flushes), and SIGKILL after ten seconds, unless
 * GRACEFUL. */
bool end_domain(struct driver *d, const struct plan *p, size_t i, bool gently, struct lr_error *err)
{
    _virt_domain_ virDomainPtr dom = NULL;
    if (!find(d, p, i, &dom, err))
        return false;
    if (!dom || virDomainDestroyFlags(dom, gently ? VIR_DOMAIN_DESTROY_GRACEFUL : 0) == 0 ||
        virt_not_found())
        return true;
    const virError *e = virGetLastError();
    if (e && e->code == VIR_ERR_OPERATION_INVALID && virDomainIsActive(dom) != 1)
        return true; /* it ended by itself in between */
    /* For its error, which the question above has replaced; or it ends this time. */
    return virDomainDestroyFlags(dom, gently ? VIR_DOMAIN_DESTROY_GRACEFUL : 0) == 0 ||
        virt_error(err, "ending node '%s'", p->nodes[i].name);
}

static bool end_one(size_t i, void *data, struct lr_error *err)
{
    const struct power *w = data;
    return end_domain(w->driver, w->plan, i, false, err);
}

/* Whatever is still there, and what it leaves. */
static bool destroy_one(size_t i, void *data, struct lr_error *err)
{
    const struct power *w = data;
    const struct plan_node *node = &w->plan->nodes[i];
    bool foreign = virt_warn_foreign(w->driver->conn, node->domain, NULL, node->uuid);
    if (!end_one(i, data, err))
        return false;
    if (!foreign)
        virt_forget_log("qemu", node->domain);
    return memory_shm_forget(node->uuid, err);
}

/* Twice: when a command is killed in the middle of virDomainCreateXML, the daemon may begin with it
 * after we have looked. It then finds no disks and gives up; but if it was quicker, the domain is
 * here the second time. */
bool qemu_end_nodes(
    struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err)
{
    struct power w = {.driver = d, .plan = p};
    _free_ char *nodes = path_join(lab_dir, "nodes");
    _free_ char *record = path_join(lab_dir, "qemu.json");
    if (!parallel_run(p->n_nodes, end_one, &w, err) || !tree_remove(nodes, err) ||
        !parallel_run(p->n_nodes, destroy_one, &w, err))
        return false;
    if (unlink(record) < 0 && errno != ENOENT)
        return lr_error_errno(err, errno, "removing '%s'", record);
    return true;
}

bool qemu_destroy(struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err)
{
    return qemu_end_nodes(d, p, lab_dir, err) && segments_destroy(d->conn, p, err);
}

static bool cut(size_t i, void *data, struct lr_error *err)
{
    const struct power *w = data;
    return end_domain(w->driver, w->plan, i, true, err);
}

bool qemu_power_cut(struct driver *d, const struct plan *p, int node, struct lr_error *err)
{
    struct power w = {.driver = d, .plan = p};
    return node >= 0 ? cut((size_t)node, &w, err) : parallel_run(p->n_nodes, cut, &w, err);
}

/* *ret is NULL, and the state that of one that is off, where there is no domain. */
static bool find_with_state(struct driver *d, const struct plan *p, size_t node, virDomainPtr *ret,
    int *ret_state, int *ret_reason, struct lr_error *err)
{
    *ret_state = VIR_DOMAIN_SHUTOFF;
    if (!find(d, p, node, ret, err))
        return false;
    if (*ret && virDomainGetState(*ret, ret_state, ret_reason, 0) < 0 && !virt_not_found())
        return virt_error(err, "asking for the state of node '%s'", p->nodes[node].name);
    return true;
}

/* A guest that has suspended itself wakes up for nobody here: it counts as frozen, like one whose
 * boot was cut short, and is booted anew. */
bool qemu_node_state(
    struct driver *d, const struct plan *p, size_t node, enum node_state *ret, struct lr_error *err)
{
    _virt_domain_ virDomainPtr dom = NULL;
    int state, reason = 0;
    if (!find_with_state(d, p, node, &dom, &state, &reason, err))
        return false;
    bool paused = state == VIR_DOMAIN_PAUSED || state == VIR_DOMAIN_PMSUSPENDED;
    bool off = state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_CRASHED;
    bool stuck = state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_IOERROR;
    *ret = off ? NODE_OFF : stuck ? NODE_STUCK : paused ? NODE_PAUSED : NODE_RUNNING;
    return true;
}

static bool set_one_paused(size_t i, void *data, struct lr_error *err)
{
    const struct power *w = data;
    int state;
    _virt_domain_ virDomainPtr dom = NULL;
    if (!find_with_state(w->driver, w->plan, i, &dom, &state, NULL, err))
        return false;
    if (state != (w->pause ? VIR_DOMAIN_RUNNING : VIR_DOMAIN_PAUSED))
        return true;
    if ((w->pause ? virDomainSuspend(dom) : virDomainResume(dom)) == 0)
        return true;
    return virt_error(
        err, "%s node '%s'", w->pause ? "pausing" : "resuming", w->plan->nodes[i].name);
}

bool qemu_set_paused(struct driver *d, const struct plan *p, bool paused, struct lr_error *err)
{
    struct power w = {.driver = d, .plan = p, .pause = paused};
    return parallel_run(p->n_nodes, set_one_paused, &w, err);
}

static bool pause_poll(struct lr_error *err)
{
    bool ready;
    return wait_fd(-1, 0, deadline_in(POLL_MS), &ready, err);
}

/* Booting nodes in a lab whose clocks may be far from the host's. An RTC is set when the emulator
 * is started, which takes seconds on a busy host, and stands until the node is resumed. So it is
 * set a little ahead of what a running neighbour's shows, and the node is resumed when that has
 * come to it. */
struct boot {
    struct start start;
    virDomainPtr neighbour; /* NULL: none runs */
    virDomainPtr *domains;  /* one a node; NULL: was not off */
};

static bool find_neighbour(struct boot *b, bool witness, struct lr_error *err)
{
    const struct start *s = &b->start;
    for (size_t i = 0; i < s->plan->n_nodes && !b->neighbour; i++) {
        _virt_domain_ virDomainPtr dom = NULL;
        int state;
        if (s->plan->nodes[i].witness != witness)
            continue;
        if (!find_with_state(s->driver, s->plan, i, &dom, &state, NULL, err))
            return false;
        if (state == VIR_DOMAIN_RUNNING)
            b->neighbour = STEAL(dom);
    }
    return true;
}

/* What the lab's first instant has become since, unless a running neighbour says what its clock
 * shows. On a witness nobody is root; elsewhere an RTC can be set to anything by those who are, and
 * counts only where it is near. */
static bool set_clock(struct boot *b, struct lr_error *err)
{
    struct start *s = &b->start;
    int64_t counted = qemu_lab_clock(s->lab);
    s->clock = counted;
    if (!find_neighbour(b, true, err))
        return false;
    bool trusted = b->neighbour;
    if (!trusted && !find_neighbour(b, false, err))
        return false;
    if (!b->neighbour)
        return true;
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    int64_t shown;
    bool read = qmp_rtc(b->neighbour, &shown, &own);
    if (read && (trusted || llabs(shown - counted) <= NEAR_S)) {
        s->clock = shown + (s->driver->host.kvm ? AHEAD_KVM_S : AHEAD_TCG_S);
        return true;
    }
    if (trusted) {
        lr_error_move(err, &own);
        return false;
    }
    log_debug("a node's clock is not taken for the lab's: %s",
        read ? "it is far from what has passed since the start" : own.message);
    virDomainFree(STEAL(b->neighbour));
    return true;
}

static bool await_neighbour(const struct boot *b, struct lr_error *err)
{
    struct deadline give_up = deadline_in(2 * AHEAD_TCG_S * 1000);
    int64_t clock = 0;
    while (b->neighbour && clock < b->start.clock && !deadline_passed(give_up))
        if (!qmp_rtc(b->neighbour, &clock, err) || !pause_poll(err))
            return false;
    if (clock > b->start.clock)
        log_debug("the booted nodes' clocks are %lld s behind their neighbours'",
            (long long)(clock - b->start.clock));
    return true;
}

static bool boot_one(size_t i, void *data, struct lr_error *err)
{
    struct boot *b = data;
    const struct start *s = &b->start;
    const struct plan_node *node = &s->plan->nodes[i];
    enum node_state state;
    if (!qemu_node_state(s->driver, s->plan, i, &state, err))
        return false;
    if (state != NODE_OFF)
        return true;
    if (s->lab->for_stage) {
        _free_ char *ram = qemu_ram_path(s->lab_dir, node);
        if (unlink(ram) < 0 && errno != ENOENT)
            return lr_error_errno(err, errno, "removing '%s'", ram);
        if (!memory_create(&s->driver->host, ram, node->memory_mib, err))
            return false;
    }
    return start_domain(s, i, &b->domains[i], err);
}

static bool let_go(size_t i, void *data, struct lr_error *err)
{
    const struct boot *b = data;
    if (!b->domains[i] || virDomainResume(b->domains[i]) == 0)
        return true;
    return virt_error(err, "letting node '%s' boot", b->start.plan->nodes[i].name);
}

static bool boot_nodes(struct boot *b, int node, struct lr_error *err)
{
    size_t n = b->start.plan->n_nodes;
    if (!set_clock(b, err))
        return false;
    if (node >= 0 ? !boot_one((size_t)node, b, err) : !parallel_run(n, boot_one, b, err))
        return false;
    return await_neighbour(b, err) && parallel_run(n, let_go, b, err);
}

bool qemu_boot_as(const struct start *start, int node, struct lr_error *err)
{
    size_t n = start->plan->n_nodes;
    struct boot b = {.start = *start, .domains = xcalloc(n, sizeof *b.domains)};
    b.start.paused = true;
    bool ok = boot_nodes(&b, node, err);
    for (size_t i = 0; i < n; i++) {
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        /* One that was not let go is off again, for whoever tries next. */
        if (!ok && b.domains[i] && !end_domain(start->driver, start->plan, i, true, &own))
            log_warning("%s", own.message);
        cleanup_virt_domain(&b.domains[i]);
    }
    cleanup_virt_domain(&b.neighbour);
    free(b.domains);
    return ok;
}

bool qemu_boot(
    struct driver *d, const struct plan *p, int node, const char *lab_dir, struct lr_error *err)
{
    _qemu_lab_ struct qemu_lab lab = {0};
    /* The host may have been rebooted since, and its networks with it. */
    if (!qemu_lab_read(lab_dir, p->n_nodes, &lab, err) || !segments_create(d->conn, p, err))
        return false;
    struct start start = {.driver = d, .plan = p, .lab_dir = lab_dir, .lab = &lab};
    return qemu_boot_as(&start, node, err);
}
