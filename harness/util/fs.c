#include "util/fs.h"
#include "util/deadline.h"
#include "util/proc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define LOCK_RETRY_MS 100

char *path_join(const char *a, const char *b)
{
    return xasprintf("%s/%s", a, b);
}

bool file_read(const char *path, size_t cap, char **ret_data, size_t *ret_len, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int saved = errno;
        lr_error_errno(err, saved, "opening '%s'", path);
        errno = saved;
        return false;
    }
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (;;) {
        char chunk[65536];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lr_error_errno(err, errno, "reading '%s'", path);
        if (n == 0)
            break;
        if (b.len + (size_t)n > cap)
            return lr_error_set(err, LR_EINFRA, "'%s' is larger than %zu bytes", path, cap);
        strbuf_add(&b, chunk, (size_t)n);
    }
    if (ret_len)
        *ret_len = b.len;
    *ret_data = strbuf_steal(&b);
    return true;
}

static bool write_all(int fd, const char *p, size_t len)
{
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static void sync_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    _free_ char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
    _close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        fsync(fd);
}

bool file_write_atomic(
    const char *path, const void *data, size_t len, mode_t mode, struct lr_error *err)
{
    _free_ char *tmp = xasprintf("%s.tmp-XXXXXX", path);
    _close_ int fd = mkostemp(tmp, O_CLOEXEC);
    if (fd < 0)
        return lr_error_errno(err, errno, "creating '%s'", tmp);
    if (fchmod(fd, mode) < 0 || !write_all(fd, data, len) || fsync(fd) < 0 ||
        rename(tmp, path) < 0) {
        int saved = errno;
        unlink(tmp);
        return lr_error_errno(err, saved, "writing '%s'", path);
    }
    sync_parent(path);
    return true;
}

bool file_write_for_user(
    const char *path, const void *data, size_t len, mode_t mode, struct lr_error *err)
{
    struct stat st;
    if (stat(path, &st) < 0 || S_ISREG(st.st_mode)) {
        _free_ char *real = realpath(path, NULL);
        return file_write_atomic(real ? real : path, data, len, mode, err);
    }
    _close_ int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || !write_all(fd, data, len))
        return lr_error_errno(err, errno, "writing '%s'", path);
    return true;
}

static bool lock_as(int how, const char *path, bool wait, int *ret_fd, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return lr_error_errno(err, errno, "opening lock '%s'", path);
    while (flock(fd, how | LOCK_NB) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return lr_error_errno(err, errno, "locking '%s'", path);
        if (!wait)
            return lr_error_set(err, LR_EBUSY, "another labrun command holds '%s'", path);
        /* A blocking flock() could not be interrupted; the kernel offers no event for a lock. */
        bool ready;
        if (!wait_fd(-1, 0, deadline_in(LOCK_RETRY_MS), &ready, err))
            return false;
    }
    *ret_fd = steal_fd(&fd);
    return true;
}

bool file_lock(const char *path, bool wait, int *ret_fd, struct lr_error *err)
{
    return lock_as(LOCK_EX, path, wait, ret_fd, err);
}

bool file_lock_shared(const char *path, int *ret_fd, struct lr_error *err)
{
    return lock_as(LOCK_SH, path, true, ret_fd, err);
}

bool dir_make(const char *path, mode_t mode, struct lr_error *err)
{
    _free_ char *p = xstrdup(path);
    for (char *s = p + 1; *s; s++) {
        if (*s != '/')
            continue;
        *s = '\0';
        if (mkdir(p, 0755) < 0 && errno != EEXIST)
            return lr_error_errno(err, errno, "making folder '%s'", p);
        *s = '/';
    }
    if (mkdir(p, mode) < 0 && errno != EEXIST)
        return lr_error_errno(err, errno, "making folder '%s'", p);
    return true;
}

bool path_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void end_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

bool dir_list(const char *path, struct strv *ret_names, struct lr_error *err)
{
    _cleanup_(end_dir) DIR *d = opendir(path);
    if (!d && errno == ENOENT) {
        *ret_names = STRV_INIT;
        return true;
    }
    if (!d)
        return lr_error_errno(err, errno, "reading folder '%s'", path);
    struct strv names = STRV_INIT;
    for (struct dirent *e; (e = readdir(d));)
        if (!streq(e->d_name, ".") && !streq(e->d_name, ".."))
            strv_add(&names, e->d_name);
    if (names.n)
        qsort(names.items, names.n, sizeof *names.items, by_name);
    *ret_names = names;
    return true;
}

/* Undoes mountinfo's octal escapes (\040 for a space) in place. */
static void unescape(char *s)
{
    char *out = s;
    for (; *s; s++) {
        if (s[0] == '\\' && s[1] >= '0' && s[1] <= '7' && s[2] && s[3]) {
            *out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
            s += 3;
        } else {
            *out++ = *s;
        }
    }
    *out = '\0';
}

bool mounts_below(const char *path, struct strv *ret, struct lr_error *err)
{
    struct strv points = STRV_INIT;
    _free_ char *real = realpath(path, NULL);
    if (!real && errno != ENOENT)
        return lr_error_errno(err, errno, "finding '%s'", path);
    _fclose_ FILE *f = real ? fopen("/proc/self/mountinfo", "re") : NULL;
    if (real && !f)
        return lr_error_errno(err, errno, "opening '/proc/self/mountinfo'");
    size_t len = real ? strlen(real) : 0;
    _free_ char *line = NULL;
    size_t cap = 0;
    while (f && getline(&line, &cap, f) > 0) {
        char *save = NULL;
        char *field = strtok_r(line, " ", &save);
        for (int i = 0; field && i < 4; i++)
            field = strtok_r(NULL, " ", &save);
        if (!field)
            continue;
        unescape(field);
        if (has_prefix(field, real) && (field[len] == '\0' || field[len] == '/'))
            strv_add(&points, field);
    }
    *ret = points;
    return true;
}

bool path_has_mounts(const char *path)
{
    _strv_ struct strv points = STRV_INIT;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    return !mounts_below(path, &points, &e) || points.n > 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)at;
    int rc = type == FTW_DP || type == FTW_D ? rmdir(path) : unlink(path);
    return rc < 0 && errno != ENOENT ? errno : 0;
}

bool tree_remove(const char *path, struct lr_error *err)
{
    if (!path_exists(path))
        return true;
    if (path_has_mounts(path))
        return lr_error_set(
            err, LR_EINFRA, "not removing '%s': something is still mounted in it", path);
    int rc = nftw(path, remove_entry, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    int why = rc > 0 ? rc : rc < 0 ? errno : 0;
    /* Root in a node makes folders so deep that their whole path is none; rm goes step by step. */
    if (why == ENAMETOOLONG) {
        const char *argv[] = {"rm", "-rf", "--one-file-system", "--", path, NULL};
        return proc_check(argv, NULL, err);
    }
    return why == 0 || why == ENOENT || lr_error_errno(err, why, "removing '%s'", path);
}

bool disk_free(const char *path, uint64_t *ret_bytes, struct lr_error *err)
{
    struct statvfs v;
    if (statvfs(path, &v) < 0)
        return lr_error_errno(err, errno, "statvfs '%s'", path);
    *ret_bytes = (uint64_t)v.f_bavail * v.f_frsize;
    return true;
}

bool fs_sync(const char *path, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd) < 0)
        return lr_error_errno(err, errno, "writing '%s' to the disk", path);
    return true;
}

long long file_number(const char *path)
{
    _free_ char *text = NULL;
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    return file_read(path, 64, &text, NULL, &ignored) ? strtoll(text, NULL, 10) : -1;
}

char *host_boot_id(void)
{
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    char *id;
    size_t len;
    if (!file_read("/proc/sys/kernel/random/boot_id", 256, &id, &len, &ignored))
        return xstrdup("unknown");
    id[strcspn(id, "\n")] = '\0';
    return id;
}
