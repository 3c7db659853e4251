/* A user namespace as a description of an id mapping, for mount_setattr(). It takes a process to
 * make one: a child unshares, we write its maps and take a descriptor, and the child ends. */
#include "driver/lxc/lxc.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* In the child of a process with threads: system calls only. It is there until it is killed, or
 * with its parent. To wait for the end of a pipe would not do: children that other threads fork
 * meanwhile have it open as well, and two of them would wait for each other for ever. */
static _Noreturn void child(pid_t parent, int ready)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it was killed before that was asked for */
        _exit(1);
    char byte = 0;
    if (unshare(CLONE_NEWUSER) < 0 || write(ready, &byte, 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static bool write_map(pid_t pid, const char *which, const char *map, struct lr_error *err)
{
    _free_ char *path = xasprintf("/proc/%d/%s", (int)pid, which);
    _close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, map, strlen(map)) < 0)
        return lr_error_errno(err, errno, "writing '%s' to '%s'", map, path);
    return true;
}

static bool take(pid_t pid, int ready, const char *map, int *ret_fd, struct lr_error *err)
{
    char byte;
    ssize_t n;
    while ((n = read(ready, &byte, 1)) < 0 && errno == EINTR)
        continue;
    if (n != 1) {
        lr_error_set(err, LR_EINFRA, "the kernel refuses to make a user namespace");
        return lr_error_hint(err, "`sysctl -w user.max_user_namespaces=15000`");
    }
    if (!write_map(pid, "uid_map", map, err) || !write_map(pid, "gid_map", map, err))
        return false;
    _free_ char *path = xasprintf("/proc/%d/ns/user", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lr_error_errno(err, errno, "opening '%s'", path);
    *ret_fd = fd;
    return true;
}

bool lxc_userns_open(uint32_t from, uint32_t to, int *ret_fd, struct lr_error *err)
{
    int up[2];
    if (pipe2(up, O_CLOEXEC) < 0)
        return lr_error_errno(err, errno, "pipe");
    _close_ int ready = up[0];
    _close_ int ready_child = up[1];
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return lr_error_errno(err, errno, "fork");
    if (pid == 0)
        child(self, ready_child);
    close(steal_fd(&ready_child));
    _free_ char *map = xasprintf("%u %u %u\n", from, to, LXC_UID_COUNT);
    bool ok = take(pid, ready, map, ret_fd, err);
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return ok;
}
