/* What the host's kernel can do for a node, found out by asking it, in a network namespace that is
 * thrown away: which modules could be loaded is not told by any list. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

/* A netlink request under construction; attributes nest. */
struct message {
    union {
        struct nlmsghdr head;
        unsigned char bytes[1024];
    };
};

static void *grow(struct message *m, size_t n)
{
    void *at = m->bytes + NLMSG_ALIGN(m->head.nlmsg_len);
    m->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->head.nlmsg_len) + n);
    return at;
}

static void begin(struct message *m, unsigned type, unsigned flags, const void *body, size_t n)
{
    *m = (struct message){.head = {.nlmsg_len = NLMSG_HDRLEN,
                              .nlmsg_type = (uint16_t)type,
                              .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags)}};
    memcpy(grow(m, n), body, n);
}

/* Adds an attribute; with DATA NULL and N 0 it opens a nest, which end_nest() closes. */
static struct rtattr *attribute(struct message *m, int type, const void *data, size_t n)
{
    struct rtattr *a = grow(m, RTA_LENGTH(n));
    a->rta_type = (unsigned short)type;
    a->rta_len = (unsigned short)RTA_LENGTH(n);
    if (n)
        memcpy(RTA_DATA(a), data, n);
    return a;
}

static void end_nest(struct message *m, struct rtattr *nest)
{
    nest->rta_len = (unsigned short)(m->bytes + m->head.nlmsg_len - (unsigned char *)nest);
}

/* Sends and reads the answer: 0, or the kernel's errno. */
static int ask(int family, const struct message *m)
{
    _close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
    if (fd < 0 || send(fd, m, m->head.nlmsg_len, 0) < 0)
        return errno;
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        unsigned char rest[1024];
    } answer;
    ssize_t n = recv(fd, &answer, sizeof answer, 0);
    if (n < (ssize_t)(sizeof answer.head + sizeof answer.error) ||
        answer.head.nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return -answer.error.error;
}

/* A known kind may want more than its name, but says so with another error. */
static bool has_link_kind(const char *kind)
{
    struct message m;
    struct ifinfomsg body = {.ifi_family = AF_UNSPEC};
    begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    attribute(&m, IFLA_IFNAME, "lrprobe", sizeof "lrprobe");
    struct rtattr *info = attribute(&m, IFLA_LINKINFO, NULL, 0);
    attribute(&m, IFLA_INFO_KIND, kind, strlen(kind));
    end_nest(&m, info);
    bool has = ask(NETLINK_ROUTE, &m) != EOPNOTSUPP;
    struct message del;
    begin(&del, RTM_DELLINK, 0, &body, sizeof body);
    attribute(&del, IFLA_IFNAME, "lrprobe", sizeof "lrprobe");
    ask(NETLINK_ROUTE, &del); /* so that the next kind finds the name free */
    return has;
}

static bool has_netem(void)
{
    struct message m;
    struct tcmsg body = {.tcm_family = AF_UNSPEC, .tcm_ifindex = 1, .tcm_parent = TC_H_ROOT};
    struct tc_netem_qopt options = {.limit = 1000};
    begin(&m, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    attribute(&m, TCA_KIND, "netem", sizeof "netem");
    attribute(&m, TCA_OPTIONS, &options, sizeof options);
    return ask(NETLINK_ROUTE, &m) == 0;
}

static void add_algorithm(struct message *m, int type, const char *name, unsigned key_bits)
{
    struct xfrm_algo algo = {.alg_key_len = key_bits};
    unsigned char bytes[sizeof algo + 32] = {0}; /* the algorithm, then its key */
    strncpy(algo.alg_name, name, sizeof algo.alg_name - 1);
    memcpy(bytes, &algo, sizeof algo);
    attribute(m, type, bytes, sizeof algo + key_bits / 8);
}

static bool has_esp(void)
{
    struct message m;
    struct xfrm_usersa_info sa = {.family = AF_INET,
        .mode = XFRM_MODE_TRANSPORT,
        .id = {.proto = IPPROTO_ESP, .spi = htonl(0x1000), .daddr.a4 = htonl(INADDR_LOOPBACK)}};
    sa.lft.soft_byte_limit = sa.lft.hard_byte_limit = XFRM_INF;
    sa.lft.soft_packet_limit = sa.lft.hard_packet_limit = XFRM_INF;
    begin(&m, XFRM_MSG_NEWSA, 0, &sa, sizeof sa);
    add_algorithm(&m, XFRMA_ALG_AUTH, "hmac(sha256)", 256);
    add_algorithm(&m, XFRMA_ALG_CRYPT, "cbc(aes)", 128);
    return ask(NETLINK_XFRM, &m) == 0;
}

/* Asked, for the kernel loads the module then; a kernel that has none does not know the message. */
static bool has_conntrack(void)
{
    struct message m;
    struct nfgenmsg body = {.nfgen_family = AF_INET, .version = NFNETLINK_V0};
    begin(&m, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS, 0, &body, sizeof body);
    int e = ask(NETLINK_NETFILTER, &m);
    return e == 0 || e == EPROTO; /* the numbers themselves come first, and are no error */
}

static bool ask_all(void *data, struct lr_error *err)
{
    static const struct {
        const char *offer;
        const char *kind;
    } links[] = {
        {"kernel.vlan", "vlan"},
        {"kernel.vrf", "vrf"},
        {"kernel.wireguard", "wireguard"},
        {"kernel.dummy", "dummy"},
        {"kernel.bonding", "bond"},
        {"kernel.gre", "gre"},
        {"kernel.vxlan", "vxlan"},
        {"kernel.macvlan", "macvlan"},
        {"kernel.geneve", "geneve"},
        {"kernel.bridge", "bridge"},
        {"kernel.veth", "veth"},
    };
    struct strv *offers = data;
    if (unshare(CLONE_NEWNET) < 0)
        return lr_error_errno(err, errno, "making a network namespace");
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (has_link_kind(links[i].kind))
            strv_add(offers, links[i].offer);
    if (has_netem())
        strv_add(offers, "kernel.netem");
    if (has_esp())
        strv_add(offers, "kernel.esp");
    if (has_conntrack())
        strv_add(offers, "kernel.conntrack");
    return true;
}

void lxc_features(struct strv *ret_offers)
{
    static const struct {
        const char *offer;
        const char *path;
    } looks[] = {
        {"kernel.mpls", "/proc/sys/net/mpls"},
        {"kernel.nftables", "/proc/net/netfilter"},
        {NEEDS_TUN, LXC_TUN},
        {"openvswitch", "/sys/module/openvswitch"},
    };
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    if (!lxc_on_thread(ask_all, ret_offers, &e))
        return; /* nothing can be asked, nothing is offered */
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (path_exists(looks[i].path))
            strv_add(ret_offers, looks[i].offer);
}
