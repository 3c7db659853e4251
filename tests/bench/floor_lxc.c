/* Containers. Root file systems and segments are made beside each other; then all domains start. */
#include "driver/lxc/lxc.h"
#include "floor.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <errno.h>
#include <sys/stat.h>

#define MAX_LAYERS 8

struct work {
    const struct floor *f;
    struct lxc_record record;
    int userns[MAX_LAYERS]; /* one for each layer: all nodes stand on layers of the same owners */
};

static bool make_userns(struct work *w, size_t i, struct lr_error *err)
{
    return lxc_userns_open(
        w->record.nodes[0].layers[i].uid_base, w->record.uid_base, &w->userns[i], err);
}

static bool mount_node(size_t i, void *data, struct lr_error *err)
{
    struct work *w = data;
    const struct floor *f = w->f;
    _free_ char *dir = lxc_node_dir(f->dir, &f->plan->nodes[i]);
    return lxc_overlay_mount(&w->record.nodes[i], w->userns, w->record.uid_base, dir, err);
}

static bool mounts_or_segments(size_t i, void *data, struct lr_error *err)
{
    struct work *w = data;
    if (i == 0)
        return floor_segments(w->f->driver->conn, w->f->plan, err);
    for (size_t k = 0; k < w->record.nodes[0].n; k++)
        if (!make_userns(w, k, err))
            return false;
    return parallel_run(w->f->plan->n_nodes, mount_node, w, err);
}

/* On hybrid hosts a node's init waits to be put into a control group of its own. */
static bool start(size_t i, void *data, struct lr_error *err)
{
    struct work *w = data;
    const struct floor *f = w->f;
    const struct plan_node *n = &f->plan->nodes[i];
    _free_ char *dir = lxc_node_dir(f->dir, n);
    _free_ char *root = path_join(dir, "root");
    _free_ char *xml = lxc_domain_xml(f->plan, i, root, w->record.uid_base);
    _lxc_gate_ struct lxc_gate gate = LXC_GATE_INIT;
    if (!lxc_gate_make(&gate, err))
        return false;
    _virt_domain_ virDomainPtr dom = lxc_domain_create(f->driver->conn, xml, &gate);
    pid_t pid = -1;
    _close_ int init = -1;
    if (!dom)
        return virt_error(err, "domain");
    return lxc_init_find(dom, &pid, &init, err) &&
        lxc_cgroup_adopt(n, pid, w->record.uid_base, err) && lxc_gate_open(&gate, err);
}

bool floor_lxc(const struct floor *f, struct lr_error *err)
{
    struct work w = {.f = f};
    _free_ char *nodes = path_join(f->dir, "nodes");
    if (!lxc_record_load(f->plan, f->dir, &w.record, err))
        return false;
    size_t n = w.record.nodes[0].n;
    bool ok = n <= MAX_LAYERS && dir_make(nodes, 0711, err) && chmod(nodes, 0711) == 0 &&
        parallel_run(2, mounts_or_segments, &w, err) &&
        parallel_run(f->plan->n_nodes, start, &w, err);
    lxc_record_free(&w.record);
    return ok;
}
