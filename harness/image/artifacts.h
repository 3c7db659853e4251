/* From a root file system to what the drivers take: the container's layer, the disk, kernel and
 * initial RAM disk, the list of packages. DIR is the folder of the image; DIR/root is there. */
#ifndef LABRUN_IMAGE_ARTIFACTS_H
#define LABRUN_IMAGE_ARTIFACTS_H

#include "image/definition.h"

/* DIR/lxc: units masked and files changed for a container (images/lxc/). */
bool layer_make(const char *dir, const struct definition *d, struct lr_error *err) _must_check_;

/* DIR/vmlinuz and DIR/initrd. *ret_version (owned): the kernel's. */
bool kernel_make(const char *dir, char **ret_version, struct lr_error *err) _must_check_;

/* The modules that MODULES_DEP (the text of modules.dep) says are needed for the module NAME, each
 * before what needs it, as paths like "kernel/fs/ext4/ext4.ko.xz", added to RET unless there. False
 * when the module is not listed: it is built in, or there is none. Pure. */
bool modules_needed(const char *modules_dep, const char *name, struct strv *ret);

/* DIR/disk.qcow2: the root file system as a disk, without mounting anything. LOG gets what the
 * tools say. */
bool disk_make(const char *dir, const char *log, struct lr_error *err) _must_check_;

/* DIR/packages.txt; *ret_n: how many. */
bool packages_list(const char *dir, size_t *ret_n, struct lr_error *err) _must_check_;

/* The guest's first program, as built into this program. */
extern const unsigned char guest_init_start[];
extern const unsigned char guest_init_end[];

#endif
