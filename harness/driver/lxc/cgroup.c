/* Hosts with cgroup2 beside the old hierarchies ("hybrid"): libvirt puts a container into the old
 * ones only and leaves it in the root of cgroup2, where the node's systemd, which knows only
 * cgroup2, would manage the host. So each node gets a directory there, owned by its mapped root,
 * and its init waits until it has been moved (images/lxc/root/usr/sbin/labinit). On hosts with
 * nothing but cgroup2 libvirt makes such a directory itself, and moving init would take it out of
 * libvirt's limits. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include "util/log.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#define EMPTY_MS  5000 /* how long killed processes may take to leave a directory */
#define DEPTH     200  /* of directories that are removed; a node may make fewer: MAX_DEPTH */
#define MAX_DEPTH "30"

/* Where cgroup2 is mounted, or NULL; owned. */
static char *cgroup2_root(void)
{
    _fclose_ FILE *f = fopen("/proc/self/mounts", "re");
    _free_ char *line = NULL;
    size_t cap = 0;
    while (f && getline(&line, &cap, f) > 0) {
        char *save = NULL;
        strtok_r(line, " ", &save);
        const char *where = strtok_r(NULL, " ", &save);
        const char *type = strtok_r(NULL, " ", &save);
        if (where && type && streq(type, "cgroup2"))
            return xstrdup(where);
    }
    return NULL;
}

static char *cgroup_dir(const char *root, const char *domain, const char *uuid)
{
    return xasprintf("%s/%s.%.8s", root, domain, uuid);
}

/* Where the process is in cgroup2, owned; NULL: nowhere. *ret_old: it is in old hierarchies, too.
 */
static bool cgroup2_of(pid_t pid, char **ret, bool *ret_old, struct lr_error *err)
{
    _free_ char *path = xasprintf("/proc/%d/cgroup", (int)pid);
    _free_ char *text = NULL;
    if (!file_read(path, 1 << 16, &text, NULL, err))
        return false;
    *ret = NULL;
    *ret_old = false;
    char *save = NULL;
    for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
        if (!has_prefix(l, "0::"))
            *ret_old = true;
        else if (!*ret)
            *ret = xstrdup(l + strlen("0::"));
    }
    return true;
}

static bool write_at(int dir, const char *name, const char *text)
{
    _close_ int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool give(int dir, uint32_t uid)
{
    static const char *const files[] = {"cgroup.procs", "cgroup.subtree_control", "cgroup.threads"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (fchownat(dir, files[i], uid, uid, AT_SYMLINK_NOFOLLOW) < 0)
            return false;
    return fchown(dir, uid, uid) == 0;
}

/* Root in the node could make more than anybody takes away again. */
static bool limit_depth(int dir)
{
    return write_at(dir, "cgroup.max.depth", MAX_DEPTH);
}

/* Where there is nothing but cgroup2, libvirt has made the directory. */
static void limit_depth_below(const char *root, const char *path)
{
    _free_ char *full = xasprintf("%s%s", root, path);
    _close_ int dir = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* libvirt gives all files to root in the node, who is not to undo this. */
    if (streq(path, "/") || dir < 0 || !limit_depth(dir) ||
        fchownat(dir, "cgroup.max.depth", 0, 0, AT_SYMLINK_NOFOLLOW) < 0)
        log_debug("lxc: the depth of control groups below '%s' is not limited", full);
}

bool lxc_cgroup_adopt(
    const struct plan_node *n, pid_t init, uint32_t uid_base, struct lr_error *err)
{
    bool old;
    _free_ char *now = NULL, *root = cgroup2_root();
    if (!cgroup2_of(init, &now, &old, err))
        return false;
    if (!root || !now)
        return true;
    if (!old)
        limit_depth_below(root, now);
    if (!old || !streq(now, "/"))
        return true;
    _free_ char *path = cgroup_dir(root, n->domain, n->uuid);
    /* What an earlier boot of this node has left goes first. */
    if (!lxc_cgroup_remove(n->domain, n->uuid, err))
        return false;
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return lr_error_errno(err, errno, "making '%s'", path);
    _close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _free_ char *pid = xasprintf("%d", (int)init);
    if (dir < 0 || !limit_depth(dir) || !give(dir, uid_base) || !write_at(dir, "cgroup.procs", pid))
        return lr_error_errno(err, errno, "moving the node into '%s'", path);
    return true;
}

static bool is_populated(int events)
{
    char text[256] = "";
    return pread(events, text, sizeof text - 1, 0) > 0 && strstr(text, "populated 1");
}

/* Kills all in the directory and waits until the kernel says that nobody is left. */
static bool empty(int dir, const char *path, struct lr_error *err)
{
    _close_ int events = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
    if (events < 0)
        return errno == ENOENT || errno == ENODEV ||
            lr_error_errno(err, errno, "looking into '%s'", path);
    if (!is_populated(events))
        return true;
    if (!write_at(dir, "cgroup.kill", "1"))
        return lr_error_errno(err, errno, "killing what is in '%s'", path);
    struct deadline d = deadline_in(EMPTY_MS);
    while (is_populated(events)) {
        bool ready;
        if (deadline_passed(d))
            return lr_error_set(err, LR_ETIMEOUT, "processes in '%s' do not end", path);
        if (!wait_fd(events, POLLPRI, d, &ready, err))
            return false;
    }
    return true;
}

/* Step by step: root in the node gives names so long that the whole path is none. */
static bool remove_tree(int parent, const char *name, int depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return errno == ENOENT;
    }
    bool ok = true;
    for (struct dirent *e; ok && depth < DEPTH && (e = readdir(dir));)
        if (e->d_type == DT_DIR && !streq(e->d_name, ".") && !streq(e->d_name, ".."))
            ok = remove_tree(dirfd(dir), e->d_name, depth + 1);
    closedir(dir);
    return ok && (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

bool lxc_cgroup_remove(const char *domain, const char *uuid, struct lr_error *err)
{
    _free_ char *root = cgroup2_root();
    if (!root)
        return true;
    _free_ char *path = cgroup_dir(root, domain, uuid);
    _close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return errno == ENOENT || lr_error_errno(err, errno, "opening '%s'", path);
    if (!empty(dir, path, err))
        return false;
    return remove_tree(AT_FDCWD, path, 0) || lr_error_errno(err, errno, "removing '%s'", path);
}
