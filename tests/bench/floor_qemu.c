/* Virtual machines, from the frozen memory of all nodes, or with `cold` from their frozen disks. */
#include "driver/qemu/lab.h"
#include "driver/qemu/manifest.h"
#include "driver/qemu/overlay.h"
#include "driver/qemu/qmp.h"
#include "driver/qemu/start.h"
#include "floor.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <fcntl.h>

#define STATE_MS (2 * 60 * 1000)

struct work {
    const struct floor *f;
    struct start start;
    virDomainPtr *domains;
};

static bool disks_or_segments(size_t i, void *data, struct lr_error *err)
{
    const struct work *w = data;
    const struct floor *f = w->f;
    if (i == f->plan->n_nodes)
        return floor_segments(f->driver->conn, f->plan, err);
    const struct plan_node *node = &f->plan->nodes[i];
    _free_ char *dir = xasprintf("%s/nodes/%s", f->dir, node->name);
    if (!dir_make(dir, 0711, err))
        return false;
    for (size_t k = 0; k <= node->n_disks; k++) {
        _free_ char *name = qemu_disk_name(k);
        _free_ char *path = qemu_lab_path(f->dir, node, name);
        _free_ char *backing = qemu_stage_path(f->stage, node, name);
        if (!overlay_create(path, backing, err))
            return false;
    }
    return true;
}

static bool start(size_t i, void *data, struct lr_error *err)
{
    struct work *w = data;
    _free_ char *path = qemu_stage_path(w->f->stage, &w->f->plan->nodes[i], "state");
    _close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    return start_domain(&w->start, i, &w->domains[i], err) &&
        (w->f->cold || qmp_state_in(w->domains[i], fd, deadline_in(STATE_MS), err));
}

static bool resume(size_t i, void *data, struct lr_error *err)
{
    const struct work *w = data;
    return w->f->cold || virDomainResume(w->domains[i]) == 0 || virt_error(err, "resume");
}

bool floor_qemu(const struct floor *f, struct lr_error *err)
{
    _qemu_lab_ struct qemu_lab lab = {0};
    size_t n = f->plan->n_nodes;
    if (!qemu_lab_read(f->dir, n, &lab, err))
        return false;
    struct work w = {.f = f,
        .start = {.driver = f->driver,
            .plan = f->plan,
            .lab_dir = f->dir,
            .lab = &lab,
            .stage_dir = f->cold ? NULL : f->stage,
            .clock = lab.clock},
        .domains = xcalloc(n, sizeof *w.domains)};
    bool ok = parallel_run(n + 1, disks_or_segments, &w, err) && parallel_run(n, start, &w, err) &&
        parallel_run(n, resume, &w, err);
    for (size_t i = 0; i < n; i++)
        cleanup_virt_domain(&w.domains[i]);
    free(w.domains);
    return ok;
}
