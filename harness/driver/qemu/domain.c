/* A stage's memory holds a running kernel that knows its devices by their PCI addresses, so every
 * device has a fixed one: all sit on the root bus, as functions of slots set aside for their kind.
 * Slot 0x1d is for the management NIC, of which libvirt does not know.
 *
 * What libvirt has no element for goes through <qemu:commandline>:
 *  - the management netdev. libvirt's own user network cannot be told restrict=on, and passt lets
 *    the guest out to the host's network, which no lab may reach;
 *  - the memory as a file of our choosing (libvirt's <memoryBacking> picks its own path), with a
 *    fixed object name, because the migration stream refers to it;
 *  - "-incoming defer", which makes the emulator wait for the state.
 * Under AppArmor or SELinux libvirt confines an emulator to the files its XML elements name; the
 * memory file is not among them, so the policy must allow the state folder (see qemu_report). */
#include "driver/qemu/domain.h"

#define SLOT_SERIAL 0x02
#define SLOT_RNG    0x03
#define SLOT_DISKS  0x04 /* … 0x07: eight functions each */
#define SLOT_NICS   0x08 /* … 0x0f */
#define MGMT_ADDR   "0x1d"
#define RAM_ID      "lab.ram"

/* Translated code under TCG: 1 GiB by default, which is more than a lab's node has memory. */
#define TB_CACHE_MIB "128"

char *qemu_mgmt_mac(size_t node)
{
    return xasprintf("52:54:00:ff:00:%02zx", node + 1);
}

static void write_address(struct xml *x, unsigned slot, size_t function)
{
    xml_open(x, "address");
    xml_attr(x, "type", "pci");
    xml_attr(x, "domain", "0x0000");
    xml_attr(x, "bus", "0x00");
    xml_attrf(x, "slot", "0x%02x", slot + (unsigned)(function / 8));
    xml_attrf(x, "function", "0x%zx", function % 8);
    if (function % 8 == 0)
        xml_attr(x, "multifunction", "on");
    xml_close(x);
}

/* QEMU's TCG before 8.0 works the flags of cmpxchg16b out from an operation before the last.
 * Linux's allocator lives by it, and the kernel dies of a double fault when an interrupt comes
 * between it and its jump: once in some hours of a few nodes. Programs keep it: HAProxy cannot do
 * without. */
#define NO_CMPXCHG16B   " clearcpuid=cx16"
#define SERVICE_START_S 90 /* what systemd gives a service on hardware */

static void write_boot(struct xml *x, const struct qemu_domain *d)
{
    xml_open(x, "os");
    xml_open(x, "type");
    xml_attr(x, "arch", "x86_64");
    xml_attr(x, "machine", d->host->machine);
    xml_text(x, "hvm");
    xml_close(x);
    xml_leaf(x, "kernel", d->kernel);
    xml_leaf(x, "initrd", d->initrd);
    _strbuf_ struct strbuf line = STRBUF_INIT;
    strbuf_adds(&line, "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet mitigations=off");
    /* Nobody is at its console: a kernel that has died boots again. */
    strbuf_adds(&line, " panic=1");
    /* A service that is ended before it is ready, and begun again, never gets there. A kernel that
     * sees no ticks while its host is busy takes the timer for broken, and panics. */
    if (!d->host->kvm)
        strbuf_addf(&line, NO_CMPXCHG16B " no_timer_check systemd.default_timeout_start_sec=%d",
            SERVICE_START_S * TCG_PATIENCE);
    if (d->seeding)
        strbuf_addf(&line, " labrun.seed=%s", d->plan->nodes[d->node].uuid);
    xml_leaf(x, "cmdline", line.data);
    xml_close(x);
}

static void write_machine(struct xml *x, const struct qemu_domain *d)
{
    xml_open(x, "features");
    xml_empty(x, "acpi", NULL);
    xml_empty(x, "apic", NULL);
    if (!d->host->kvm) {
        xml_open(x, "tcg");
        xml_open(x, "tb-cache");
        xml_attr(x, "unit", "MiB");
        xml_text(x, TB_CACHE_MIB);
        xml_close(x);
        xml_close(x);
    }
    xml_close(x);
    if (d->host->kvm)
        xml_empty(x, "cpu", "mode", "host-passthrough", "migratable", "on", NULL);
    else
        xml_empty(x, "cpu", "mode", "maximum", NULL);
}

/* The RTC runs with the guest, so that it stands while a stage lies frozen: a node that reboots in
 * a clone reads the same time its neighbours never stopped counting. */
static void write_clock(struct xml *x, const struct qemu_domain *d)
{
    xml_open(x, "clock");
    if (d->clock) {
        xml_attr(x, "offset", "absolute");
        xml_attrf(x, "start", "%lld", (long long)d->clock);
    } else {
        xml_attr(x, "offset", "utc");
    }
    xml_empty(x, "timer", "name", "rtc", "track", "guest", NULL);
    xml_close(x);
}

/* cache=unsafe: the guest's flushes cost nothing. What the guest wrote is in the host's page cache
 * when the emulator ends, which is all that a lab, or its power cut, needs. */
static void write_disk(struct xml *x, const struct qemu_domain *d, size_t i)
{
    xml_open(x, "disk");
    xml_attr(x, "type", "file");
    xml_attr(x, "device", "disk");
    xml_empty(
        x, "driver", "name", "qemu", "type", "qcow2", "cache", "unsafe", "discard", "unmap", NULL);
    xml_empty(x, "source", "file", d->disks[i], NULL);
    xml_open(x, "target");
    if (i < 26)
        xml_attrf(x, "dev", "vd%c", (int)('a' + i));
    else
        xml_attrf(x, "dev", "vda%c", (int)('a' + i - 26));
    xml_attr(x, "bus", "virtio");
    xml_close(x);
    if (i == 0)
        xml_leaf(x, "serial", "lab-root");
    else
        xml_leaff(x, "serial", "lab-disk%zu", i - 1);
    write_address(x, SLOT_DISKS, i);
    xml_close(x);
}

static void write_nic(struct xml *x, const struct qemu_domain *d, size_t i)
{
    const struct plan_nic *nic = &d->plan->nodes[d->node].nics[i];
    const struct plan_segment *segment = &d->plan->segments[nic->segment];
    xml_open(x, "interface");
    xml_attr(x, "type", "network");
    xml_empty(x, "mac", "address", nic->mac, NULL);
    xml_empty(x, "source", "network", segment->name, NULL);
    xml_empty(x, "model", "type", "virtio", NULL);
    /* Not vhost, which libvirt takes with KVM where it can: a state is to fit whether it can or
     * not. */
    xml_empty(x, "driver", "name", "qemu", NULL);
    xml_open(x, "mtu");
    xml_attrf(x, "size", "%lld", (long long)segment->mtu);
    xml_close(x);
    write_address(x, SLOT_NICS, i);
    xml_close(x);
}

static void write_devices(struct xml *x, const struct qemu_domain *d)
{
    const struct plan_node *node = &d->plan->nodes[d->node];
    xml_open(x, "devices");
    xml_leaf(x, "emulator", d->host->emulator);
    for (size_t i = 0; i <= node->n_disks; i++)
        write_disk(x, d, i);
    xml_empty(x, "controller", "type", "usb", "index", "0", "model", "none", NULL);
    xml_open(x, "controller");
    xml_attr(x, "type", "virtio-serial");
    xml_attr(x, "index", "0");
    write_address(x, SLOT_SERIAL, 0);
    xml_close(x);
    for (size_t i = 0; i < node->n_nics; i++)
        write_nic(x, d, i);
    xml_open(x, "serial");
    xml_attr(x, "type", "file");
    xml_empty(x, "source", "path", d->console, "append", "on", NULL);
    xml_empty(x, "target", "port", "0", NULL);
    xml_close(x);
    xml_open(x, "channel");
    xml_attr(x, "type", "unix");
    xml_empty(x, "target", "type", "virtio", "name", "org.qemu.guest_agent.0", NULL);
    xml_close(x);
    xml_empty(x, "memballoon", "model", "none", NULL);
    xml_open(x, "rng");
    xml_attr(x, "model", "virtio");
    xml_open(x, "backend");
    xml_attr(x, "model", "random");
    xml_text(x, "/dev/urandom");
    xml_close(x);
    write_address(x, SLOT_RNG, 0);
    xml_close(x);
    xml_close(x);
}

static void write_arg(struct xml *x, const char *arg)
{
    xml_empty(x, "qemu:arg", "value", arg, NULL);
}

/* As JSON, so that no character of a path has a meaning. */
static char *memory_object(const struct qemu_domain *d)
{
    _json_ json_t *j =
        json_pack("{s:s, s:s, s:I, s:s, s:b, s:b}", "qom-type", "memory-backend-file", "id", RAM_ID,
            "size", (json_int_t)d->plan->nodes[d->node].memory_mib << 20, "mem-path", d->ram,
            "share", (int)d->ram_shared, "x-use-canonical-path-for-ramblock-id", 0);
    if (!j)
        abort(); /* out of memory, or a path that is not UTF-8, which XML could not carry either */
    return json_dumps(j, JSON_COMPACT);
}

static void write_arguments(struct xml *x, const struct qemu_domain *d)
{
    _free_ char *netdev =
        xasprintf("user,id=mgmt,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:%u-%s:22", d->port,
            QEMU_MGMT_ADDRESS);
    _free_ char *mac = qemu_mgmt_mac(d->node);
    _free_ char *device = xasprintf("virtio-net-pci,netdev=mgmt,mac=%s,addr=" MGMT_ADDR, mac);
    xml_open(x, "qemu:commandline");
    write_arg(x, "-netdev");
    write_arg(x, netdev);
    write_arg(x, "-device");
    write_arg(x, device);
    if (d->ram) {
        _free_ char *object = memory_object(d);
        write_arg(x, "-object");
        write_arg(x, object);
        write_arg(x, "-machine");
        write_arg(x, "memory-backend=" RAM_ID);
    }
    if (d->incoming) {
        write_arg(x, "-incoming");
        write_arg(x, "defer");
    }
    xml_close(x);
}

char *qemu_domain_xml(const struct qemu_domain *d)
{
    const struct plan_node *node = &d->plan->nodes[d->node];
    struct xml *x = xml_new();
    xml_open(x, "domain");
    xml_attr(x, "type", d->host->kvm ? "kvm" : "qemu");
    xml_attr(x, "xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0");
    xml_leaf(x, "name", node->domain);
    xml_leaf(x, "uuid", node->uuid);
    xml_empty(x, "genid", NULL);
    virt_metadata_write(x, d->plan, node->name);
    xml_open(x, "memory");
    xml_attr(x, "unit", "MiB");
    xml_textf(x, "%lld", (long long)node->memory_mib);
    xml_close(x);
    xml_leaff(x, "vcpu", "%lld", (long long)node->vcpus);
    write_boot(x, d);
    write_machine(x, d);
    write_clock(x, d);
    xml_leaf(x, "on_poweroff", "destroy");
    xml_leaf(x, "on_reboot", "restart");
    xml_leaf(x, "on_crash", "destroy");
    write_devices(x, d);
    write_arguments(x, d);
    return xml_finish(x);
}
