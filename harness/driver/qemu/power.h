/* driver_ops functions on nodes that are there. */
#ifndef LABRUN_DRIVER_QEMU_POWER_H
#define LABRUN_DRIVER_QEMU_POWER_H

#include "driver/qemu/start.h"

bool qemu_power_cut(struct driver *d, const struct plan *p, int node, struct lr_error *err)
    _must_check_;
bool qemu_boot(struct driver *d, const struct plan *p, int node, const char *lab_dir,
    struct lr_error *err) _must_check_;
/* Boots the nodes that are off (all, or one) as START says, with clocks that agree with the running
 * neighbours'. */
bool qemu_boot_as(const struct start *start, int node, struct lr_error *err) _must_check_;
bool qemu_set_paused(struct driver *d, const struct plan *p, bool paused, struct lr_error *err)
    _must_check_;
bool qemu_node_state(struct driver *d, const struct plan *p, size_t node, enum node_state *ret,
    struct lr_error *err) _must_check_;

#endif
