#include "driver/lxc/lxc.h"

static void write_idmap(struct xml *x, uint32_t uid_base)
{
    static const char *const kinds[] = {"uid", "gid"};
    xml_open(x, "idmap");
    for (size_t i = 0; i < 2; i++) {
        xml_open(x, kinds[i]);
        xml_attr(x, "start", "0");
        xml_attrf(x, "target", "%u", uid_base);
        xml_attrf(x, "count", "%u", LXC_UID_COUNT);
        xml_close(x);
    }
    xml_close(x);
}

/* Named by us, for libvirt would choose among names that nodes starting beside this one want too,
 * and because the driver has to find it (create.c). At most 15 characters. */
char *lxc_host_ifname(const struct plan_node *n, size_t nic)
{
    return xasprintf("lv%.8s-%zu", n->uuid, nic);
}

/* No <ip>: the guest's own network configuration is part of what is broken and mended. */
static void write_interface(
    struct xml *x, const struct plan *p, const struct plan_node *n, size_t i)
{
    const struct plan_nic *nic = &n->nics[i];
    _free_ char *host = lxc_host_ifname(n, i);
    const struct plan_segment *s = &p->segments[nic->segment];
    xml_open(x, "interface");
    xml_attr(x, "type", "network");
    xml_empty(x, "mac", "address", nic->mac, NULL);
    xml_empty(x, "source", "network", s->name, NULL);
    xml_open(x, "mtu");
    xml_attrf(x, "size", "%lld", (long long)s->mtu);
    xml_close(x);
    xml_empty(x, "target", "dev", host, NULL);
    xml_empty(x, "guest", "dev", nic->ifname, NULL);
    xml_empty(x, "link", "state", "up", NULL);
    xml_close(x);
}

/* A device of the host that serves the network namespace of who opens it. */
static void write_tun(struct xml *x)
{
    xml_open(x, "hostdev");
    xml_attr(x, "mode", "capabilities");
    xml_attr(x, "type", "misc");
    xml_open(x, "source");
    xml_leaf(x, "char", LXC_TUN);
    xml_close(x);
    xml_close(x);
}

static void write_devices(
    struct xml *x, const struct plan *p, const struct plan_node *n, const char *root)
{
    xml_open(x, "devices");
    xml_open(x, "filesystem");
    xml_attr(x, "type", "mount");
    xml_attr(x, "accessmode", "passthrough");
    xml_empty(x, "source", "dir", root, NULL);
    xml_empty(x, "target", "dir", "/", NULL);
    xml_close(x);
    for (size_t i = 0; i < n->n_nics; i++)
        write_interface(x, p, n, i);
    if (p->tun)
        write_tun(x);
    xml_empty(x, "console", "type", "pty", NULL);
    xml_close(x);
}

char *lxc_domain_xml(const struct plan *p, size_t node, const char *root, uint32_t uid_base)
{
    const struct plan_node *n = &p->nodes[node];
    struct xml *x = xml_new();
    xml_open(x, "domain");
    xml_attr(x, "type", "lxc");
    xml_leaf(x, "name", n->domain);
    xml_leaf(x, "uuid", n->uuid);
    virt_metadata_write(x, p, n->name);
    xml_open(x, "memory");
    xml_attr(x, "unit", "MiB");
    xml_textf(x, "%lld", (long long)n->memory_mib);
    xml_close(x);
    xml_leaff(x, "vcpu", "%lld", (long long)n->vcpus);
    xml_open(x, "os");
    xml_leaf(x, "type", "exe");
    xml_leaf(x, "init", LXC_INIT);
    xml_close(x);
    write_idmap(x, uid_base);
    xml_open(x, "features");
    /* Without any interface libvirt would leave the node in the host's network. */
    xml_empty(x, "privnet", NULL);
    xml_close(x);
    /* A node that reboots by itself would come up in the host's root cgroup with nobody there to
     * move it: it goes off, and whoever needs it boots it again. */
    xml_leaf(x, "on_poweroff", "destroy");
    xml_leaf(x, "on_reboot", "destroy");
    xml_leaf(x, "on_crash", "destroy");
    write_devices(x, p, n, root);
    xml_close(x);
    return xml_finish(x);
}
