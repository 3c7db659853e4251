/* Whether a condition holds for a packet that nobody has agreed on. Only what has one meaning is
 * read; a condition that is not understood does not hold. */
#include "graders/probes/nft.h"
#include <arpa/inet.h>

/* Addresses that are nobody's (the relays of 6to4, RFC 7526), the discard port, and interfaces that
 * no node has: what a filter lets in on purpose does not look so. */
const struct nft_stranger nft_strangers[NFT_STRANGERS] = {
    {"ip", "ipv4", "tcp", "192.88.99.77", "192.88.99.78", 49152, 9},
    {"ip", "ipv4", "udp", "192.88.99.77", "192.88.99.78", 49152, 9},
    {"ip6", "ipv6", "tcp", "2002:c058:634d::1", "2002:c058:634e::1", 49152, 9},
    {"ip6", "ipv6", "udp", "2002:c058:634d::1", "2002:c058:634e::1", 49152, 9},
};

/* What the packet has where a condition looks: a number or a text, an address among them. */
struct sight {
    bool known;
    const char *text; /* NULL: it is a number */
    int64_t number;
};

static struct sight saw_text(const char *text)
{
    return (struct sight){.known = true, .text = text};
}

static struct sight saw_number(int64_t number)
{
    return (struct sight){.known = true, .number = number};
}

static bool is_one_of(const char *key, const char *const *names)
{
    for (; *names; names++)
        if (streq(key, *names))
            return true;
    return false;
}

static struct sight look_at_meta(const struct nft_stranger *s, const char *key)
{
    static const char *const interfaces[] = {"iif", "oif", "iifname", "oifname", NULL};
    static const char *const types[] = {"iiftype", "oiftype", NULL};
    if (is_one_of(key, interfaces))
        return saw_text("stranger");
    if (is_one_of(key, types))
        return saw_text("ether");
    if (streq(key, "nfproto"))
        return saw_text(s->nfproto);
    if (streq(key, "protocol"))
        return saw_text(s->family);
    if (streq(key, "l4proto"))
        return saw_text(s->protocol);
    if (streq(key, "pkttype"))
        return saw_text("host");
    if (streq(key, "mark") || streq(key, "priority"))
        return saw_number(0);
    if (streq(key, "length"))
        return saw_number(60);
    return (struct sight){0};
}

static struct sight look_at_connection(const char *key)
{
    return streq(key, "state")    ? saw_text("new")
        : streq(key, "direction") ? saw_text("original")
        : streq(key, "mark")      ? saw_number(0)
                                  : (struct sight){0};
}

static struct sight look_at_header(
    const struct nft_stranger *s, const char *header, const char *field)
{
    bool ports = streq(header, s->protocol) || streq(header, "th");
    if (ports && streq(field, "sport"))
        return saw_number(s->source_port);
    if (ports && streq(field, "dport"))
        return saw_number(s->port);
    if (ports && streq(s->protocol, "tcp") && streq(field, "flags"))
        return saw_text("syn");
    if (!streq(header, s->family))
        return (struct sight){0};
    if (streq(field, "saddr"))
        return saw_text(s->source);
    if (streq(field, "daddr"))
        return saw_text(s->to);
    if (streq(field, "protocol") || streq(field, "nexthdr"))
        return saw_text(s->protocol);
    if (streq(field, "version"))
        return saw_number(streq(s->family, "ip") ? 4 : 6);
    if (streq(field, "ttl") || streq(field, "hoplimit"))
        return saw_number(64);
    return (struct sight){0};
}

static struct sight look(const struct nft_stranger *s, const json_t *left)
{
    /* tcp flags & (fin | syn | rst | ack): what is masked out is not set anyway. */
    const json_t *masked = json_array_get(json_object_get(left, "&"), 0);
    if (masked)
        left = masked;
    const char *meta = json_string_value(json_object_get(json_object_get(left, "meta"), "key"));
    const char *ct = json_string_value(json_object_get(json_object_get(left, "ct"), "key"));
    const json_t *payload = json_object_get(left, "payload");
    const char *header = json_string_value(json_object_get(payload, "protocol"));
    const char *field = json_string_value(json_object_get(payload, "field"));
    struct sight seen = meta ? look_at_meta(s, meta)
        : ct                 ? look_at_connection(ct)
        : header && field    ? look_at_header(s, header, field)
                             : (struct sight){0};
    /* Of a masked address or number, the mask counts, and it is not read. */
    if (masked && !(seen.text && streq(seen.text, "syn")))
        return (struct sight){0};
    return seen;
}

/* -1, 0 or 1 as A is below, at or above B; false when one of them is no address of FAMILY. */
static bool compare_addresses(int family, const char *a, const char *b, size_t bits, int *ret)
{
    unsigned char x[16], y[16];
    if (!b || inet_pton(family, a, x) != 1 || inet_pton(family, b, y) != 1)
        return false;
    int order = memcmp(x, y, bits / 8);
    unsigned rest = bits % 8 ? 0xffU << (8 - bits % 8) & 0xffU : 0;
    if (order == 0 && rest)
        order = (int)(x[bits / 8] & rest) - (int)(y[bits / 8] & rest);
    *ret = order < 0 ? -1 : order > 0;
    return true;
}

/* How what was seen stands to WHAT, a number, a text or an address. */
static bool compare(const struct sight *seen, const json_t *what, int *ret)
{
    if (!seen->text) {
        if (!json_is_integer(what))
            return false;
        int64_t number = json_integer_value(what);
        *ret = seen->number < number ? -1 : seen->number > number;
        return true;
    }
    const char *text = json_string_value(what);
    if (!text)
        return false;
    if (compare_addresses(AF_INET, seen->text, text, 32, ret) ||
        compare_addresses(AF_INET6, seen->text, text, 128, ret))
        return true;
    *ret = strcmp(seen->text, text);
    return true;
}

static bool is_in_prefix(const struct sight *seen, const json_t *prefix)
{
    const char *address = json_string_value(json_object_get(prefix, "addr"));
    int64_t bits = json_integer_value(json_object_get(prefix, "len"));
    int order;
    if (!seen->text || bits < 0)
        return false;
    return (bits <= 32 && compare_addresses(AF_INET, seen->text, address, (size_t)bits, &order) &&
               order == 0) ||
        (bits <= 128 && compare_addresses(AF_INET6, seen->text, address, (size_t)bits, &order) &&
            order == 0);
}

/* One value, {"range": [A, B]}, {"prefix": …}, or any of these in {"elem": {"val": …}}. */
static bool is_like(const struct sight *seen, const json_t *what)
{
    const json_t *bare = json_object_get(json_object_get(what, "elem"), "val");
    if (bare)
        what = bare;
    int low, high;
    const json_t *range = json_object_get(what, "range"), *prefix = json_object_get(what, "prefix");
    if (range)
        return compare(seen, json_array_get(range, 0), &low) && low >= 0 &&
            compare(seen, json_array_get(range, 1), &high) && high <= 0;
    if (prefix)
        return is_in_prefix(seen, prefix);
    return compare(seen, what, &low) && low == 0;
}

static bool is_among(const struct sight *seen, const json_t *what)
{
    const json_t *set = json_object_get(what, "set");
    const json_t *all = set ? set : what;
    if (!json_is_array(all))
        return is_like(seen, all);
    for (size_t i = 0; i < json_array_size(all); i++)
        if (is_like(seen, json_array_get(all, i)))
            return true;
    return false;
}

bool nft_holds(
    const struct nft_stranger *s, const json_t *left, const char *op, const json_t *right)
{
    struct sight seen = look(s, left);
    int order;
    if (!seen.known)
        return false;
    if (streq(op, "==") || streq(op, "in"))
        return is_among(&seen, right);
    if (streq(op, "!="))
        return !is_among(&seen, right);
    if (seen.text || !compare(&seen, right, &order))
        return false;
    return streq(op, "<") ? order < 0
        : streq(op, "<=") ? order <= 0
        : streq(op, ">")  ? order > 0
        : streq(op, ">=") ? order >= 0
                          : false;
}
