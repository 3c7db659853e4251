/* The manifest of a frozen stage, STAGE_DIR/qemu.json: which emulator it fits, and the sizes and
 * digests by which damage is noticed. Written last, so that a stage without one is not whole. */
#ifndef LABRUN_DRIVER_QEMU_MANIFEST_H
#define LABRUN_DRIVER_QEMU_MANIFEST_H

#include "driver/qemu/host.h"

/* Changed whenever frozen stages of an older labrun no longer fit: other devices, other layout. */
#define QEMU_STAGE_FORMAT "qemu-stage-3"

/* Describes what lies in STAGE_DIR and writes that down. CLOCK: what the nodes' clocks show. */
bool manifest_write(const struct qemu_host *h, const struct plan *p, const char *stage_dir,
    int64_t clock, struct lr_error *err) _must_check_;

/* Reads the manifest and holds it against host and plan; touches no big file. */
bool manifest_read(const struct qemu_host *h, const struct plan *p, const char *stage_dir,
    json_t **ret, struct lr_error *err) _must_check_;
int64_t manifest_clock(const json_t *manifest);

/* Holds the files against the manifest: sizes and samples of disks and memory, the whole of the
 * device states, and that every disk's backing files are there. */
bool manifest_verify(const json_t *manifest, const struct plan *p, const char *stage_dir,
    struct lr_error *err) _must_check_;

/* STAGE_DIR/NODE/FILE; owned. */
char *qemu_stage_path(const char *stage_dir, const struct plan_node *node, const char *file);

#endif
