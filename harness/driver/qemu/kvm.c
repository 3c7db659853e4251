#include "driver/qemu/kvm.h"
#include "util/fs.h"
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#define DEVICE "/dev/kvm"

/* True when the first CPU has FLAG. */
static bool has_flag(const char *cpuinfo, const char *flag)
{
    const char *at = strstr(cpuinfo, "\nflags");
    size_t n = strlen(flag);
    if (!at)
        return false;
    const char *end = at + 1 + strcspn(at + 1, "\n");
    for (; (at = strstr(at, flag)) && at < end; at += n)
        if (at[-1] == ' ' && (at + n == end || at[n] == ' '))
            return true;
    return false;
}

/* libvirt gives an emulator all groups of its user, its own first one among them (Debian's is kvm,
 * whatever group libvirt is told to take). */
static bool is_member(uid_t uid, gid_t gid, gid_t wanted)
{
    gid_t groups[256];
    int n = sizeof groups / sizeof *groups;
    const struct passwd *user = getpwuid(uid);
    if (gid == wanted)
        return true;
    if (!user || getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
        return false;
    for (int i = 0; i < n; i++)
        if (groups[i] == wanted)
            return true;
    return false;
}

static bool may_open(const struct stat *st, uid_t uid, gid_t gid)
{
    const mode_t rw = 06;
    if (uid == 0)
        return true;
    if (st->st_uid == uid)
        return ((st->st_mode >> 6) & rw) == rw;
    if (is_member(uid, gid, st->st_gid))
        return ((st->st_mode >> 3) & rw) == rw;
    return (st->st_mode & rw) == rw;
}

struct kvm_finding kvm_inspect(const char *device, const char *cpuinfo, uid_t uid, gid_t gid)
{
    struct stat st;
    if (stat(device, &st) < 0)
        return (struct kvm_finding){
            "there is no /dev/kvm", "modprobe kvm_intel || modprobe kvm_amd"};
    if (!may_open(&st, uid, gid))
        return (struct kvm_finding){
            "/dev/kvm is there, but the emulators' user may not open it (libvirt "
            "then looks at QEMU again for each device)",
            "chgrp kvm /dev/kvm && chmod 660 /dev/kvm"};
    if (!cpuinfo || (!has_flag(cpuinfo, "vmx") && !has_flag(cpuinfo, "svm")))
        return (struct kvm_finding){"/dev/kvm is there, but this CPU has neither vmx nor svm (on a "
                                    "virtual host: nested virtualisation is off)",
            NULL};
    return (struct kvm_finding){NULL, NULL};
}

struct kvm_finding kvm_here(uid_t uid, gid_t gid)
{
    _free_ char *cpuinfo = NULL;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!file_read("/proc/cpuinfo", 16 << 20, &cpuinfo, NULL, &err))
        cpuinfo = NULL;
    return kvm_inspect(DEVICE, cpuinfo, uid, gid);
}
