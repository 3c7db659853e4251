/* Ending a lab, from whatever state it is in. The order is what keeps stages safe: no process, then
 * no mount (checked), and only then is anything deleted, which itself refuses to cross a mount. */
#include "driver/lxc/lxc.h"
#include "driver/segment.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <errno.h>

struct undo {
    struct driver *d;
    const struct plan *p;
    const char *lab_dir;
};

static bool end_domain(const struct undo *u, const struct plan_node *n, struct lr_error *err)
{
    _virt_domain_ virDomainPtr dom = NULL;
    if (!virt_domain_find(u->d->conn, n->domain, n->uuid, &dom, err))
        return false;
    if (dom && !lxc_domain_kill(dom, err))
        return false;
    if (dom || !virt_warn_foreign(u->d->conn, n->domain, NULL, n->uuid))
        virt_forget_log("lxc", n->domain);
    return lxc_cgroup_remove(n->domain, n->uuid, err);
}

static bool end_node(size_t i, void *data, struct lr_error *err)
{
    const struct undo *u = data;
    const struct plan_node *n = &u->p->nodes[i];
    return end_domain(u, n, err) || lr_error_prefix(err, "ending node '%s'", n->name);
}

static bool remove_node(size_t i, void *data, struct lr_error *err)
{
    const struct undo *u = data;
    const struct plan_node *n = &u->p->nodes[i];
    _free_ char *dir = lxc_node_dir(u->lab_dir, n);
    if (lxc_unmount_below(dir, err) && tree_remove(dir, err))
        return true;
    return lr_error_prefix(err, "removing node '%s'", n->name);
}

static bool undo_node(size_t i, void *data, struct lr_error *err)
{
    return end_node(i, data, err) && remove_node(i, data, err);
}

bool lxc_end_node(
    struct driver *d, const struct plan *p, size_t node, const char *lab_dir, struct lr_error *err)
{
    struct undo u = {d, p, lab_dir};
    return undo_node(node, &u, err);
}

/* When a command is killed in the middle of virDomainCreateXML, the daemon may begin with it after
 * we have looked. It then finds no root file system and gives up; but if it was quicker, the domain
 * is here now. */
static bool look_again(const struct undo *u, struct lr_error *err)
{
    for (size_t i = 0; i < u->p->n_nodes; i++) {
        const struct plan_node *n = &u->p->nodes[i];
        _virt_domain_ virDomainPtr dom = NULL;
        if (!virt_domain_find(u->d->conn, n->domain, n->uuid, &dom, err) ||
            (dom && !undo_node(i, (void *)(uintptr_t)u, err)))
            return false;
    }
    return true;
}

static bool remove_files(const char *lab_dir, struct lr_error *err)
{
    _free_ char *nodes = path_join(lab_dir, "nodes");
    _free_ char *record = path_join(lab_dir, LXC_FILE);
    if (!lxc_unmount_below(nodes, err) || !tree_remove(nodes, err))
        return false;
    /* Last, for it keeps the uid range from others. */
    if (unlink(record) < 0 && errno != ENOENT)
        return lr_error_errno(err, errno, "removing '%s'", record);
    return true;
}

bool lxc_end_nodes(
    struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err)
{
    struct undo u = {d, p, lab_dir};
    return parallel_run(p->n_nodes, undo_node, &u, err) && look_again(&u, err) &&
        remove_files(lab_dir, err);
}

/* For each segment libvirt takes fourteen rules out of the host's packet filter, one command
 * after the other: the files go meanwhile. */
static bool files_or_segments(size_t i, void *data, struct lr_error *err)
{
    const struct undo *u = data;
    return i == 0 ? parallel_run(u->p->n_nodes, remove_node, data, err)
                  : segments_destroy(u->d->conn, u->p, err);
}

bool lxc_destroy(struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err)
{
    struct undo u = {d, p, lab_dir};
    return parallel_run(p->n_nodes, end_node, &u, err) &&
        parallel_run(2, files_or_segments, &u, err) && look_again(&u, err) &&
        segments_destroy(d->conn, p, err) && remove_files(lab_dir, err);
}

static bool reap_one(virDomainPtr dom, void *data, struct lr_error *err)
{
    (void)data;
    char uuid[VIR_UUID_STRING_BUFLEN];
    if (virDomainGetUUIDString(dom, uuid) < 0)
        return virt_error(err, "reading a domain's UUID");
    if (!lxc_domain_kill(dom, err) || !lxc_cgroup_remove(virDomainGetName(dom), uuid, err))
        return false;
    virt_forget_log("lxc", virDomainGetName(dom));
    return true;
}

bool lxc_reap(struct driver *d, const char *state_dir, const struct reap_guard *guard, bool dry,
    struct strv *ret_removed, struct lr_error *err)
{
    return virt_reap(d->conn, state_dir, guard, dry, reap_one, NULL, ret_removed, err);
}
