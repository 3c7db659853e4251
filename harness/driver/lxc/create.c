/* Bringing nodes up, in two waves: root file systems of all nodes at once, beside them the user
 * namespaces they need and the segments, each one after the other; then all domains at once.
 * Whatever is made is found again by the plan, so that nothing has to be undone here when something
 * fails: destroy() does that. */
#include "driver/lxc/lxc.h"
#include "driver/segment.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"
#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct bring_up {
    struct driver *d;
    const struct plan *p;
    const struct lxc_record *record;
    const struct seed *seeds; /* NULL: the nodes have been seeded before */
    const char *lab_dir;
    const size_t *nodes; /* indices of those to bring up */
    size_t n;
    /* One user namespace for each different owner of layers, and for each layer of each node the
     * one that belongs to it. */
    struct userns {
        uint32_t from;
        int fd;
    } * userns;
    size_t n_userns;
    int **fds;
    struct timings *timings; /* NULL: nobody asks */
    bool booting;            /* not for the first time: a node that does not come up stays off */
};

static void bring_up_clear(struct bring_up *b)
{
    for (size_t i = 0; i < b->n_userns; i++)
        close(b->userns[i].fd);
    for (size_t i = 0; b->fds && i < b->p->n_nodes; i++)
        free(b->fds[i]);
    free(b->fds);
    free(b->userns);
}

static bool userns_for(struct bring_up *b, uint32_t from, int *ret, struct lr_error *err)
{
    for (size_t i = 0; i < b->n_userns; i++) {
        *ret = b->userns[i].fd;
        if (b->userns[i].from == from)
            return true;
    }
    if (!lxc_userns_open(from, b->record->uid_base, ret, err))
        return false;
    struct userns *u = array_append(b->userns, b->n_userns);
    *u = (struct userns){from, *ret};
    return true;
}

static bool prepare_userns(struct bring_up *b, struct lr_error *err)
{
    b->fds = xcalloc(b->p->n_nodes, sizeof *b->fds);
    for (size_t i = 0; i < b->n; i++) {
        const struct lxc_stack *s = &b->record->nodes[b->nodes[i]];
        int *fds = b->fds[b->nodes[i]] = xcalloc(s->n, sizeof *fds);
        for (size_t k = 0; k < s->n; k++)
            if (!userns_for(b, s->layers[k].uid_base, &fds[k], err))
                return false;
    }
    return true;
}

static bool mount_node(struct bring_up *b, size_t node, struct lr_error *err)
{
    const struct plan_node *n = &b->p->nodes[node];
    _free_ char *dir = lxc_node_dir(b->lab_dir, n);
    _free_ char *root = path_join(dir, "root");
    if (!path_has_mounts(root) &&
        !lxc_overlay_mount(&b->record->nodes[node], b->fds[node], b->record->uid_base, dir, err))
        return false;
    return !b->seeds || lxc_rootfs_fill(root, b->record->uid_base, &b->seeds[node], n, err);
}

static bool root_file_system(size_t i, void *data, struct lr_error *err)
{
    struct bring_up *b = data;
    int64_t began = now_ms();
    size_t node = b->nodes[i];
    if (!mount_node(b, node, err))
        return lr_error_prefix(err, "preparing node '%s'", b->p->nodes[node].name);
    timings_part(b->timings, "root file system", b->p->nodes[node].name, began);
    return true;
}

static bool first_wave(size_t i, void *data, struct lr_error *err)
{
    struct bring_up *b = data;
    int64_t began = now_ms();
    bool ok;
    if (i == 0) {
        ok = segments_create(b->d->conn, b->p, err);
        timings_part(b->timings, "segments", NULL, began);
    } else {
        ok = prepare_userns(b, err);
        timings_part(b->timings, "user namespaces", NULL, began);
        ok = ok && parallel_run(b->n, root_file_system, b, err);
    }
    return ok;
}

/* A node that was up before has been in the hands of those who are root on it: that it does not
 * boot any more is for the checks to tell. Nobody is root on a witness, and what is the host's
 * fault keeps it from booting, too. */
static bool may_stay_off(const struct bring_up *b, size_t node)
{
    return b->booting && !b->p->nodes[node].witness;
}

/* Libvirt's words for what went wrong in the container or on the way there. */
static bool guest_failed(void)
{
    const char *message = virGetLastErrorMessage();
    return strstr(message, "guest failed to start") ||
        strstr(message, "Failure in libvirt_lxc startup") ||
        strstr(message, "/run/libvirt/lxc/"); /* its monitor's socket: nobody is there any more */
}

/* Init waits at its gate to be moved before it becomes systemd (see cgroup.c); no init means that
 * the node has failed at once, and libvirt's error is lost by then. */
static bool adopt(struct bring_up *b, size_t node, virDomainPtr dom, struct lr_error *err)
{
    pid_t pid = -1;
    _close_ int init = -1;
    if (!lxc_init_find(dom, &pid, &init, err))
        return false;
    if (init < 0 && may_stay_off(b, node))
        return true;
    if (init < 0)
        return lr_error_set(err, LR_EINFRA, "the container ended at once");
    return lxc_cgroup_adopt(&b->p->nodes[node], pid, b->record->uid_base, err);
}

/* libvirt's lxc driver does not look at <mtu>: the host's ends of the interfaces come up with 1500,
 * whatever the segment has. The guests' ends are their own affair. */
static bool set_mtus(const struct plan *p, const struct plan_node *n, struct lr_error *err)
{
    _close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (size_t i = 0; i < n->n_nics; i++) {
        _free_ char *name = lxc_host_ifname(n, i);
        struct ifreq r = {.ifr_mtu = (int)p->segments[n->nics[i].segment].mtu};
        strncpy(r.ifr_name, name, sizeof r.ifr_name - 1);
        if (ioctl(fd, SIOCSIFMTU, &r) < 0)
            return lr_error_errno(err, errno, "setting the MTU of '%s'", name);
    }
    return true;
}

/* Was it the node's own first process that ended, at whatever instant? What was done to the node
 * then has failed for that, and it is off. */
static bool has_given_up(const struct plan_node *n, virDomainPtr dom, struct lr_error *err)
{
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    pid_t pid;
    _close_ int init = -1;
    if (!lxc_init_find(dom, &pid, &init, &own) || init >= 0 || !lxc_domain_kill(dom, &own))
        return false;
    log_warning("node '%s' does not boot and stays off: %s", n->name, err->message);
    lr_error_clear(err);
    return true;
}

static bool start_node(struct bring_up *b, size_t node, struct lr_error *err)
{
    const struct plan_node *n = &b->p->nodes[node];
    _free_ char *dir = lxc_node_dir(b->lab_dir, n);
    _free_ char *root = path_join(dir, "root");
    _free_ char *xml = lxc_domain_xml(b->p, node, root, b->record->uid_base);
    _lxc_gate_ struct lxc_gate gate = LXC_GATE_INIT;
    if (!lxc_gate_make(&gate, err))
        return false;
    _virt_domain_ virDomainPtr dom = lxc_domain_create(b->d->conn, xml, &gate);
    if (!dom && may_stay_off(b, node) && guest_failed()) {
        log_warning("node '%s' does not boot and stays off: %s", n->name, virGetLastErrorMessage());
        return true;
    }
    if (!dom)
        return virt_error(err, "creating domain '%s'", n->domain);
    return (set_mtus(b->p, n, err) && adopt(b, node, dom, err) && lxc_gate_open(&gate, err)) ||
        (may_stay_off(b, node) && has_given_up(n, dom, err));
}

static bool second_wave(size_t i, void *data, struct lr_error *err)
{
    struct bring_up *b = data;
    size_t node = b->nodes[i];
    int64_t began = now_ms();
    if (!start_node(b, node, err))
        return lr_error_prefix(err, "starting node '%s'", b->p->nodes[node].name);
    timings_part(b->timings, "domain", b->p->nodes[node].name, began);
    return true;
}

static bool make_nodes_dir(const char *lab_dir, struct lr_error *err)
{
    _free_ char *nodes = path_join(lab_dir, "nodes");
    if (!dir_make(nodes, 0711, err))
        return false;
    /* A node's mapped root passes through here; the umask must not be in its way. */
    return chmod(nodes, 0711) == 0 || lr_error_errno(err, errno, "opening '%s'", nodes);
}

static bool bring_up(struct bring_up *b, struct lr_error *err)
{
    bool ok = make_nodes_dir(b->lab_dir, err) && parallel_run(2, first_wave, b, err);
    timings_phase(b->timings, "clone");
    ok = ok && cancel_check(err) && parallel_run(b->n, second_wave, b, err);
    bring_up_clear(b);
    return ok;
}

bool lxc_create(struct driver *d, const struct plan *p, const struct driver_source *src,
    const struct seed *seeds, const char *lab_dir, struct lr_error *err)
{
    _lxc_record_ struct lxc_record record = {0};
    if (!lxc_record_make(p, src, lab_dir, &record, err))
        return false;
    _free_ size_t *all = xcalloc(p->n_nodes, sizeof *all);
    for (size_t i = 0; i < p->n_nodes; i++)
        all[i] = i;
    struct bring_up b = {.d = d,
        .p = p,
        .record = &record,
        .seeds = seeds,
        .lab_dir = lab_dir,
        .nodes = all,
        .n = p->n_nodes,
        .timings = src->timings};
    return bring_up(&b, err);
}

bool lxc_reset_node(struct driver *d, const struct plan *p, size_t node,
    const struct driver_source *src, const struct seed *seeds, const char *lab_dir,
    struct lr_error *err)
{
    _lxc_record_ struct lxc_record record = {0};
    if (!lxc_record_renew(p, node, src, lab_dir, &record, err) ||
        !lxc_end_node(d, p, node, lab_dir, err))
        return false;
    timings_phase(src->timings, "end");
    struct bring_up b = {.d = d,
        .p = p,
        .record = &record,
        .seeds = seeds,
        .lab_dir = lab_dir,
        .nodes = &node,
        .n = 1,
        .timings = src->timings};
    return bring_up(&b, err);
}

bool lxc_boot(
    struct driver *d, const struct plan *p, int node, const char *lab_dir, struct lr_error *err)
{
    _lxc_record_ struct lxc_record record = {0};
    if (!lxc_record_load(p, lab_dir, &record, err))
        return false;
    _free_ size_t *off = xcalloc(p->n_nodes, sizeof *off);
    size_t n = 0;
    for (size_t i = 0; i < p->n_nodes; i++) {
        _virt_domain_ virDomainPtr dom = NULL;
        if (node >= 0 && i != (size_t)node)
            continue;
        if (!virt_domain_find(d->conn, p->nodes[i].domain, p->nodes[i].uuid, &dom, err))
            return false;
        if (!dom)
            off[n++] = i;
    }
    struct bring_up b = {.d = d,
        .p = p,
        .record = &record,
        .lab_dir = lab_dir,
        .nodes = off,
        .n = n,
        .booting = true};
    return n == 0 || bring_up(&b, err);
}
