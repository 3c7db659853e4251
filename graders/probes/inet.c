#include "graders/probes/inet.h"
#include "util/mem.h"
#include <arpa/inet.h>

static bool parse_length(const char *s, int most, int *ret)
{
    if (!*s || strlen(s) > 3 || strspn(s, "0123456789") != strlen(s) || (*s == '0' && s[1]))
        return false;
    *ret = atoi(s);
    return *ret <= most;
}

static bool bits_after(const unsigned char *bytes, int prefix, int most)
{
    for (int i = prefix; i < most; i++)
        if (bytes[i / 8] & (0x80 >> (i % 8)))
            return true;
    return false;
}

const char *inet_parse(const char *text, struct inet *ret)
{
    char address[INET6_ADDRSTRLEN] = "";
    unsigned char bytes[16];
    const char *slash = strchr(text, '/');
    size_t n = slash ? (size_t)(slash - text) : strlen(text);
    struct inet in = {.prefix = -1};
    if (n >= sizeof address)
        return "is not an address";
    memcpy(address, text, n);
    in.family = strchr(address, ':') ? AF_INET6 : AF_INET;
    int most = in.family == AF_INET ? 32 : 128;
    if (inet_pton(in.family, address, bytes) != 1)
        return "is not an address";
    if (slash && !parse_length(slash + 1, most, &in.prefix))
        return "has a prefix of no such length";
    if (slash && bits_after(bytes, in.prefix, most))
        return "has bits set after its prefix";
    inet_ntop(in.family, bytes, in.text, INET6_ADDRSTRLEN);
    if (slash)
        snprintf(in.text + strlen(in.text), 8, "/%d", in.prefix);
    *ret = in;
    return NULL;
}

static char *checked(struct reader *r, const struct value *v, const char *text, bool prefix)
{
    struct inet in;
    const char *wrong = inet_parse(text, &in);
    if (!wrong && prefix != (in.prefix >= 0))
        wrong = prefix ? "lacks the length of its prefix" : "must be an address without a prefix";
    if (!wrong)
        return xstrdup(in.text);
    problems_add(r->problems, v, "'%s' %s", text, wrong);
    return NULL;
}

static void read_one(struct reader *r, const struct value *v, char **member, bool prefix)
{
    static const struct field text = {.type = FIELD_T_STRING, .max = 64};
    _free_ char *s = NULL;
    read_field(r, v, &text, &s);
    if (s)
        *member = checked(r, v, s, prefix);
}

void read_prefix(struct reader *r, const struct value *v, void *member)
{
    read_one(r, v, member, true);
}

void read_address(struct reader *r, const struct value *v, void *member)
{
    read_one(r, v, member, false);
}

static void read_list(struct reader *r, const struct value *v, struct strv *member, bool prefix)
{
    static const struct field list = {.type = FIELD_T_STRINGS};
    _strv_ struct strv words = STRV_INIT;
    read_field(r, v, &list, &words);
    for (size_t i = 0; i < words.n; i++) {
        const struct value *at = v->type == VALUE_LIST ? &v->items[i] : v;
        _free_ char *text = checked(r, at, words.items[i], prefix);
        if (text && strv_contains(member, text))
            problems_add(r->problems, at, "'%s' is there twice", text);
        else if (text)
            strv_add(member, text);
    }
}

void read_prefixes(struct reader *r, const struct value *v, void *member)
{
    read_list(r, v, member, true);
}

void read_addresses(struct reader *r, const struct value *v, void *member)
{
    read_list(r, v, member, false);
}

bool inet_same(const char *a, const char *b)
{
    struct inet x, y;
    if (inet_parse(a, &x) || inet_parse(b, &y))
        return streq(a, b);
    return streq(x.text, y.text);
}
