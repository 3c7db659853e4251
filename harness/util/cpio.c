#include "util/cpio.h"
#include "util/fs.h"
#include <sys/stat.h>

#define BASE_CAP (256UL << 20)

static void pad(struct strbuf *b, size_t to)
{
    static const char zeros[512];
    strbuf_add(b, zeros, (to - b->len % to) % to);
}

static void entry(struct cpio *c, const char *name, mode_t mode, const void *data, size_t len)
{
    unsigned links = S_ISDIR(mode) ? 2 : 1;
    /* magic, inode, mode, uid, gid, links, mtime, size, 4 device numbers, length of name, check */
    strbuf_addf(&c->data, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
        c->next_ino++, (unsigned)mode, 0u, 0u, links, 0u, len, 0u, 0u, 0u, 0u, strlen(name) + 1,
        0u);
    strbuf_add(&c->data, name, strlen(name) + 1);
    pad(&c->data, 4);
    strbuf_add(&c->data, data, len);
    pad(&c->data, 4);
}

static const char *relative(const char *path)
{
    while (*path == '/')
        path++;
    return path;
}

static void add_parents(struct cpio *c, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        _free_ char *dir = xstrndup(path, (size_t)(slash - path));
        cpio_add_dir(c, dir, 0755);
    }
}

void cpio_add_dir(struct cpio *c, const char *path, mode_t mode)
{
    path = relative(path);
    if (strv_contains(&c->dirs, path))
        return;
    add_parents(c, path);
    strv_add(&c->dirs, path);
    entry(c, path, S_IFDIR | (mode & 07777), "", 0);
}

void cpio_add_file(struct cpio *c, const char *path, mode_t mode, const void *data, size_t len)
{
    path = relative(path);
    add_parents(c, path);
    entry(c, path, S_IFREG | (mode & 07777), data, len);
}

void cpio_finish(struct cpio *c)
{
    c->next_ino = 0;
    entry(c, "TRAILER!!!", 0, "", 0);
    pad(&c->data, 512);
}

bool cpio_write(const struct cpio *c, const char *base, const char *path, struct lr_error *err)
{
    _strbuf_ struct strbuf all = STRBUF_INIT;
    if (base) {
        _free_ char *data = NULL;
        size_t len;
        if (!file_read(base, BASE_CAP, &data, &len, err))
            return false;
        strbuf_add(&all, data, len);
        pad(&all, 4);
    }
    strbuf_add(&all, c->data.data, c->data.len);
    return file_write_atomic(path, all.data, all.len, 0600, err);
}

void cpio_free(struct cpio *c)
{
    strbuf_free(&c->data);
    strv_free(&c->dirs);
    *c = CPIO_INIT;
}
