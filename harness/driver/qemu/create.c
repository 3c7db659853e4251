/* From an image or a stage to running nodes. The order: the lab's record; then, at the same time,
 * the segments and every node's files; then all domains at once. Clones wait, paused, until each
 * has its state, and then run together, so that none of them sees another one missing. */
#include "driver/qemu/domain.h"
#include "driver/qemu/manifest.h"
#include "driver/qemu/ops.h"
#include "driver/qemu/overlay.h"
#include "driver/qemu/qmp.h"
#include "driver/qemu/store.h"
#include "driver/segment.h"
#include "util/cpio.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define STATE_MS (2 * 60 * 1000)

struct create {
    struct start start;
    const char *stage_dir; /* what disks stand on, also when memory is not cloned; NULL: images */
    const struct seed *seeds;
    struct deadline deadline; /* for the states */
    virDomainPtr *domains;    /* one a node; NULL until started */
    struct timings *timings;  /* NULL: nobody asks */
    bool *refused;            /* one a node: it could not go on from its state */
    bool in_shm;              /* memory of a lab that will be frozen: see memory_shm_path() */
};

/* The network of the management interface is in no plan: its files go with the seed. */
static void add_management(struct cpio *c, size_t node)
{
    _free_ char *mac = qemu_mgmt_mac(node);
    _free_ char *link =
        xasprintf("[Match]\nMACAddress=%s\n\n[Link]\nName=" QEMU_MGMT_IFNAME "\n", mac);
    _free_ char *network = xasprintf("[Match]\nMACAddress=%s\n\n[Link]\nRequiredForOnline=no\n\n"
                                     "[Network]\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
                                     "Address=" QEMU_MGMT_ADDRESS "/24\n",
        mac);
    cpio_add_file(
        c, "/seed/etc/systemd/network/05-" QEMU_MGMT_IFNAME ".link", 0644, link, strlen(link));
    cpio_add_file(c, "/seed/etc/systemd/network/05-" QEMU_MGMT_IFNAME ".network", 0644, network,
        strlen(network));
}

static bool make_initrd(const struct create *c, size_t i, struct lr_error *err)
{
    _cpio_ struct cpio archive = CPIO_INIT;
    const struct seed *seed = &c->seeds[i];
    for (size_t k = 0; k < seed->n; k++) {
        const struct seed_file *f = &seed->files[k];
        _free_ char *path = xasprintf("/seed%s", f->path);
        cpio_add_file(&archive, path, f->mode, f->data, strlen(f->data));
    }
    add_management(&archive, i);
    cpio_finish(&archive);
    const struct start *s = &c->start;
    _free_ char *base = path_join(s->lab->images.items[i], "initrd");
    _free_ char *path = qemu_lab_path(s->lab_dir, &s->plan->nodes[i], "initrd");
    return cpio_write(&archive, base, path, err);
}

static bool make_disks(const struct create *c, size_t i, struct lr_error *err)
{
    const struct start *s = &c->start;
    const struct plan_node *node = &s->plan->nodes[i];
    for (size_t k = 0; k <= node->n_disks; k++) {
        _free_ char *name = qemu_disk_name(k);
        _free_ char *path = qemu_lab_path(s->lab_dir, node, name);
        _free_ char *backing = c->stage_dir ? qemu_stage_path(c->stage_dir, node, name)
            : k == 0                        ? path_join(s->lab->images.items[i], "disk.qcow2")
                                            : NULL;
        bool ok = backing ? overlay_create(path, backing, err)
                          : overlay_create_blank(path, (uint64_t)node->disks_mib[k - 1] << 20, err);
        if (!ok)
            return false;
    }
    return true;
}

static bool make_memory(const struct create *c, size_t i, struct lr_error *err)
{
    const struct start *s = &c->start;
    const struct plan_node *node = &s->plan->nodes[i];
    if (!s->lab->for_stage)
        return true;
    if (!memory_shm_forget(node->uuid, err))
        return false;
    _free_ char *path =
        c->in_shm ? memory_shm_path(node->uuid) : qemu_lab_path(s->lab_dir, node, "ram");
    if (!s->stage_dir)
        return memory_create(&s->driver->host, path, node->memory_mib, err);
    _free_ char *from = qemu_stage_path(s->stage_dir, node, "ram");
    return memory_copy(&s->driver->host, from, path, err);
}

static bool prepare_node(const struct create *c, size_t i, struct lr_error *err)
{
    const struct start *s = &c->start;
    const struct plan_node *node = &s->plan->nodes[i];
    _free_ char *dir = xasprintf("%s/nodes/%s", s->lab_dir, node->name);
    if (dir_make(dir, 0711, err) && make_disks(c, i, err) && make_memory(c, i, err) &&
        (!s->seeding || make_initrd(c, i, err)))
        return true;
    return lr_error_prefix(err, "preparing node '%s'", node->name);
}

bool qemu_prepare_node(const struct start *s, size_t i, const char *stage_dir,
    const struct seed *seeds, struct lr_error *err)
{
    struct create c = {.start = *s, .stage_dir = stage_dir, .seeds = seeds};
    return prepare_node(&c, i, err);
}

/* Piece N_NODES is the segments: libvirt takes longer for one than a node's files take. */
static bool prepare(size_t i, void *data, struct lr_error *err)
{
    const struct create *c = data;
    const struct plan *p = c->start.plan;
    int64_t began = now_ms();
    bool segments = i == p->n_nodes;
    if (segments ? !segments_create(c->start.driver->conn, p, err) : !prepare_node(c, i, err))
        return false;
    timings_part(
        c->timings, segments ? "segments" : "files", segments ? NULL : p->nodes[i].name, began);
    return true;
}

static bool start(size_t i, void *data, struct lr_error *err)
{
    struct create *c = data;
    int64_t began = now_ms();
    if (!start_domain(&c->start, i, &c->domains[i], err))
        return false;
    timings_part(c->timings, "emulator", c->start.plan->nodes[i].name, began);
    return true;
}

/* What stands in a clone's way need not stand in that of a node that boots. */
static bool refuse_clone(struct create *c, size_t i, const struct lr_error *err)
{
    c->refused[i] = err->code != LR_EINTERRUPTED && err->code != LR_ESERVICE;
    return false;
}

static bool start_clone(size_t i, void *data, struct lr_error *err)
{
    struct create *c = data;
    const struct plan_node *node = &c->start.plan->nodes[i];
    _free_ char *path = qemu_stage_path(c->start.stage_dir, node, "state");
    _close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        lr_error_errno(err, errno, "opening '%s'", path);
        return refuse_clone(c, i, err);
    }
    if (!start(i, c, err))
        return refuse_clone(c, i, err);
    int64_t began = now_ms();
    if (qmp_state_in(c->domains[i], fd, c->deadline, err)) {
        timings_part(c->timings, "state", node->name, began);
        return true;
    }
    lr_error_prefix(err, "giving node '%s' its state", node->name);
    return refuse_clone(c, i, err);
}

static bool resume(size_t i, void *data, struct lr_error *err)
{
    struct create *c = data;
    int64_t began = now_ms();
    if (virDomainResume(c->domains[i]) == 0) {
        timings_part(c->timings, "resume", c->start.plan->nodes[i].name, began);
        return true;
    }
    return virt_error(err, "resuming node '%s'", c->start.plan->nodes[i].name);
}

static bool resume_clone(size_t i, void *data, struct lr_error *err)
{
    return resume(i, data, err) || refuse_clone(data, i, err);
}

/* Emulators take their time to start, and an RTC stands until its node is let go: all are let go
 * together, from the same second, or their clocks would differ by seconds. */
static bool boot_together(struct create *c, struct lr_error *err)
{
    size_t n = c->start.plan->n_nodes;
    c->start.paused = true;
    return parallel_run(n, start, c, err) && parallel_run(n, resume, c, err);
}

static bool any_refused(const struct create *c)
{
    for (size_t i = 0; i < c->start.plan->n_nodes; i++)
        if (c->refused[i])
            return true;
    return false;
}

/* One node that has to boot while others go on from their frozen instant is no cluster: all boot.
 */
static bool discard(size_t i, void *data, struct lr_error *err)
{
    struct create *c = data;
    const struct start *s = &c->start;
    const struct plan_node *node = &s->plan->nodes[i];
    if (c->domains[i] && !end_domain(s->driver, s->plan, i, false, err))
        return false;
    cleanup_virt_domain(&c->domains[i]);
    c->domains[i] = NULL;
    _free_ char *dir = xasprintf("%s/nodes/%s", s->lab_dir, node->name);
    return memory_shm_forget(node->uuid, err) && tree_remove(dir, err);
}

static bool boot_instead(struct create *c, bool *ret_cold, struct lr_error *err)
{
    size_t n = c->start.plan->n_nodes;
    if (!parallel_run(n, discard, c, err))
        return false;
    c->start.stage_dir = NULL;
    c->start.seeding = true;
    if (!parallel_run(n, prepare, c, err) || !boot_together(c, err))
        return false;
    if (ret_cold)
        *ret_cold = true;
    return true;
}

static bool clone(struct create *c, bool *ret_cold, struct lr_error *err)
{
    size_t n = c->start.plan->n_nodes;
    c->deadline = deadline_in(STATE_MS);
    if (parallel_run(n, start_clone, c, err) && parallel_run(n, resume_clone, c, err))
        return true;
    if (!any_refused(c))
        return false;
    log_warning(
        "the stage's memory cannot be used (%s): the nodes boot from its disks instead, which "
        "takes longer",
        err->message);
    lr_error_clear(err);
    return boot_instead(c, ret_cold, err);
}

static bool run(struct create *c, bool *ret_cold, struct lr_error *err)
{
    size_t n = c->start.plan->n_nodes;
    if (!parallel_run(n + 1, prepare, c, err))
        return false;
    timings_phase(c->timings, "clone");
    return c->start.stage_dir ? clone(c, ret_cold, err) : boot_together(c, err);
}

static bool check_plan(const struct plan *p, struct lr_error *err)
{
    for (size_t i = 0; i < p->n_nodes; i++)
        if (p->nodes[i].n_disks > QEMU_MAX_DISKS)
            return lr_error_set(err, LR_ESCENARIO, "node '%s' has more than %d disks",
                p->nodes[i].name, QEMU_MAX_DISKS);
    return true;
}

static bool make_record(struct driver *d, const struct plan *p, const struct driver_source *src,
    const char *lab_dir, struct qemu_lab *ret, struct lr_error *err)
{
    ret->for_stage = src->for_stage;
    int64_t clock = 0;
    for (size_t i = 0; i < p->n_nodes; i++)
        strv_add(&ret->images, src->image_dirs[i]);
    if (src->n_stages) {
        const char *stage = src->stage_dirs[src->n_stages - 1];
        _json_ json_t *manifest = NULL;
        if (!manifest_read(&d->host, p, stage, &manifest, err) ||
            !store_reachable(&d->host, stage, err))
            return false;
        clock = manifest_clock(manifest);
    }
    qemu_lab_begin(ret, clock);
    return qemu_lab_write(lab_dir, ret, err);
}

static bool memory_fits(const struct driver *d, const struct plan *p, const struct qemu_lab *lab)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < p->n_nodes; i++)
        bytes += (uint64_t)p->nodes[i].memory_mib << 20;
    return lab->for_stage && qemu_may_shm(d->conn) && memory_shm_room(bytes);
}

bool qemu_create(struct driver *d, const struct plan *p, const struct driver_source *src,
    const struct seed *seeds, const char *lab_dir, struct lr_error *err)
{
    _qemu_lab_ struct qemu_lab lab = {0};
    if (!check_plan(p, err) || !store_reachable(&d->host, lab_dir, err) ||
        !make_record(d, p, src, lab_dir, &lab, err))
        return false;
    const char *stage = src->n_stages ? src->stage_dirs[src->n_stages - 1] : NULL;
    struct create c = {
        .start = {.driver = d,
            .plan = p,
            .lab_dir = lab_dir,
            .lab = &lab,
            .stage_dir = stage,
            .seeding = stage == NULL,
            .clock = lab.clock},
        .stage_dir = stage,
        .seeds = seeds,
        .domains = xcalloc(p->n_nodes, sizeof *c.domains),
        .refused = xcalloc(p->n_nodes, sizeof *c.refused),
        .timings = src->timings,
        .in_shm = memory_fits(d, p, &lab),
    };
    bool ok = run(&c, src->ret_cold, err);
    for (size_t i = 0; i < p->n_nodes; i++)
        cleanup_virt_domain(&c.domains[i]);
    free(c.domains);
    free(c.refused);
    return ok;
}
