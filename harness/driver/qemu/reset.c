/* One node back to its stage while the others go on. Its frozen memory is of no use then: it is of
 * an instant that the neighbours have left, with connections they have closed, leases and epochs
 * they have given to others, and a clock behind theirs by the age of the lab. What can be gone back
 * to alone is its disks, as after a power cut at that instant. So it boots from overlays of them,
 * with the lab's own keys as its seed and the clock of a neighbour. */
#include "driver/qemu/ops.h"
#include "driver/qemu/power.h"
#include "driver/segment.h"
#include "util/fs.h"

static bool remove_node(
    struct driver *d, const struct plan *p, size_t node, const char *lab_dir, struct lr_error *err)
{
    _free_ char *dir = xasprintf("%s/nodes/%s", lab_dir, p->nodes[node].name);
    return end_domain(d, p, node, false, err) && tree_remove(dir, err);
}

bool qemu_reset_node(struct driver *d, const struct plan *p, size_t node,
    const struct driver_source *src, const struct seed *seeds, const char *lab_dir,
    struct lr_error *err)
{
    _qemu_lab_ struct qemu_lab lab = {0};
    const char *stage = src->n_stages ? src->stage_dirs[src->n_stages - 1] : NULL;
    if (!qemu_lab_read(lab_dir, p->n_nodes, &lab, err) || !remove_node(d, p, node, lab_dir, err))
        return false;
    timings_phase(src->timings, "end");
    struct start s = {.driver = d, .plan = p, .lab_dir = lab_dir, .lab = &lab, .seeding = true};
    if (!qemu_prepare_node(&s, node, stage, seeds, err) || !segments_create(d->conn, p, err))
        return false;
    timings_phase(src->timings, "clone");
    return qemu_boot_as(&s, (int)node, err);
}
