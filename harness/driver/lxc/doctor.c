/* What `labrun doctor` says about containers on this host, and whether they can be used at all. */
#include "driver/lxc/lxc.h"
#include "driver/segment.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define SCRATCH "/var/tmp"
#define TRIAL   "labrun-doctor-"

/* Before anything was made, the nearest folder above that there is; owned. */
static char *nearest(const char *state_dir)
{
    char *dir = xstrdup(state_dir);
    for (char *end; !path_exists(dir) && (end = strrchr(dir, '/')) && end != dir;)
        *end = '\0';
    return dir;
}

/* The folder, which nobody else uses while it is held: the lock goes with its process. -1: it is
 * another user's, somebody holds it or it is gone. */
static int hold(const char *dir)
{
    struct stat held, now;
    _close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &held) < 0 ||
        held.st_uid != geteuid() || lstat(dir, &now) < 0 || now.st_ino != held.st_ino)
        return -1;
    return steal_fd(&fd);
}

/* What trials left that were killed. */
static void clear_killed(const char *above)
{
    _strv_ struct strv names = STRV_INIT;
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    if (!dir_list(above, &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (!has_prefix(names.items[i], TRIAL))
            continue;
        _free_ char *dir = path_join(above, names.items[i]);
        _close_ int held = hold(dir);
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        if (held >= 0 && !tree_remove(dir, &err))
            log_debug("%s", err.message);
    }
}

/* A new folder on the file system of the state, for a trial, held; owned. In SCRATCH where that is
 * the same. */
static char *make_scratch(const char *state_dir, int *ret_held, struct lr_error *err)
{
    struct stat state, scratch;
    _free_ char *near = nearest(state_dir);
    bool same =
        stat(near, &state) == 0 && stat(SCRATCH, &scratch) == 0 && state.st_dev == scratch.st_dev;
    const char *above = same ? SCRATCH : near;
    clear_killed(above);
    /* Before it is held, somebody who clears may take it away. */
    for (int tries = 3; tries > 0; tries--) {
        _free_ char *dir = xasprintf("%s/" TRIAL "XXXXXX", above);
        if (!mkdtemp(dir)) {
            lr_error_errno(err, errno, "making '%s'", dir);
            return NULL;
        }
        *ret_held = hold(dir);
        if (*ret_held >= 0)
            return STEAL(dir);
    }
    lr_error_set(
        err, LR_EINFRA, "no folder in '%s' for a trial stays: something removes it", above);
    return NULL;
}

static bool check_root(struct driver_report *r)
{
    bool ok = geteuid() == 0;
    driver_finding_add(r, ok ? FINDING_OK : FINDING_MISSING,
        ok ? "running as root, as containers need" : "containers need root",
        ok ? NULL : "sudo labrun …");
    return ok;
}

static bool check_libvirt(struct driver_report *r)
{
    _virt_connect_ virConnectPtr c = NULL;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    bool ok = virt_open(LXC_URI, &c, &e);
    driver_finding_add(r, ok ? FINDING_OK : FINDING_MISSING,
        ok ? "libvirt's lxc driver answers" : e.message,
        ok ? NULL
           : "apt install libvirt-daemon-driver-lxc libvirt-daemon-system, and then `systemctl restart "
             "libvirtd`, or, where there is no systemd, `virtlogd -d; libvirtd -d`");
    return ok;
}

static bool check_overlay(struct driver_report *r, const char *state_dir)
{
    _lr_error_ struct lr_error e = LR_ERROR_INIT, ignored = LR_ERROR_INIT;
    _close_ int held = -1;
    _free_ char *dir = make_scratch(state_dir, &held, &e);
    bool ok = dir && lxc_overlay_try(dir, &e);
    if (dir && !tree_remove(dir, &ignored))
        driver_finding_add(r, FINDING_WARNING, ignored.message, NULL);
    _free_ char *what = ok ? xstrdup("overlayfs takes id-mapped layers")
                           : xasprintf("no overlay of id-mapped layers: %s", e.message);
    driver_finding_add(r, ok ? FINDING_OK : FINDING_MISSING, what,
        ok ? NULL
            : e.hint
            ? e.hint
            : "a kernel of 5.19 or later with overlayfs, and the state folder on ext4, xfs or "
              "btrfs");
    return ok;
}

/* libvirt 9.0 wants to make "unified" directories only where a controller is on that side, and then
 * fails. */
static bool check_cgroups(struct driver_report *r)
{
    _free_ char *text = NULL;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    if (!file_read("/sys/fs/cgroup/unified/cgroup.controllers", 4096, &text, NULL, &e)) {
        driver_finding_add(r, FINDING_OK, "control groups are of one kind", NULL);
        return true;
    }
    _strbuf_ struct strbuf mend = STRBUF_INIT;
    char *save = NULL;
    for (char *c = strtok_r(text, " \n", &save); c; c = strtok_r(NULL, " \n", &save))
        strbuf_addf(&mend,
            "%smkdir -p /sys/fs/cgroup/%s && mount -t cgroup -o %s none "
            "/sys/fs/cgroup/%s",
            mend.len ? "; " : "", c, c, c);
    driver_finding_add(r, mend.len ? FINDING_MISSING : FINDING_OK,
        mend.len ? "control groups of both kinds, with controllers on the new side, where libvirt "
                   "cannot start containers"
                 : "control groups of both kinds, all controllers on the old side",
        mend.data);
    return mend.len == 0;
}

static void check_sysctl(
    struct driver_report *r, const char *path, const char *name, long long least, const char *why)
{
    long long now = file_number(path);
    bool ok = now < 0 || now >= least;
    _free_ char *what = xasprintf("%s is %lld%s%s", name, now, ok ? "" : ": ", ok ? "" : why);
    _free_ char *mend = ok ? NULL : xasprintf("sysctl -w %s=%lld", name, least);
    if (now >= 0)
        driver_finding_add(r, ok ? FINDING_OK : FINDING_WARNING, what, mend);
}

/* AppArmor finds profiles by paths, and those in a container are the same. */
static void check_profiles(struct driver_report *r)
{
    static const char *const programs[] = {"tcpdump", "libvirtd", "chronyd", "rsyslogd"};
    _free_ char *text = NULL;
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    _strbuf_ struct strbuf which = STRBUF_INIT;
    if (!file_read("/sys/kernel/security/apparmor/profiles", 1 << 20, &text, NULL, &ignored))
        return;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        _free_ char *named = xasprintf("%s (enforce)\n", programs[i]);
        if (strstr(text, named))
            strbuf_addf(&which, "%s%s", which.len ? ", " : "", programs[i]);
    }
    if (!which.len)
        return;
    _free_ char *what =
        xasprintf("AppArmor profiles of the host confine in nodes, too: %s", which.data);
    driver_finding_add(r, FINDING_WARNING, what, "aa-disable (apparmor-utils), or the qemu driver");
}

/* Devices such as gre0 come into every node when the kernel loads a module for one of them. */
static void check_tunnels(struct driver_report *r)
{
    if (path_exists("/proc/modules"))
        check_sysctl(r, "/proc/sys/net/core/fb_tunnels_only_for_init_net",
            "net.core.fb_tunnels_only_for_init_net", 1,
            "tunnel devices come into nodes that run when a module is loaded");
}

static void check_disk(struct driver_report *r, const char *state_dir)
{
    uint64_t bytes;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    _free_ char *dir = nearest(state_dir);
    if (!disk_free(dir, &bytes, &e))
        return;
    bool low = bytes < (uint64_t)5 << 30;
    _free_ char *what = xasprintf("%.1f GiB free at %s", (double)bytes / (1 << 30), dir);
    driver_finding_add(r, low ? FINDING_WARNING : FINDING_OK, what, low ? "labrun gc" : NULL);
}

void lxc_report(struct driver_report *ret, const char *state_dir, bool all)
{
    *ret = (struct driver_report){0};
    ret->usable = check_root(ret);
    ret->usable = check_libvirt(ret) && ret->usable;
    ret->usable = ret->usable && check_overlay(ret, state_dir);
    ret->usable = check_cgroups(ret) && ret->usable;
    segments_report(ret);
    check_profiles(ret);
    check_tunnels(ret);
    check_sysctl(ret, "/proc/sys/fs/inotify/max_user_instances", "fs.inotify.max_user_instances",
        8192, "systemd needs a few for each node, and all nodes of a lab share them");
    check_sysctl(ret, "/proc/sys/fs/aio-max-nr", "fs.aio-max-nr", 1048576,
        "each Ceph OSD needs some thousands");
    check_disk(ret, state_dir);
    if (ret->usable && all)
        lxc_features(&ret->offers);
    for (size_t i = 0; i < ret->n_findings && !ret->usable && !ret->why_not; i++)
        if (ret->findings[i].level == FINDING_MISSING)
            ret->why_not = xstrdup(ret->findings[i].what);
}
