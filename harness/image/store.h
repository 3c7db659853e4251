/* Inside image/: where images lie in the state folder, and which folder belongs to a definition. */
#ifndef LABRUN_IMAGE_STORE_H
#define LABRUN_IMAGE_STORE_H

#include "image/definition.h"

#define IMAGE_TMP  ".tmp-"
#define IMAGE_INFO "image.json"

/* A definition, its key, and the folder that its image has or will have. */
struct image_ref {
    struct definition def;
    char *key;
    char *dir;
};

bool image_ref_make(const char *state_dir, const char *name, struct image_ref *ret,
    struct lr_error *err) _must_check_;
void image_ref_free(struct image_ref *r);
#define _image_ref_ _cleanup_(image_ref_free)

/* Does the folder hold a whole image? */
bool image_whole(const char *dir);

/* The lock of all builds in IMAGES. With WAIT false: LR_EBUSY while somebody builds. */
bool image_lock(const char *images, bool wait, int *ret_fd, struct lr_error *err) _must_check_;

/* Removes what killed builds left. The caller holds the lock. */
bool image_remove_leftovers(const char *images, struct lr_error *err) _must_check_;

#endif
