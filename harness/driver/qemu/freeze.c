/* A stage out of a running lab: all nodes are suspended, then the emulators write what is not in
 * the memory files (device states, a few hundred KiB), then they end, closing the disks. Disks move
 * into the stage by rename, memory too or as a copy; the manifest, written last, makes them one. */
#include "driver/qemu/manifest.h"
#include "driver/qemu/ops.h"
#include "driver/qemu/qmp.h"
#include "driver/qemu/store.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define STATE_MS (2 * 60 * 1000)

struct freeze {
    struct driver *driver;
    const struct plan *plan;
    const char *lab_dir;
    const char *stage_dir;
    virDomainPtr *domains; /* one a node */
    struct deadline deadline;
};

static bool find(size_t i, void *data, struct lr_error *err)
{
    struct freeze *f = data;
    const struct plan_node *node = &f->plan->nodes[i];
    if (!virt_domain_find(f->driver->conn, node->domain, node->uuid, &f->domains[i], err))
        return false;
    if (!f->domains[i])
        return lr_error_set(err, LR_EINFRA, "node '%s' does not run", node->name);
    return true;
}

static bool suspend(size_t i, void *data, struct lr_error *err)
{
    struct freeze *f = data;
    if (virDomainSuspend(f->domains[i]) == 0)
        return true;
    return virt_error(err, "suspending node '%s'", f->plan->nodes[i].name);
}

static bool save_state(size_t i, void *data, struct lr_error *err)
{
    struct freeze *f = data;
    const struct plan_node *node = &f->plan->nodes[i];
    _free_ char *dir = path_join(f->stage_dir, node->name);
    _free_ char *path = qemu_stage_path(f->stage_dir, node, "state");
    if (!dir_make(dir, 0711, err))
        return false;
    _close_ int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return lr_error_errno(err, errno, "creating '%s'", path);
    if (!qmp_state_out(f->domains[i], fd, f->deadline, err))
        return lr_error_prefix(err, "saving the state of node '%s'", node->name);
    return true;
}

static bool end(size_t i, void *data, struct lr_error *err)
{
    const struct freeze *f = data;
    return end_domain(f->driver, f->plan, i, true, err);
}

/* Overlays of later labs are read by the emulator's user, and nobody writes to a disk again. Memory
 * is opened for writing by QEMU 7.2 even where it is mapped copy-on-write. */
static bool move(const struct freeze *f, const struct plan_node *node, const char *file,
    mode_t mode, struct lr_error *err)
{
    bool ram = streq(file, "ram");
    _free_ char *from =
        ram ? qemu_ram_path(f->lab_dir, node) : qemu_lab_path(f->lab_dir, node, file);
    _free_ char *to = qemu_stage_path(f->stage_dir, node, file);
    bool moved = rename(from, to) == 0;
    if (!moved && errno == EXDEV && ram) {
        if (!memory_copy(&f->driver->host, from, to, err) || !memory_shm_forget(node->uuid, err))
            return false;
        moved = true;
    }
    if (!moved)
        return lr_error_errno(err, errno, "moving '%s' to '%s'", from, to);
    return store_settle(&f->driver->host, to, mode, err);
}

static bool keep(size_t i, void *data, struct lr_error *err)
{
    const struct freeze *f = data;
    const struct plan_node *node = &f->plan->nodes[i];
    for (size_t k = 0; k <= node->n_disks; k++) {
        _free_ char *disk = qemu_disk_name(k);
        if (!move(f, node, disk, 0400, err))
            return false;
    }
    _free_ char *state = qemu_stage_path(f->stage_dir, node, "state");
    return move(f, node, "ram", 0600, err) && store_settle(&f->driver->host, state, 0400, err);
}

static bool run(struct freeze *f, struct lr_error *err)
{
    size_t n = f->plan->n_nodes;
    int64_t clock;
    f->deadline = deadline_in(STATE_MS);
    return parallel_run(n, find, f, err) && parallel_run(n, suspend, f, err) &&
        qmp_rtc(f->domains[0], &clock, err) && parallel_run(n, save_state, f, err) &&
        parallel_run(n, end, f, err) && parallel_run(n, keep, f, err) &&
        manifest_write(&f->driver->host, f->plan, f->stage_dir, clock, err);
}

bool qemu_freeze(struct driver *d, const struct plan *p, const char *lab_dir, const char *stage_dir,
    struct lr_error *err)
{
    _qemu_lab_ struct qemu_lab lab = {0};
    if (!qemu_lab_read(lab_dir, p->n_nodes, &lab, err))
        return false;
    if (!lab.for_stage)
        return lr_error_set(err, LR_EINFRA, "lab '%s' was not created to be frozen", p->lab);
    struct freeze f = {.driver = d, .plan = p, .lab_dir = lab_dir, .stage_dir = stage_dir};
    f.domains = xcalloc(p->n_nodes, sizeof *f.domains);
    int64_t began = now_ms();
    bool ok = run(&f, err);
    for (size_t i = 0; i < p->n_nodes; i++)
        cleanup_virt_domain(&f.domains[i]);
    free(f.domains);
    log_debug("freezing %zu nodes took %lld ms", p->n_nodes, (long long)(now_ms() - began));
    return ok && qemu_destroy(d, p, lab_dir, err);
}
