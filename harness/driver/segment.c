/* A segment is a Linux bridge that libvirt makes and that has no address, so that neither the
 * host's stack nor another lab can be reached through it, and labs with equal addresses do not
 * meet. Networks are transient: they vanish with the host's uptime, as the nodes do. */
#include "driver/segment.h"
#include "util/deadline.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>

char *segment_xml(const struct plan *p, size_t i)
{
    const struct plan_segment *s = &p->segments[i];
    struct xml *x = xml_new();
    xml_open(x, "network");
    /* Without this, a host that filters bridged frames and drops what it does not know (one that
     * runs Docker) lets IPv4 pass between nodes, for which libvirt has rules, but not IPv6. */
    xml_attr(x, "ipv6", "yes");
    xml_leaf(x, "name", s->name);
    xml_leaf(x, "uuid", s->uuid);
    virt_metadata_write(x, p, NULL);
    xml_empty(x, "bridge", "name", s->bridge, "stp", "off", "delay", "0", NULL);
    xml_open(x, "mtu");
    xml_attrf(x, "size", "%lld", (long long)s->mtu);
    xml_close(x);
    xml_close(x);
    return xml_finish(x);
}

/* Then connections of two labs with equal addresses meet in the host's connection tracking; and
 * where libvirt's rules are nftables' (10.4 and later), a filter beside them can drop what they
 * let through. */
void segments_report(struct driver_report *r)
{
    bool on = false;
    static const char *const tables[] = {"iptables", "ip6tables", "arptables"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        _free_ char *path = xasprintf("/proc/sys/net/bridge/bridge-nf-call-%s", tables[i]);
        on = on || file_number(path) > 0;
    }
    driver_finding_add(r, on ? FINDING_WARNING : FINDING_OK,
        on ? "the host's packet filter sees what nodes say to each other, and may drop it: labs with "
             "equal addresses can meet in its connection tracking"
           : "the host's packet filter stays out of the labs' segments",
        on ? "sysctl -w net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 "
             "net.bridge.bridge-nf-call-arptables=0"
           : NULL);
}

static bool lock_networks(const char *state_dir, int *ret_fd, struct lr_error *err)
{
    _free_ char *dir = path_join(state_dir, "locks");
    _free_ char *path = path_join(dir, "networks");
    return dir_make(dir, 0700, err) && file_lock(path, true, ret_fd, err);
}

/* A setting that may not exist on this kernel; true when it was written or is not there. */
static bool write_setting(const char *path, const char *value)
{
    _close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    return write(fd, value, strlen(value)) == (ssize_t)strlen(value);
}

/* The bridge must not take part: no link-local address, no detour of frames through the host's
 * packet filter. (The latter is only half of it: where the host's bridge-nf-call sysctls are 1,
 * frames take the detour whatever the bridge says, which is doctor's to tell.) */
static bool isolate_bridge(const char *bridge, struct lr_error *err)
{
    _free_ char *v6 = xasprintf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", bridge);
    if (!write_setting(v6, "1"))
        return lr_error_errno(err, errno, "writing '%s'", v6);
    static const char *const tables[] = {"iptables", "ip6tables", "arptables"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        _free_ char *nf = xasprintf("/sys/class/net/%s/bridge/nf_call_%s", bridge, tables[i]);
        if (!write_setting(nf, "0"))
            return lr_error_errno(err, errno, "writing '%s'", nf);
    }
    /* Nor may it remember who asked for which multicast: that would outlast the nodes in a reset,
     * and clones of memory do not ask again. */
    _free_ char *snooping = xasprintf("/sys/class/net/%s/bridge/multicast_snooping", bridge);
    return write_setting(snooping, "0") || lr_error_errno(err, errno, "writing '%s'", snooping);
}

static bool end_locked(virNetworkPtr net, struct lr_error *err)
{
    /* One that is gone in the meantime, or was defined but not running, is as good as ended. */
    if (virNetworkDestroy(net) < 0 && !virt_not_found() && virNetworkIsActive(net) == 1) {
        /* For its error, which the question above has replaced; or it ends this time. */
        return virNetworkDestroy(net) == 0 ||
            virt_error(err, "ending network '%s'", virNetworkGetName(net));
    }
    return true;
}

/* A bridge that somebody removed is still there for libvirt, which makes no new one. */
static bool is_whole(virNetworkPtr net, const struct plan_segment *s)
{
    _free_ char *bridge = path_join("/sys/class/net", s->bridge);
    return virNetworkIsActive(net) == 1 && path_exists(bridge);
}

static bool create_one(virConnectPtr c, const struct plan *p, size_t i, struct lr_error *err)
{
    const struct plan_segment *s = &p->segments[i];
    _virt_network_ virNetworkPtr net = NULL;
    if (!virt_network_find(c, s->name, s->uuid, &net, err))
        return false;
    if (net && !is_whole(net, s)) {
        _virt_network_ virNetworkPtr old = STEAL(net);
        if (!end_locked(old, err))
            return false;
    }
    _free_ char *xml = segment_xml(p, i);
    if (!net && !(net = virNetworkCreateXML(c, xml)))
        return virt_error(err, "creating network '%s'", s->name);
    return isolate_bridge(s->bridge, err);
}

bool segments_create(virConnectPtr c, const struct plan *p, struct lr_error *err)
{
    _close_ int lock = -1;
    if (!lock_networks(p->state_dir, &lock, err))
        return false;
    for (size_t i = 0; i < p->n_segments; i++)
        if (!cancel_check(err) || !create_one(c, p, i, err))
            return false;
    return true;
}

bool segment_end(virNetworkPtr net, const char *state_dir, struct lr_error *err)
{
    _close_ int lock = -1;
    return lock_networks(state_dir, &lock, err) && end_locked(net, err);
}

bool segments_destroy(virConnectPtr c, const struct plan *p, struct lr_error *err)
{
    _close_ int lock = -1;
    if (!lock_networks(p->state_dir, &lock, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < p->n_segments; i++) {
        const struct plan_segment *s = &p->segments[i];
        _lr_error_ struct lr_error e = LR_ERROR_INIT;
        _virt_network_ virNetworkPtr net = NULL;
        bool gone =
            virt_network_find(c, s->name, s->uuid, &net, &e) && (!net || end_locked(net, &e));
        if (gone && !net)
            virt_warn_foreign(c, NULL, s->name, s->uuid);
        if (!gone && ok)
            lr_error_move(err, &e);
        ok = ok && gone;
    }
    return ok;
}
