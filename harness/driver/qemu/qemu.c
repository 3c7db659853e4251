/* The qemu driver: nodes are virtual machines, and clones of a stage go on from the instant at
 * which it was frozen, with memory mapped copy-on-write from the stage's file. */
#include "driver/qemu/manifest.h"
#include "driver/qemu/ops.h"
#include "driver/qemu/power.h"
#include "driver/qemu/store.h"

#define URI "qemu:///system"

static void qemu_close(struct driver *d)
{
    if (!d)
        return;
    cleanup_virt_connect(&d->conn);
    qemu_host_free(&d->host);
    free(d);
}

static bool qemu_open(struct driver **ret, struct lr_error *err)
{
    struct driver *d = xnew(struct driver);
    if (virt_open(URI, &d->conn, err) && qemu_host_inspect(d->conn, &d->host, err)) {
        *ret = d;
        return true;
    }
    qemu_close(d);
    return lr_error_prefix(err, "opening the qemu driver");
}

static bool qemu_stage_key(struct driver *d, struct hasher *h, struct lr_error *err)
{
    (void)err;
    _free_ char *versions = xasprintf("%lu %lu", d->host.qemu_version, d->host.libvirt_version);
    hasher_adds(h, QEMU_STAGE_FORMAT);
    hasher_adds(h, versions);
    hasher_adds(h, d->host.machine);
    hasher_adds(h, qemu_host_accel(&d->host));
    hasher_adds(h, d->host.cpu);
    hasher_adds(h, d->host.kernel);
    return true;
}

static bool qemu_verify_stage(
    struct driver *d, const struct plan *p, const char *stage_dir, struct lr_error *err)
{
    _json_ json_t *manifest = NULL;
    return manifest_read(&d->host, p, stage_dir, &manifest, err) &&
        manifest_verify(manifest, p, stage_dir, err);
}

static bool end_orphan(virDomainPtr dom, void *data, struct lr_error *err)
{
    (void)data;
    char uuid[VIR_UUID_STRING_BUFLEN];
    if (virDomainGetUUIDString(dom, uuid) < 0)
        return virt_error(err, "asking for the UUID of domain '%s'", virDomainGetName(dom));
    if (virDomainDestroy(dom) < 0 && !virt_not_found())
        return virt_error(err, "ending domain '%s'", virDomainGetName(dom));
    virt_forget_log("qemu", virDomainGetName(dom));
    return memory_shm_forget(uuid, err);
}

static bool qemu_reap(struct driver *d, const char *state_dir, const struct reap_guard *guard,
    bool dry, struct strv *ret_removed, struct lr_error *err)
{
    return virt_reap(d->conn, state_dir, guard, dry, end_orphan, NULL, ret_removed, err);
}

static int qemu_patience(const struct driver *d)
{
    return d->host.kvm ? 1 : TCG_PATIENCE;
}

const struct driver_ops driver_qemu = {
    .name = "qemu",
    .summary = "virtual machines, with KVM or emulated",
    .clones_memory = true,
    .patience = qemu_patience,
    .report = qemu_report,
    .open = qemu_open,
    .close = qemu_close,
    .stage_key = qemu_stage_key,
    .create = qemu_create,
    .freeze = qemu_freeze,
    .verify_stage = qemu_verify_stage,
    .end_nodes = qemu_end_nodes,
    .destroy = qemu_destroy,
    .power_cut = qemu_power_cut,
    .boot = qemu_boot,
    .reset_node = qemu_reset_node,
    .set_paused = qemu_set_paused,
    .dial = qemu_dial,
    .node_state = qemu_node_state,
    .reap = qemu_reap,
};
