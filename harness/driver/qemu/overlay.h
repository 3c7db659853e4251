/* Fresh qcow2 files: empty, on top of another or of nothing. Written directly: such a file is four
 * clusters, and a qemu-img process a disk would cost more than all else a clone does on disk. */
#ifndef LABRUN_DRIVER_QEMU_OVERLAY_H
#define LABRUN_DRIVER_QEMU_OVERLAY_H

#include "util/error.h"
#include <stdint.h>

/* Creates PATH, which must not exist, as an overlay of the qcow2 file BACKING (absolute). */
bool overlay_create(const char *path, const char *backing, struct lr_error *err) _must_check_;

/* Creates PATH, which must not exist, as an empty disk of SIZE bytes. */
bool overlay_create_blank(const char *path, uint64_t size, struct lr_error *err) _must_check_;

struct overlay_info {
    uint64_t size; /* bytes the guest sees */
    char *backing; /* NULL when it stands alone; owned by the caller */
};

/* Reads the header of a qcow2 file. */
bool overlay_inspect(const char *path, struct overlay_info *ret, struct lr_error *err) _must_check_;

#endif
