#include "scenario/address.h"
#include "scenario/scalars.h"
#include "util/mem.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static size_t n_bytes(const struct address *a)
{
    return a->family == AF_INET ? 4 : 16;
}

/* The address with the bits after its prefix set to 0 or to 1. */
static void with_host_bits(const struct address *a, bool ones, unsigned char out[16])
{
    memcpy(out, a->bytes, 16);
    for (unsigned bit = a->prefix; bit < n_bytes(a) * 8; bit++) {
        unsigned char mask = (unsigned char)(0x80u >> (bit % 8));
        if (ones)
            out[bit / 8] = (unsigned char)(out[bit / 8] | mask);
        else
            out[bit / 8] = (unsigned char)(out[bit / 8] & ~mask);
    }
}

static bool has_host_bits(const struct address *a, bool ones)
{
    unsigned char out[16];
    with_host_bits(a, ones, out);
    return memcmp(out, a->bytes, n_bytes(a)) == 0;
}

/* Why a well-formed address cannot be a node's, or NULL. Two addresses of a /31 or a /127 are both
 * hosts (RFC 3021, RFC 6164). */
static const char *not_a_host4(const struct address *a)
{
    if (a->prefix < 8 || a->prefix > 31)
        return "the prefix of an IPv4 address must be from 8 to 31";
    if (a->bytes[0] == 0 || a->bytes[0] == 127)
        return "it is not one that a host can have on a network";
    if (a->bytes[0] >= 224)
        return "it is a multicast or reserved address";
    if (a->bytes[0] == 169 && a->bytes[1] == 254)
        return "it is a link-local address";
    if (a->prefix < 31 && has_host_bits(a, false))
        return "it is the address of the network itself";
    if (a->prefix < 31 && has_host_bits(a, true))
        return "it is the network's broadcast address";
    return NULL;
}

static const char *not_a_host6(const struct address *a)
{
    struct in6_addr in;
    memcpy(&in, a->bytes, sizeof in);
    if (a->prefix < 16 || a->prefix > 127)
        return "the prefix of an IPv6 address must be from 16 to 127";
    if (IN6_IS_ADDR_LINKLOCAL(&in))
        return "it is a link-local address, which every interface has by itself";
    if (IN6_IS_ADDR_MULTICAST(&in))
        return "it is a multicast or reserved address";
    if (IN6_IS_ADDR_UNSPECIFIED(&in) || IN6_IS_ADDR_LOOPBACK(&in) || IN6_IS_ADDR_V4MAPPED(&in) ||
        IN6_IS_ADDR_V4COMPAT(&in))
        return "it is not one that a host can have on a network";
    if (a->prefix < 127 && has_host_bits(a, false))
        return "it is the address of the network itself";
    return NULL;
}

const char *address_parse(const char *text, struct address *ret)
{
    struct address a = {0};
    const char *slash = strchr(text, '/');
    if (!slash)
        return "it has no prefix, such as /24";
    int64_t prefix;
    if (!parse_int(slash + 1, &prefix) || prefix < 0 || prefix > 128)
        return "the part after the slash is not the length of a prefix";
    _free_ char *host = xstrndup(text, (size_t)(slash - text));
    a.prefix = (unsigned)prefix;
    a.family = strchr(host, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(a.family, host, a.bytes) != 1)
        return a.family == AF_INET ? "it is not an IPv4 address" : "it is not an IPv6 address";
    const char *why = a.family == AF_INET ? not_a_host4(&a) : not_a_host6(&a);
    if (why)
        return why;
    char normal[INET6_ADDRSTRLEN];
    inet_ntop(a.family, a.bytes, normal, sizeof normal);
    snprintf(a.text, sizeof a.text, "%s/%u", normal, a.prefix);
    *ret = a;
    return NULL;
}

bool address_equal(const struct address *a, const struct address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, n_bytes(a)) == 0;
}

bool address_same_subnet(const struct address *a, const struct address *b)
{
    unsigned char x[16], y[16];
    if (a->family != b->family || a->prefix != b->prefix)
        return false;
    with_host_bits(a, false, x);
    with_host_bits(b, false, y);
    return memcmp(x, y, n_bytes(a)) == 0;
}

char *address_subnet_text(const struct address *a)
{
    unsigned char network[16];
    char text[INET6_ADDRSTRLEN];
    with_host_bits(a, false, network);
    inet_ntop(a->family, network, text, sizeof text);
    return xasprintf("%s/%u", text, a->prefix);
}
