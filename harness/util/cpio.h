/* Archives in cpio's "newc" form, which the kernel unpacks as initial RAM disk. Pure but for
 * cpio_write. An archive appended to another one, as cpio_write does, is unpacked after it.
 *
 *     struct cpio c = CPIO_INIT;
 *     cpio_add_file(&c, "/seed/etc/hostname", 0644, "ceph1\n", 6);
 *     cpio_finish(&c);
 *     ok = cpio_write(&c, image_initrd, node_initrd, err);
 *     cpio_free(&c);
 */
#ifndef LABRUN_UTIL_CPIO_H
#define LABRUN_UTIL_CPIO_H

#include "util/error.h"
#include "util/mem.h"
#include <sys/types.h>

struct cpio {
    struct strbuf data; /* the archive; whole after cpio_finish */
    struct strv dirs;   /* folders that are in it */
    unsigned next_ino;
};

#define CPIO_INIT ((struct cpio){STRBUF_INIT, STRV_INIT, 1})

/* PATH is absolute or relative, which makes no difference. Folders above PATH that are not in the
 * archive yet are added with mode 0755. Everything belongs to root and has no date. */
void cpio_add_dir(struct cpio *c, const char *path, mode_t mode);
void cpio_add_file(struct cpio *c, const char *path, mode_t mode, const void *data, size_t len);

/* Ends the archive: nothing can be added any more. */
void cpio_finish(struct cpio *c);

/* Writes the content of the file BASE (NULL: nothing) and then the archive to PATH, which only its
 * owner can read: it may hold keys. */
bool cpio_write(const struct cpio *c, const char *base, const char *path, struct lr_error *err)
    _must_check_;

void cpio_free(struct cpio *c);
#define _cpio_ _cleanup_(cpio_free)

#endif
