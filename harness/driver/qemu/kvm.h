/* Whether virtual machines can have KVM here. libvirt says so from /dev/kvm and its own rights
 * alone; emulators run as another user, and some virtual hosts have a /dev/kvm without a CPU that
 * could run an ordinary guest. */
#ifndef LABRUN_DRIVER_QEMU_KVM_H
#define LABRUN_DRIVER_QEMU_KVM_H

#include <stdbool.h>
#include <sys/types.h>

/* What keeps an emulator that runs as UID:GID from KVM; static texts. */
struct kvm_finding {
    const char *why_not; /* NULL: nothing does */
    const char *mend;    /* a command, or NULL */
};

/* DEVICE: "/dev/kvm"; CPUINFO: the text of /proc/cpuinfo, NULL when it cannot be read. */
struct kvm_finding kvm_inspect(const char *device, const char *cpuinfo, uid_t uid, gid_t gid);

/* Of this host, before libvirt is asked. */
struct kvm_finding kvm_here(uid_t uid, gid_t gid);

#endif
