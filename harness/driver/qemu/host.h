/* What the host's QEMU is, as far as a domain's XML or the validity of a stage depends on it. */
#ifndef LABRUN_DRIVER_QEMU_HOST_H
#define LABRUN_DRIVER_QEMU_HOST_H

#include "driver/driver.h"
#include "driver/qemu/kvm.h"
#include "driver/virt.h"

/* How much longer than on hardware an emulated node may take. Measured: vtysh answers in 0.05 s in
 * a container and in 0.33 s in an emulated machine with a core of its own, which it seldom has. */
#define TCG_PATIENCE 4

struct qemu_host {
    bool kvm;                       /* else TCG */
    struct kvm_finding kvm_finding; /* why not */
    char *emulator;                 /* "/usr/bin/qemu-system-x86_64" */
    char *machine;                  /* the newest pinned q35: "pc-q35-7.2" */
    char *cpu;                      /* digest of the host's CPU under KVM; "maximum" under TCG */
    char *kernel;                   /* the host's release under KVM; "any" under TCG */
    unsigned long qemu_version;     /* 1000000 * major + 1000 * minor + release */
    unsigned long libvirt_version;  /* of the daemon: it lays out what our XML leaves open */
    uid_t uid;                      /* whom the emulators run as */
    gid_t gid;
};

bool qemu_host_inspect(virConnectPtr c, struct qemu_host *ret, struct lr_error *err) _must_check_;
void qemu_host_free(struct qemu_host *h);

/* Whether AppArmor, where it confines emulators, lets them have memory in /dev/shm. */
bool qemu_may_shm(virConnectPtr c);

/* "kvm" or "tcg". */
const char *qemu_host_accel(const struct qemu_host *h);

/* driver_ops.report */
void qemu_report(struct driver_report *ret, const char *state_dir, bool all);

#endif
