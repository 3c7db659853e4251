/* bgp: sessions, the prefixes that cross them, and the attributes these have, as FRR on the check's
 * node has them. Ask the neighbour's side, on a witness, wherever there is one. */
#include "graders/probes/bgp.h"
#include "graders/probes/inet.h"
#include "graders/probes/kinds.h"

#define AS_MAX     4294967295
#define MAX_ROUTES 100

const char *const bgp_states[] = {
    "established", "down", "any", "idle", "connect", "active", "opensent", "openconfirm", NULL};

static void read_families(struct reader *r, const struct value *v, void *member)
{
    static const struct field words = {.key = "families", .type = FIELD_T_STRINGS};
    static const char *const known[] = {"ipv4", "ipv6"};
    struct bgp_params *p = member;
    _strv_ struct strv names = STRV_INIT;
    read_field(r, v, &words, &names);
    for (size_t i = 0; i < names.n; i++) {
        bool four = streq(names.items[i], "ipv4"), six = streq(names.items[i], "ipv6");
        p->ipv4 = p->ipv4 || four;
        p->ipv6 = p->ipv6 || six;
        if (!four && !six)
            read_unknown(
                r, v->type == VALUE_LIST ? &v->items[i] : v, "family", names.items[i], known, 2);
    }
}

static const struct field prefixes_fields[] = {
    FIELD_CUSTOM("exactly", struct bgp_prefixes, exactly, read_prefixes, 0, .schema = TEXTS_SCHEMA,
        .help = "these and no others, of both families"),
    FIELD_CUSTOM("at_least", struct bgp_prefixes, at_least, read_prefixes, 0,
        .schema = TEXTS_SCHEMA, .help = "all of these"),
    FIELD_CUSTOM("none_of", struct bgp_prefixes, none_of, read_prefixes, 0, .schema = TEXTS_SCHEMA,
        .help = "none of these"),
};

/* A plain list is short for {exactly: …}. */
static void read_prefix_sets(struct reader *r, const struct value *v, void *member)
{
    struct bgp_prefixes *p = member;
    p->given = true;
    p->exact = v->type != VALUE_MAP || value_get(v, "exactly");
    if (v->type == VALUE_MAP)
        read_map(r, v, prefixes_fields, N_FIELDS(prefixes_fields), p);
    else
        read_prefixes(r, v, &p->exactly);
    if (v->type == VALUE_MAP && v->n == 0)
        read_expected(r, v, NULL, "a list of prefixes, or exactly, at_least or none_of");
}

static const struct field route_fields[] = {
    FIELD_CUSTOM(
        "prefix", struct bgp_route, prefix, read_prefix, FIELD_REQUIRED, .schema = TEXT_SCHEMA),
    FIELD_BOOL("absent", struct bgp_route, absent, 0, .help = "true: there is no path to it"),
    FIELD_STRINGS("as_path", struct bgp_route, as_path, 0,
        .help = "exactly this path: AS numbers, nearest first"),
    FIELD_INT("origin_as", struct bgp_route, origin_as, 0, .max = AS_MAX,
        .help = "the last AS of the path"),
    FIELD_CUSTOM("next_hop", struct bgp_route, next_hop, read_address, 0, .schema = TEXT_SCHEMA),
    FIELD_INT("local_pref", struct bgp_route, local_pref, 0, .max = AS_MAX),
    FIELD_INT("med", struct bgp_route, med, 0, .max = AS_MAX),
    FIELD_STRINGS("communities", struct bgp_route, communities, 0,
        .help = "all of these are on it, plain or large"),
    FIELD_STRINGS(
        "no_communities", struct bgp_route, no_communities, 0, .help = "none of these is on it"),
    FIELD_STRING("from", struct bgp_route, from, 0, .max = 64,
        .help = "the neighbour that it was learned from"),
};

static void read_routes(struct reader *r, const struct value *v, void *member)
{
    struct bgp_params *p = member;
    if (!read_is_list(r, v, "routes", 1, MAX_ROUTES))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct bgp_route *route = array_append(p->routes, p->n_routes);
        route->origin_as = route->local_pref = route->med = -1;
        read_map(r, &v->items[i], route_fields, N_FIELDS(route_fields), route);
        if (route->absent && v->items[i].n > 2)
            problems_add(r->problems, &v->items[i], "nothing else can be true of an absent route");
    }
}

static const struct field bgp_fields[] = {
    FIELD_STRING("neighbor", struct bgp_params, neighbor, 0, .max = 64,
        .help = "as FRR calls it: an address, or an interface"),
    FIELD_ENUM("state", struct bgp_params, state, bgp_states, 0,
        .help = "of the session; default established; down: any other; any: established or not"),
    FIELD_INT("remote_as", struct bgp_params, remote_as, 0, .min = 1, .max = AS_MAX),
    {.key = "families",
        .type = FIELD_T_CUSTOM,
        .offset = 0,
        .read = read_families,
        .schema = "{\"anyOf\": [{\"enum\": [\"ipv4\", \"ipv6\"]}, {\"type\": \"array\", "
                  "\"items\": {\"enum\": [\"ipv4\", \"ipv6\"]}}]}",
        .help = "unicast routes of these were agreed on by both sides"},
    FIELD_DURATION("established_for", struct bgp_params, up_ms, 0,
        .help = "the session has been up for at least so long"),
    FIELD_BOOL("authentication", struct bgp_params, authentication, 0,
        .help = "true: the session is signed (TCP-MD5), and the neighbour lets nobody in unsigned"),
    FIELD_INT("max_prefixes", struct bgp_params, max_prefixes, 0, .min = 1, .max = AS_MAX,
        .help = "the neighbour may send at most so many, or fewer, in each family it is used for"),
    FIELD_CUSTOM("received", struct bgp_params, received, read_prefix_sets, 0,
        .help = "prefixes taken from the neighbour, after filters; a list: exactly these"),
    FIELD_CUSTOM("advertised", struct bgp_params, advertised, read_prefix_sets, 0,
        .help = "prefixes sent to the neighbour; a list: exactly these"),
    {.key = "routes",
        .type = FIELD_T_CUSTOM,
        .offset = 0,
        .read = read_routes,
        .help = "best paths, by prefix"},
};

/* Words that go into a command of vtysh, where a line break or a ? would be more than a word. */
static bool is_peer_name(const char *s)
{
    return *s != '-' &&
        strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-") ==
        strlen(s);
}

static void *bgp_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    static const char *const of_session[] = {"state", "remote_as", "families", "established_for",
        "authentication", "max_prefixes", "received", "advertised"};
    static const char *const of_established[] = {
        "established_for", "authentication", "families", "received", "advertised"};
    struct bgp_params *p = xnew(struct bgp_params);
    p->remote_as = p->max_prefixes = -1;
    read_map(r, v, bgp_fields, N_FIELDS(bgp_fields), p);
    if (v->type != VALUE_MAP)
        return p;
    const struct value *neighbor = value_get(v, "neighbor");
    if (p->neighbor && !is_peer_name(p->neighbor))
        problems_add(r->problems, neighbor, "'%s' is not an address or an interface", p->neighbor);
    for (size_t i = 0; !neighbor && i < sizeof of_session / sizeof of_session[0]; i++)
        if (value_get(v, of_session[i]))
            problems_add(
                r->problems, value_get(v, of_session[i]), "'%s' needs a 'neighbor'", of_session[i]);
    for (size_t i = 0; p->state && i < sizeof of_established / sizeof of_established[0]; i++)
        if (value_get(v, of_established[i]))
            problems_add(r->problems, value_get(v, of_established[i]),
                "'%s' goes with an established session", of_established[i]);
    if (!neighbor && !value_get(v, "routes"))
        problems_add(r->problems, v, "a bgp probe needs a 'neighbor' or 'routes'");
    return p;
}

static void prefixes_free(struct bgp_prefixes *p)
{
    strv_free(&p->exactly);
    strv_free(&p->at_least);
    strv_free(&p->none_of);
}

static void bgp_free(void *params)
{
    struct bgp_params *p = params;
    for (size_t i = 0; i < p->n_routes; i++) {
        free(p->routes[i].prefix);
        free(p->routes[i].next_hop);
        free_map(route_fields, N_FIELDS(route_fields), &p->routes[i]);
    }
    free(p->routes);
    prefixes_free(&p->received);
    prefixes_free(&p->advertised);
    free_map(bgp_fields, N_FIELDS(bgp_fields), p);
    free(p);
}

static json_t *prefixes_schema(void)
{
    json_t *map = fields_schema(prefixes_fields, N_FIELDS(prefixes_fields));
    return json_pack("{s:[o, o]}", "anyOf", json_loads(TEXTS_SCHEMA, 0, NULL), map);
}

static json_t *bgp_schema(void)
{
    json_t *s = fields_schema(bgp_fields, N_FIELDS(bgp_fields));
    json_t *p = json_object_get(s, "properties");
    json_object_set_new(p, "received", prefixes_schema());
    json_object_set_new(p, "advertised", prefixes_schema());
    json_object_set_new(p, "routes",
        json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 1, "maxItems", MAX_ROUTES,
            "items", fields_schema(route_fields, N_FIELDS(route_fields))));
    return s;
}

static void bgp_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct bgp_params *p = params;
    struct bgp_judge j = {.p = p, .ctx = ctx, .o = o};
    outcome_asked(o, "vtysh -c 'show bgp …'%s%s (on %s)", p->neighbor ? " of the neighbour " : "",
        p->neighbor ? p->neighbor : "", node_name(ctx));
    outcome_expected(o, "sessions and routes as described");
    if ((!p->neighbor || bgp_judge_session(&j)) && bgp_judge_routes(&j)) {
        if (j.missing)
            outcome_set(
                o, VERDICT_ERROR, "FRR's answer lacks '%s', or it is of another type", j.missing);
        else
            tally_finish(&j.t, o);
    }
    tally_free(&j.t);
}

const struct probe_kind probe_bgp = {
    .name = "bgp",
    .summary = "sessions, prefixes and their attributes, as FRR on the check's node has them",
    .parse = bgp_parse,
    .free_params = bgp_free,
    .schema = bgp_schema,
    .run = bgp_run,
};
