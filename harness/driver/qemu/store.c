#include "driver/qemu/store.h"
#include "util/fs.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PAGE    4096
#define SAMPLES 256

#define SHM        "/dev/shm"
#define SHM_PREFIX "labrun-"
#define COPY_BYTES ((size_t)1 << 20)

static bool path_is_tmpfs(const char *path)
{
    struct statfs fs;
    return statfs(path, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

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

char *memory_shm_path(const char *uuid)
{
    return xasprintf(SHM "/" SHM_PREFIX "%s", uuid);
}

bool memory_shm_forget(const char *uuid, struct lr_error *err)
{
    _free_ char *path = memory_shm_path(uuid);
    return unlink(path) == 0 || errno == ENOENT ||
        lr_error_errno(err, errno, "removing '%s'", path);
}

/* What our files there may still grow by. */
static uint64_t shm_promised(void)
{
    uint64_t promised = 0;
    _strv_ struct strv names = STRV_INIT;
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    if (!dir_list(SHM, &names, &ignored))
        return UINT64_MAX / 2;
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *path = path_join(SHM, names.items[i]);
        struct stat st;
        if (has_prefix(names.items[i], SHM_PREFIX) && lstat(path, &st) == 0 &&
            st.st_size > st.st_blocks * 512)
            promised += (uint64_t)(st.st_size - st.st_blocks * 512);
    }
    return promised;
}

bool memory_shm_room(uint64_t bytes)
{
    uint64_t free_there;
    unsigned long long kib = 0;
    _free_ char *text = NULL;
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    if (!path_is_tmpfs(SHM) || !disk_free(SHM, &free_there, &ignored) ||
        !file_read("/proc/meminfo", 1 << 16, &text, NULL, &ignored))
        return false;
    const char *line = strstr(text, "MemAvailable:");
    if (!line || sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
        return false;
    uint64_t least = free_there < kib * 1024 ? free_there : kib * 1024;
    return bytes + shm_promised() < least / 10 * 9;
}

/* From one file system to another. */
static bool copy_through(int in, int out, off_t start, off_t end)
{
    _free_ char *buffer = xmalloc(COPY_BYTES);
    while (start < end) {
        size_t want = end - start < (off_t)COPY_BYTES ? (size_t)(end - start) : COPY_BYTES;
        ssize_t n = pread(in, buffer, want, start);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* the file shrank under us */
        if (n <= 0)
            return false;
        for (ssize_t done = 0; done < n;) {
            ssize_t w = pwrite(out, buffer + done, (size_t)(n - done), start + done);
            if (w < 0 && errno != EINTR)
                return false;
            done += w > 0 ? w : 0;
        }
        start += n;
    }
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
        if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP))
            return copy_through(in, out, start, end);
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
