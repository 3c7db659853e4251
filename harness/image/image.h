/* Images: a definition (images/NAME.yaml and its hook scripts) into root file systems that drivers
 * clone. An image folder, STATE/images/NAME-KEY/, holds
 *   root/           the root file system, for lxc (uids as in the guest)
 *   lxc/            a thin layer over root/ that adapts it to a container (masked units, init stub)
 *   disk.qcow2      the same root file system, ext4 label "labroot", for qemu
 *   vmlinuz, initrd kernel and initial RAM disk for direct boot
 *   packages.txt    what is installed: "name version" lines
 *   image.json      written last: a folder without it is not an image */
#ifndef LABRUN_IMAGE_IMAGE_H
#define LABRUN_IMAGE_IMAGE_H

#include "util/error.h"
#include "util/mem.h"

/* Finds the definition of NAME, along LABRUN_IMAGE_PATH, the folder images/ beside each folder on
 * LABRUN_SCENARIO_PATH, the installed folder, ./images. Owned. NULL-safe: unknown names say what
 * was meant. */
bool image_find(const char *name, char **ret_yaml, struct lr_error *err) _must_check_;

/* Names of all images that are defined along the same path. */
bool image_names(struct strv *ret, struct lr_error *err) _must_check_;

/* The content address of the image NAME: a digest over what its definition says (not how it is
 * written), the hooks, the container's layer, the guest's init and the builder's own version.
 * Owned, 64 hex digits. */
bool image_key(const char *name, char **ret_key, struct lr_error *err) _must_check_;

/* True when the image is built; *ret_dir (owned) is its folder then. */
bool image_lookup(const char *state_dir, const char *name, char **ret_dir, struct lr_error *err)
    _must_check_;

/* By what the image in the folder FOLDER (its name) is told from another that was built from the
 * same definition; owned. */
bool image_built(const char *state_dir, const char *folder, char **ret, struct lr_error *err)
    _must_check_;

/* What making images needs and this host has not: programs or files, and the packages they come in,
 * in the same order. */
void image_lacks(struct strv *ret_what, struct strv *ret_packages);

/* Builds the image unless it is there. Progress through util/log. Holds a lock, so that a second
 * builder waits and then finds it. Killed half-way it leaves only a folder that the next build
 * removes. The log of the whole build is STATE/logs/image-NAME.log. *ret_dir is owned. */
bool image_build(const char *state_dir, const char *name, char **ret_dir, struct lr_error *err)
    _must_check_;

/* Removes image folders that no definition leads to any more, except those in KEEP (full paths or
 * names of folders) and those that something is mounted from; and half-built ones, unless a build
 * runs. KEEP must name what disks of labs and stages stand on. Their full paths are added to
 * ret_removed. DRY: only list. */
bool image_gc(const char *state_dir, const struct strv *keep, bool dry, struct strv *ret_removed,
    struct lr_error *err) _must_check_;

#endif
