/* route: where the kernel of the check's node sends packets: for an address, by a look-up in all
 * its tables and rules; for a prefix, by what stands in one table. */
#include "graders/answer.h"
#include "graders/probes/expect.h"
#include "graders/probes/inet.h"
#include "graders/probes/kinds.h"
#include "graders/probes/node.h"
#include <sys/socket.h>

static const char *const family_names[] = {"any", "ipv4", "ipv6", NULL};
static const char *const type_names[] = {
    "any", "unicast", "local", "blackhole", "unreachable", "prohibit", NULL};

struct route_params {
    char *to; /* an address, a prefix or "default" */
    bool lookup;
    int family;
    bool absent;
    struct strv via;
    struct strv device;
    struct strv protocol;
    char *matches; /* the prefix that decides, for an address */
    int type;
    int64_t metric; /* -1: not said */
    char *source;
    int64_t lifetime_ms;
    int64_t expires_ms; /* 0: not said */
    char *table;
};

/* A name or, without quotes, a number. */
static void read_table(struct reader *r, const struct value *v, void *member)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (v->type != VALUE_SCALAR || !*v->text || *v->text == '-' || strlen(v->text) > 32 ||
        strspn(v->text, allowed) != strlen(v->text))
        read_expected(r, v, "table", "the name or number of a table");
    else
        *(char **)member = xstrdup(v->text);
}

static const struct field route_fields[] = {
    FIELD_STRING("to", struct route_params, to, FIELD_REQUIRED, .max = 64,
        .help = "an address: how the kernel would send to it; a prefix or 'default': the route "
                "of just that prefix in the table"),
    FIELD_ENUM("family", struct route_params, family, family_names, 0,
        .help = "ipv4 or ipv6; needed for 'default', and else told by 'to'"),
    FIELD_BOOL("absent", struct route_params, absent, 0, .help = "true: there is no such route"),
    FIELD_CUSTOM("via", struct route_params, via, read_addresses, 0, .schema = TEXTS_SCHEMA,
        .help = "exactly these next hops, in any order"),
    FIELD_STRINGS(
        "device", struct route_params, device, 0, .help = "exactly these interfaces, in any order"),
    FIELD_STRINGS("protocol", struct route_params, protocol, 0,
        .help = "who set it, one of these: bgp, ospf, static, kernel, ra, boot, dhcp …"),
    FIELD_CUSTOM("matches", struct route_params, matches, read_prefix, 0, .schema = TEXT_SCHEMA,
        .help = "the prefix by which the address is reached"),
    FIELD_ENUM("type", struct route_params, type, type_names, 0,
        .help = "default unicast; any: only whether there is a route"),
    FIELD_INT("metric", struct route_params, metric, 0, .max = 4294967295),
    FIELD_CUSTOM("source", struct route_params, source, read_address, 0, .schema = TEXT_SCHEMA,
        .help = "the preferred source address"),
    FIELD_DURATION("lifetime", struct route_params, lifetime_ms, 0,
        .help = "it still lasts for at least so long; one that does not expire does"),
    FIELD_DURATION("expires_within", struct route_params, expires_ms, 0, .min = 1000,
        .max = 86400000, .help = "it expires, and in no more than that: nobody wrote it down"),
    FIELD_CUSTOM("table", struct route_params, table, read_table, 0,
        .schema = "{\"type\": [\"string\", \"integer\"]}", .help = "default main"),
};

/* What TO is: sets the family and whether it is looked up. */
static void check_to(struct reader *r, const struct value *v, struct route_params *p)
{
    struct inet in = {.prefix = -1};
    const struct value *to = value_get(v, "to"), *family = value_get(v, "family");
    if (streq(p->to, "default")) {
        if (p->family == 0)
            problems_add(r->problems, to, "'default' needs a 'family': ipv4 or ipv6");
        return;
    }
    const char *wrong = inet_parse(p->to, &in);
    if (wrong) {
        problems_add(r->problems, to, "'%s' %s, and not 'default'", p->to, wrong);
        return;
    }
    int told = in.family == AF_INET ? 1 : 2;
    if (p->family != 0 && p->family != told)
        problems_add(r->problems, family, "'%s' is %s", p->to, family_names[told]);
    p->family = told;
    p->lookup = in.prefix < 0;
    snprintf(p->to, strlen(p->to) + 1, "%s", in.text);
}

static void *route_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    static const char *const of_one[] = {
        "via", "device", "protocol", "matches", "metric", "source", "lifetime", "expires_within"};
    struct route_params *p = xnew(struct route_params);
    p->metric = -1;
    p->type = 1;
    read_map(r, v, route_fields, N_FIELDS(route_fields), p);
    if (v->type != VALUE_MAP || !p->to)
        return p;
    check_to(r, v, p);
    for (size_t i = 0; p->absent && i < sizeof of_one / sizeof of_one[0]; i++)
        if (value_get(v, of_one[i]))
            problems_add(r->problems, value_get(v, of_one[i]),
                "'%s' cannot be true of a route that is absent", of_one[i]);
    if (p->lookup && p->table)
        problems_add(r->problems, value_get(v, "table"),
            "'table' goes with a prefix; an address is looked up in all of them");
    if (!p->lookup && p->matches)
        problems_add(r->problems, value_get(v, "matches"), "'matches' goes with an address");
    return p;
}

static void route_free(void *params)
{
    struct route_params *p = params;
    strv_free(&p->via);
    free(p->matches);
    free(p->source);
    free(p->table);
    free_map(route_fields, N_FIELDS(route_fields), p);
    free(p);
}

static json_t *route_schema(void)
{
    return fields_schema(route_fields, N_FIELDS(route_fields));
}

/* A route by its own account: how the kernel refuses to say more of some kinds of route. */
static const struct refusal {
    const char *text;
    const char *type; /* NULL: there is none */
} refusals[] = {
    {"RTNETLINK answers: Network is unreachable", NULL},
    {"RTNETLINK answers: No route to host", "unreachable"},
    {"RTNETLINK answers: Permission denied", "prohibit"},
    {"RTNETLINK answers: Invalid argument", "blackhole"},
    {"FIB table does not exist", NULL},
};

static bool read_refusal(const struct run_result *r, const char **ret_type, struct outcome *o)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (r->err && strstr(r->err, refusals[i].text)) {
            *ret_type = refusals[i].type;
            return true;
        }
    _free_ char *err = evidence_text(r->err, r->err_len);
    outcome_set(o, VERDICT_ERROR, "ip route did not answer as it should (exit status %d): %s",
        r->status, err);
    return false;
}

/* Routes as the tool lists them: an array, or a type without particulars, or neither. */
static bool ask(const struct route_params *p, struct probe_ctx *ctx, json_t **ret,
    const char **ret_type, struct outcome *o)
{
    _strv_ struct strv argv = STRV_INIT;
    static const char *const get[] = {"route", "get", "fibmatch"};
    static const char *const show[] = {"route", "show", "table"};
    const char *const *words = p->lookup ? get : show;
    strv_add(&argv, "/usr/bin/ip");
    strv_add(&argv, "-j");
    strv_add(&argv, "-d");
    strv_add(&argv, p->family == 2 ? "-6" : "-4");
    for (size_t i = 0; i < 3; i++)
        strv_add(&argv, words[i]);
    if (!p->lookup) {
        strv_add(&argv, p->table ? p->table : "main");
        strv_add(&argv, "exact");
    }
    strv_add(&argv, p->to);
    outcome_asked(o, "ip %s route %s %s (on %s)", argv.items[3], p->lookup ? "get" : "show exact",
        p->to, node_name(ctx));
    _run_result_ struct run_result r = {0};
    if (!node_run(ctx, (const char *const *)argv.items, NULL, 0, &r, o))
        return false;
    if (r.status != 0)
        return read_refusal(&r, ret_type, o);
    _free_ char *why = NULL;
    *ret = answer_json(r.out, r.out_len, 0, &why);
    if (!json_is_array(*ret))
        outcome_set(
            o, VERDICT_ERROR, "the answer of ip route %s", why ? why : "is not a JSON list");
    return json_is_array(*ret);
}

/* What a route's object says, in words that can be compared. */
struct seen {
    const char *type;
    struct strv via;
    struct strv device;
    bool dead;
};

static void seen_free(struct seen *s)
{
    strv_free(&s->via);
    strv_free(&s->device);
}

static void read_flags(const json_t *hop, struct seen *s, const char **missing)
{
    json_t *flags = get_array(hop, "flags", missing);
    for (size_t i = 0; i < json_array_size(flags); i++) {
        const char *flag = json_string_value(json_array_get(flags, i));
        s->dead = s->dead || (flag && (streq(flag, "dead") || streq(flag, "linkdown")));
    }
}

/* A next hop: {"gateway": …} or, of the other family, {"via": {"host": …}}; and "dev". */
static void read_hop(const json_t *hop, struct seen *s, const char **missing)
{
    json_t *other = json_object_get(hop, "via");
    const char *via = json_object_get(hop, "gateway") ? get_string(hop, "gateway", missing)
        : other                                       ? get_string(other, "host", missing)
                                                      : NULL;
    const char *dev = json_object_get(hop, "dev") ? get_string(hop, "dev", missing) : NULL;
    if (via)
        strv_add(&s->via, via);
    if (dev && !strv_contains(&s->device, dev))
        strv_add(&s->device, dev);
    read_flags(hop, s, missing);
}

static void read_route(const json_t *route, struct seen *s, const char **missing)
{
    s->type = get_string(route, "type", missing);
    if (!json_object_get(route, "nexthops")) {
        read_hop(route, s, missing);
        return;
    }
    json_t *hops = get_array(route, "nexthops", missing);
    for (size_t i = 0; i < json_array_size(hops); i++)
        read_hop(json_array_get(hops, i), s, missing);
}

static void judge_set(
    const char *what, const struct strv *want, const struct strv *seen, struct tally *t)
{
    if (want->n == 0)
        return;
    bool same = want->n == seen->n;
    for (size_t i = 0; i < want->n; i++)
        same = same && strv_contains(seen, want->items[i]);
    _free_ char *w = tally_list(want);
    _free_ char *s = tally_list(seen);
    tally_expect(t, "%s: %s", what, w);
    tally_saw(t, same, "%s: %s", what, s);
}

static void judge_word(const char *what, const char *want, const char *seen, struct tally *t)
{
    if (!want)
        return;
    tally_expect(t, "%s: %s", what, want);
    tally_saw(t, seen && inet_same(want, seen), "%s: %s", what, seen ? seen : "none");
}

/* "default" and addresses without a length, as prefixes. */
static char *as_prefix(const struct route_params *p, const char *dst)
{
    if (streq(dst, "default"))
        return xstrdup(p->family == 1 ? "0.0.0.0/0" : "::/0");
    return xasprintf("%s%s", dst, strchr(dst, '/') ? "" : p->family == 1 ? "/32" : "/128");
}

/* How long it still lasts. */
static void judge_expiry(
    const struct route_params *p, const json_t *route, struct tally *t, const char **missing)
{
    bool expires = json_object_get(route, "expires") != NULL;
    int64_t left = expires ? get_int(route, "expires", missing) : 0;
    if (p->lifetime_ms > 0) {
        _free_ char *want = format_duration(p->lifetime_ms);
        tally_expect(t, "it lasts for at least %s", want);
        if (expires)
            tally_saw(t, left >= p->lifetime_ms / 1000, "it lasts for %lld s", (long long)left);
        else
            tally_saw(t, true, "it does not expire");
    }
    if (p->expires_ms > 0) {
        _free_ char *want = format_duration(p->expires_ms);
        tally_expect(t, "it expires within %s", want);
        if (expires)
            tally_saw(t, left <= p->expires_ms / 1000, "it expires in %lld s", (long long)left);
        else
            tally_saw(t, false, "it does not expire");
    }
}

static void judge_numbers(
    const struct route_params *p, const json_t *route, struct tally *t, const char **missing)
{
    if (p->metric >= 0) {
        bool given = json_object_get(route, "metric") != NULL;
        int64_t metric = given ? get_int(route, "metric", missing) : 0;
        tally_expect(t, "metric: %lld", (long long)p->metric);
        tally_saw(t, metric == p->metric, "metric: %lld", (long long)metric);
    }
    if (p->lifetime_ms > 0 || p->expires_ms > 0)
        judge_expiry(p, route, t, missing);
}

static void judge_route(
    const struct route_params *p, const json_t *route, struct tally *t, const char **missing)
{
    _cleanup_(seen_free) struct seen s = {0};
    read_route(route, &s, missing);
    const char *dst = get_string(route, "dst", missing);
    if (*missing)
        return;
    _free_ char *prefix = as_prefix(p, dst);
    if (p->type != 0) {
        tally_expect(t, "a %s route to %s", type_names[p->type], p->to);
        tally_saw(t, streq(type_names[p->type], s.type), "a %s route to %s", s.type, prefix);
    }
    judge_word("the prefix that decides", p->matches, prefix, t);
    judge_set("next hops", &p->via, &s.via, t);
    judge_set("interfaces", &p->device, &s.device, t);
    if (p->protocol.n > 0) {
        const char *by = get_string(route, "protocol", missing);
        _free_ char *want = tally_list(&p->protocol);
        tally_expect(t, "set by: %s", want);
        tally_saw(t, by && strv_contains(&p->protocol, by), "set by: %s", by);
    }
    if (p->source)
        judge_word("source", p->source, json_string_value(json_object_get(route, "prefsrc")), t);
    judge_numbers(p, route, t, missing);
    if (s.dead)
        tally_saw(t, false, "an interface of it is down");
}

/* Of several routes to one prefix the kernel takes the one with the lowest metric. */
static const json_t *preferred(const json_t *routes, const char **missing)
{
    const json_t *best = json_array_get(routes, 0);
    for (size_t i = 0; i < json_array_size(routes); i++) {
        const json_t *route = json_array_get(routes, i);
        if (json_object_get(route, "metric"))
            get_int(route, "metric", missing);
        if (json_integer_value(json_object_get(route, "metric")) <
            json_integer_value(json_object_get(best, "metric")))
            best = route;
    }
    return best;
}

/* A route of which only the type is known; its particulars are, then, not as expected. */
static void judge_type(const struct route_params *p, const char *type, struct tally *t)
{
    bool particulars = p->via.n > 0 || p->device.n > 0 || p->protocol.n > 0 || p->matches ||
        p->metric >= 0 || p->source || p->lifetime_ms > 0;
    tally_expect(
        t, "a%s%s route to %s", p->type ? " " : "", p->type ? type_names[p->type] : "", p->to);
    tally_saw(t, (p->type == 0 || streq(type, type_names[p->type])) && !particulars, "%s is %s",
        p->to, type);
}

static void route_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct route_params *p = params;
    outcome_expected(o, p->absent ? "no route" : "a route");
    _json_ json_t *routes = NULL;
    const char *type = NULL, *missing = NULL;
    if (!ask(p, ctx, &routes, &type, o))
        return;
    _tally_ struct tally t = {0};
    bool there = type || json_array_size(routes) > 0;
    const json_t *route = preferred(routes, &missing);
    if (p->absent) {
        _free_ char *brief = json_brief(routes);
        tally_expect(&t, "no route to %s", p->to);
        tally_saw(&t, !there, "%s", !there ? "no route" : type ? type : brief);
    } else if (!there) {
        tally_expect(&t, "a route to %s", p->to);
        tally_saw(&t, false, "there is no route to %s", p->to);
    } else if (type) {
        judge_type(p, type, &t);
    } else {
        judge_route(p, route, &t, &missing);
    }
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the answer of ip route lacks '%s', or it is of another type",
            missing);
    else
        tally_finish(&t, o);
}

const struct probe_kind probe_route = {
    .name = "route",
    .summary = "where the kernel of the check's node sends packets",
    .parse = route_parse,
    .free_params = route_free,
    .schema = route_schema,
    .run = route_run,
};
