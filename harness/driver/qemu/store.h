/* Files that hold a node's memory, and what is needed to trust the big files of a stage. */
#ifndef LABRUN_DRIVER_QEMU_STORE_H
#define LABRUN_DRIVER_QEMU_STORE_H

#include "driver/qemu/host.h"

/* Creates PATH, which must not exist, as an empty memory file that the emulator can write. */
bool memory_create(const struct qemu_host *h, const char *path, int64_t mib, struct lr_error *err)
    _must_check_;

/* Memory of a node that is frozen later is a file. On a disk the kernel would write all of it back
 * again and again while the node runs, and hold the node up; so it lies in /dev/shm where there is
 * room, and is copied once, when it is frozen. Owned. */
char *memory_shm_path(const char *uuid);
bool memory_shm_forget(const char *uuid, struct lr_error *err) _must_check_;
/* Is there room for so many bytes more, those counted that others may still fill? */
bool memory_shm_room(uint64_t bytes);

/* Copies a memory file with its holes, sharing blocks where the file system can. */
bool memory_copy(const struct qemu_host *h, const char *from, const char *to, struct lr_error *err)
    _must_check_;

/* Gives PATH to the emulator's user with MODE and puts it on the disk for good. */
bool store_settle(const struct qemu_host *h, const char *path, mode_t mode, struct lr_error *err)
    _must_check_;

/* A digest over the length of a file and pages spread evenly over it, first and last included.
 * Reading a gigabyte of memory whole would cost more than the clone it is to protect; this notices
 * a file that is cut short, empty, or another one, but not a single flipped bit. Owned. */
bool store_sample(const char *path, char **ret, struct lr_error *err) _must_check_;

/* Fails with advice when the emulator's user cannot reach DIR. */
bool store_reachable(const struct qemu_host *h, const char *dir, struct lr_error *err) _must_check_;

#endif
