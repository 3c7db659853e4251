/* Seeds and disks. The merged root may hold whatever a script put there, links to the host's own
 * files among it: so every path is resolved by the kernel as if the root were the whole world. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct rootfs {
    int fd;
    uint32_t uid_base;
};

static int open_inside(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

/* The folder PATH, made with its parents where missing; -1 with errno. */
static int open_folder(const struct rootfs *r, const char *path, mode_t mode)
{
    int fd = open_inside(r->fd, *path ? path : "/", O_RDONLY | O_DIRECTORY);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    const char *slash = strrchr(path, '/');
    if (!slash || !slash[1])
        return -1;
    _free_ char *above = xstrndup(path, (size_t)(slash - path));
    _close_ int parent = open_folder(r, above, 0755);
    if (parent < 0 || (mkdirat(parent, slash + 1, mode) < 0 && errno != EEXIST))
        return -1;
    _close_ int made = openat(parent, slash + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (made < 0 || fchown(made, r->uid_base, r->uid_base) < 0 || fchmod(made, mode) < 0)
        return -1;
    return steal_fd(&made);
}

static bool write_file(int fd, const struct rootfs *r, const struct seed_file *f)
{
    size_t len = strlen(f->data);
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, f->data + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        done += (size_t)n;
    }
    return fchown(fd, r->uid_base, r->uid_base) == 0 && fchmod(fd, f->mode) == 0;
}

/* Under a name of its own and then into place: what was there, were it a link, is replaced. */
static bool seed_one(const struct rootfs *r, const struct seed_file *f)
{
    static const char tmp[] = ".labrun-seed";
    const char *slash = strrchr(f->path, '/');
    _free_ char *folder = xstrndup(f->path, (size_t)(slash - f->path));
    /* What nobody else may read is in a folder that nobody else may enter (/root/.ssh). */
    _close_ int dir = open_folder(r, folder, f->mode & 077 ? 0755 : 0700);
    if (dir < 0 || (unlinkat(dir, tmp, 0) < 0 && errno != ENOENT))
        return false;
    _close_ int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd >= 0 && write_file(fd, r, f) && renameat(dir, tmp, dir, slash + 1) == 0;
}

/* The owner of disks: Ceph's own user, so that an OSD can use them, in images that have it. */
static void disk_owner(const struct rootfs *r, uid_t *ret_uid, gid_t *ret_gid)
{
    *ret_uid = r->uid_base;
    *ret_gid = r->uid_base;
    int fd = open_inside(r->fd, "/etc/passwd", O_RDONLY | O_NONBLOCK);
    _fclose_ FILE *f = fd >= 0 ? fdopen(fd, "re") : NULL;
    _free_ char *line = NULL;
    size_t cap = 0;
    unsigned uid, gid;
    while (f && getline(&line, &cap, f) > 0) {
        if (sscanf(line, "ceph:%*[^:]:%u:%u:", &uid, &gid) != 2 || uid >= LXC_UID_COUNT ||
            gid >= LXC_UID_COUNT)
            continue;
        *ret_uid = r->uid_base + uid;
        *ret_gid = r->uid_base + gid;
        return;
    }
}

/* A sparse file; one that a stage has brought is kept as it is. */
static bool make_disk(int lab, size_t index, int64_t mib, uid_t uid, gid_t gid)
{
    _free_ char *name = xasprintf("disk%zu", index);
    _close_ int fd = openat(lab, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST;
    return ftruncate(fd, (off_t)mib << 20) == 0 && fchown(fd, uid, gid) == 0;
}

bool lxc_rootfs_fill(const char *root, uint32_t uid_base, const struct seed *seed,
    const struct plan_node *node, struct lr_error *err)
{
    _close_ int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return lr_error_errno(err, errno, "opening '%s'", root);
    struct rootfs r = {fd, uid_base};
    for (size_t i = 0; i < seed->n; i++)
        if (!seed_one(&r, &seed->files[i]))
            return lr_error_errno(
                err, errno, "writing '%s' of node '%s'", seed->files[i].path, node->name);
    if (!node->n_disks)
        return true;
    uid_t uid;
    gid_t gid;
    disk_owner(&r, &uid, &gid);
    _close_ int lab = open_folder(&r, "/lab", 0755);
    for (size_t i = 0; i < node->n_disks; i++)
        if (lab < 0 || !make_disk(lab, i, node->disks_mib[i], uid, gid))
            return lr_error_errno(err, errno, "making disk %zu of node '%s'", i, node->name);
    return true;
}
