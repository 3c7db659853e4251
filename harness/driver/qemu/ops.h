/* The larger of the driver_ops functions, one file each, and what they share. */
#ifndef LABRUN_DRIVER_QEMU_OPS_H
#define LABRUN_DRIVER_QEMU_OPS_H

#include "driver/qemu/start.h"

bool qemu_create(struct driver *d, const struct plan *p, const struct driver_source *src,
    const struct seed *seeds, const char *lab_dir, struct lr_error *err) _must_check_;

/* create.c: the folder and files of node I, which has none: disks over those of STAGE_DIR (NULL:
 * over its image), and where S says so the seed and memory. */
bool qemu_prepare_node(const struct start *s, size_t i, const char *stage_dir,
    const struct seed *seeds, struct lr_error *err) _must_check_;

/* reset.c */
bool qemu_reset_node(struct driver *d, const struct plan *p, size_t node,
    const struct driver_source *src, const struct seed *seeds, const char *lab_dir,
    struct lr_error *err) _must_check_;

bool qemu_freeze(struct driver *d, const struct plan *p, const char *lab_dir, const char *stage_dir,
    struct lr_error *err) _must_check_;

bool qemu_end_nodes(
    struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err) _must_check_;
bool qemu_destroy(struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err)
    _must_check_;

bool qemu_dial(struct driver *d, const struct plan *p, size_t node, const char *lab_dir,
    struct deadline deadline, int *ret_fd, struct lr_error *err) _must_check_;

/* Ends the domain of node I; none is fine. GENTLY: the emulator closes its disks properly or it is
 * an error, so that what the guest has written is all there. */
bool end_domain(struct driver *d, const struct plan *p, size_t i, bool gently, struct lr_error *err)
    _must_check_;

#endif
