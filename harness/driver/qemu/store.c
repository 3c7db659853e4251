#include "driver/qemu/store.h"
#include "util/fs.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define PAGE    4096
#define SAMPLES 256

static bool give(const struct qemu_host *h, int fd, const char *path, struct lr_error *err)
{
    if (geteuid() == h->uid || fchown(fd, h->uid, h->gid) == 0)
        return true;
    lr_error_errno(err, errno, "giving '%s' to the emulator's user %u", path, (unsigned)h->uid);
    return lr_error_hint(
        err, "run labrun as root, or set `user` in /etc/libvirt/qemu.conf to yours");
}

static int create_file(const struct qemu_host *h, const char *path, struct lr_error *err)
{
    _close_ int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        lr_error_errno(err, errno, "creating '%s'", path);
    else if (give(h, fd, path, err))
        return steal_fd(&fd);
    return -1;
}

bool memory_create(const struct qemu_host *h, const char *path, int64_t mib, struct lr_error *err)
{
    _close_ int fd = create_file(h, path, err);
    if (fd < 0)
        return false;
    if (ftruncate(fd, (off_t)mib << 20) < 0)
        return lr_error_errno(err, errno, "sizing '%s'", path);
    return true;
}

/* Copies the bytes from START to END; both offsets are kept by us. */
static bool copy_range(int in, int out, off_t start, off_t end)
{
    off_t to = start;
    while (start < end) {
        ssize_t n = copy_file_range(in, &start, out, &to, (size_t)(end - start), 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* the file shrank under us */
        if (n <= 0)
            return false;
    }
    return true;
}

static bool copy_data(int in, int out, off_t size)
{
    for (off_t at = 0; at < size;) {
        off_t data = lseek(in, at, SEEK_DATA);
        if (data < 0)
            return errno == ENXIO; /* nothing but a hole up to the end */
        off_t hole = lseek(in, data, SEEK_HOLE);
        if (hole < 0 || !copy_range(in, out, data, hole))
            return false;
        at = hole;
    }
    return true;
}

bool memory_copy(const struct qemu_host *h, const char *from, const char *to, struct lr_error *err)
{
    _close_ int in = open(from, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (in < 0 || fstat(in, &st) < 0)
        return lr_error_errno(err, errno, "opening '%s'", from);
    _close_ int out = create_file(h, to, err);
    if (out < 0)
        return false;
    if (ioctl(out, FICLONE, in) == 0)
        return true;
    if (ftruncate(out, st.st_size) < 0 || !copy_data(in, out, st.st_size))
        return lr_error_errno(err, errno, "copying '%s' to '%s'", from, to);
    return true;
}

bool store_settle(const struct qemu_host *h, const char *path, mode_t mode, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lr_error_errno(err, errno, "opening '%s'", path);
    if (!give(h, fd, path, err))
        return false;
    if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
        return lr_error_errno(err, errno, "settling '%s'", path);
    return true;
}

bool store_sample(const char *path, char **ret, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return lr_error_errno(err, errno, "opening '%s'", path);
    _hasher_ struct hasher *h = hasher_new();
    _free_ char *size = xasprintf("%lld", (long long)st.st_size);
    hasher_adds(h, size);
    off_t pages = st.st_size / PAGE;
    for (off_t i = 0; i < SAMPLES && pages; i++) {
        char page[PAGE];
        off_t at = (pages - 1) * i / (SAMPLES - 1) * PAGE;
        if (pread(fd, page, sizeof page, at) != PAGE)
            return lr_error_set(err, LR_EINFRA, "'%s' cannot be read", path);
        hasher_add(h, page, sizeof page);
    }
    *ret = hasher_finish(h);
    return true;
}

bool store_reachable(const struct qemu_host *h, const char *dir, struct lr_error *err)
{
    _free_ char *path = xstrdup(dir);
    for (char *end = path + strlen(path); h->uid != 0 && end; end = strrchr(path, '/')) {
        *end = '\0';
        const char *here = *path ? path : "/";
        struct stat st;
        if (stat(here, &st) < 0)
            return lr_error_errno(err, errno, "looking at folder '%s'", here);
        if (st.st_mode & S_IXOTH || (st.st_uid == h->uid && st.st_mode & S_IXUSR))
            continue;
        lr_error_set(err, LR_EINFRA, "the emulator's user %u cannot reach '%s' through '%s'",
            (unsigned)h->uid, dir, here);
        return lr_error_hint(err, "chmod o+x '%s'", here);
    }
    return true;
}
