/* driver_ops.report: what `labrun doctor` says of this driver. */
#include "driver/qemu/host.h"
#include "driver/segment.h"
#include "util/fs.h"
#include "util/proc.h"
#include <fnmatch.h>
#include <sys/utsname.h>

/* What the guests' kernel has, whatever the host's has: modules of Debian's cloud kernel. */
static const char *const guest_offers[] = {"kernel.wireguard", "kernel.vlan", "kernel.vrf",
    "kernel.netem", "kernel.tbf", "kernel.dummy", "kernel.bonding", "kernel.gre", "kernel.vxlan",
    "kernel.geneve", "kernel.esp", "kernel.xfrm", "kernel.mpls", "kernel.l2tp", "kernel.macvlan",
    "kernel.bridge", "kernel.tun", "kernel.nftables", "kernel.conntrack", "kernel.ipvs",
    "kernel.nvme-tcp", "kernel.iscsi", "kernel.md", "kernel.bcache", "kernel.xfs", "kernel.btrfs",
    "kernel.cephfs", "dm-crypt", "device-mapper", "lvm", "rbd", "nbd", "openvswitch", "own-kernel",
    "own-clock", "block-devices"};

static bool unusable(struct driver_report *r, const char *why, const char *mend)
{
    driver_finding_add(r, FINDING_MISSING, why, mend);
    free(r->why_not);
    r->why_not = xstrdup(why);
    return false;
}

static void report_acceleration(struct driver_report *r, const struct qemu_host *h)
{
    if (h->kvm) {
        driver_finding_add(r, FINDING_OK, "KVM is usable", NULL);
        strv_add(&r->offers, "kvm");
        return;
    }
    _free_ char *text =
        xasprintf("%s: virtual machines are emulated (TCG), which is slow", h->kvm_finding.why_not);
    driver_finding_add(r, FINDING_WARNING, text, h->kvm_finding.mend);
}

static void report_version(struct driver_report *r, const struct qemu_host *h)
{
    unsigned long v = h->qemu_version;
    _free_ char *what = xasprintf("QEMU %lu.%lu.%lu, machine %s, through libvirt %lu.%lu.%lu",
        v / 1000000, v / 1000 % 1000, v % 1000, h->machine, h->libvirt_version / 1000000,
        h->libvirt_version / 1000 % 1000, h->libvirt_version % 1000);
    driver_finding_add(r, FINDING_OK, what, NULL);
}

/* The management interface is the emulator's user network, which may be built out. */
static bool report_user_network(struct driver_report *r, const struct qemu_host *h)
{
    const char *const argv[] = {h->emulator, "-netdev", "help", NULL};
    struct proc_opts opts = {.deadline = deadline_in(10 * 1000)};
    _proc_result_ struct proc_result res = {0};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!proc_run(argv, &opts, &res, &err))
        return unusable(r, err.message, NULL);
    if (res.status != 0 || !strstr(res.output, "\nuser\n"))
        return unusable(
            r, "the emulator has no user network", "install a QEMU that was built with libslirp");
    driver_finding_add(r, FINDING_OK, "the emulator has the user network", NULL);
    return true;
}

#define ABSTRACTIONS "/etc/apparmor.d/abstractions/libvirt-qemu"
#define DROPPED_IN   ABSTRACTIONS ".d/labrun"
#define LOCAL_RULES  "/etc/apparmor.d/local/abstractions/libvirt-qemu"

static char *rules_in(const char *path)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char *text = NULL;
    return file_read(path, 1 << 20, &text, NULL, &err) ? text : xstrdup("");
}

/* A rule of STATE/labs/ and so on, or of all below STATE, which may have wildcards, is for this
 * state folder. */
static bool allows(const char *path, const char *state)
{
    _free_ char *text = rules_in(path);
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        line += strspn(line, " \t");
        char *end = strstr(line, "/labs/");
        end = end ? end : strstr(line, "/**");
        if (*line != '/' || !end)
            continue;
        *end = '\0';
        if (fnmatch(line, state, FNM_PATHNAME) == 0)
            return true;
    }
    return false;
}

static bool is_confined(virConnectPtr c)
{
    virSecurityModel model;
    return virNodeGetSecurityModel(c, &model) == 0 && streq(model.model, "apparmor");
}

bool qemu_may_shm(virConnectPtr c)
{
    _free_ char *ours = rules_in(DROPPED_IN);
    _free_ char *local = rules_in(LOCAL_RULES);
    return !is_confined(c) || strstr(ours, "/dev/shm/labrun-*") ||
        strstr(local, "/dev/shm/labrun-*");
}

/* virt-aa-helper lets an emulator open what its XML elements name; memory files are named in
 * <qemu:commandline> only. Where rules of one's own are to be has changed with libvirt 9.6. */
static bool report_apparmor(struct driver_report *r, virConnectPtr c, const char *state_dir)
{
    _free_ char *real = realpath(state_dir, NULL);
    const char *state = real ? real : state_dir;
    if (!is_confined(c) || allows(DROPPED_IN, state) || allows(LOCAL_RULES, state))
        return true;
    _free_ char *theirs = rules_in(ABSTRACTIONS);
    const char *rules = strstr(theirs, "libvirt-qemu.d") ? DROPPED_IN : LOCAL_RULES;
    _free_ char *mend =
        xasprintf("mkdir -p $(dirname %1$s); printf '%%s\\n' '%2$s/labs/*/nodes/*/ram "
                  "rwk,' '%2$s/stages/*/*/{ram,state} rwk,' '/dev/shm/labrun-* rwk,' >>%1$s",
            rules, state);
    return unusable(r,
        "AppArmor confines virtual machines, and their memory files in labrun's state folder are "
        "not allowed yet",
        mend);
}

static bool look(struct driver_report *r, const char *state_dir)
{
    _virt_connect_ virConnectPtr c = NULL;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct utsname u;
    if (uname(&u) < 0 || !streq(u.machine, "x86_64"))
        return unusable(r, "the qemu driver has images for x86_64 only", NULL);
    if (!virt_open("qemu:///system", &c, &err))
        return unusable(r, err.message, err.code == LR_ESERVICE ? err.hint : NULL);
    driver_finding_add(r, FINDING_OK, "libvirt's qemu driver answers", NULL);
    struct qemu_host h;
    if (!qemu_host_inspect(c, &h, &err))
        return unusable(r, err.message, "apt install qemu-system-x86");
    report_version(r, &h);
    report_acceleration(r, &h);
    bool ok = report_apparmor(r, c, state_dir);
    segments_report(r);
    ok = report_user_network(r, &h) && ok;
    if (ok && geteuid() != 0 && geteuid() != h.uid)
        ok = unusable(r, "only root can give memory files to the emulator's user", "sudo labrun …");
    qemu_host_free(&h);
    return ok;
}

void qemu_report(struct driver_report *ret, const char *state_dir, bool all)
{
    (void)all;
    struct driver_report r = {0};
    for (size_t i = 0; i < sizeof guest_offers / sizeof *guest_offers; i++)
        strv_add(&r.offers, guest_offers[i]);
    r.usable = look(&r, state_dir);
    *ret = r;
}
