#include "graders/probes/bgp.h"
#include "graders/probes/inet.h"
#include <arpa/inet.h>

static bool is_up(const json_t *neighbor)
{
    const char *state = json_string_value(json_object_get(neighbor, "bgpState"));
    return state && strcasecmp(state, "established") == 0;
}

static bool add_prefix(struct bgp_judge *j, const char *prefix, struct strv *seen)
{
    struct inet in;
    const char *wrong = inet_parse(prefix, &in);
    if (wrong || in.prefix < 0) {
        _free_ char *text = evidence_text(prefix, strlen(prefix));
        outcome_set(j->o, VERDICT_ERROR, "FRR answers a route to '%s', which is no prefix", text);
        return false;
    }
    if (!strv_contains(seen, in.text))
        strv_add(seen, in.text);
    return true;
}

/* Adds the prefixes of one family to SEEN, in our spelling. A default that is originated for the
 * neighbour alone is not among the routes. */
static bool ask_family(struct bgp_judge *j, const char *family, bool received, struct strv *seen)
{
    _json_ json_t *answer = NULL;
    if (!bgp_ask(j, &answer, "show bgp %s unicast neighbors %s %s json", family, j->p->neighbor,
            received ? "routes" : "advertised-routes"))
        return false;
    const char *prefix;
    json_t *route;
    json_t *routes = get_object(answer, received ? "routes" : "advertisedRoutes", &j->missing);
    json_object_foreach (routes, prefix, route)
        if (!add_prefix(j, prefix, seen))
            return false;
    const char *originated =
        json_string_value(json_object_get(answer, "bgpOriginatingDefaultNetwork"));
    return received || !originated || add_prefix(j, originated, seen);
}

static struct strv not_in(const struct strv *a, const struct strv *b)
{
    struct strv rest = STRV_INIT;
    for (size_t i = 0; i < a->n; i++)
        if (!strv_contains(b, a->items[i]))
            strv_add(&rest, a->items[i]);
    return rest;
}

static struct strv in_both(const struct strv *a, const struct strv *b)
{
    struct strv both = STRV_INIT;
    for (size_t i = 0; i < a->n; i++)
        if (strv_contains(b, a->items[i]))
            strv_add(&both, a->items[i]);
    return both;
}

static void expect(struct bgp_judge *j, const char *verb, const char *how, const struct strv *want)
{
    _free_ char *list = tally_list(want);
    tally_expect(&j->t, "%s %s: %s", verb, how, list);
}

static void judge_sets(
    struct bgp_judge *j, const char *verb, const struct bgp_prefixes *want, const struct strv *seen)
{
    _strv_ struct strv lacking = not_in(&want->exactly, seen);
    _strv_ struct strv stray = not_in(seen, &want->exactly);
    _strv_ struct strv wanted = not_in(&want->at_least, seen);
    _strv_ struct strv banned = in_both(seen, &want->none_of);
    bool holds = wanted.n == 0 && banned.n == 0 && (!want->exact || lacking.n + stray.n == 0);
    if (want->exact)
        expect(j, verb, "exactly", &want->exactly);
    if (want->at_least.n)
        expect(j, verb, "at least", &want->at_least);
    if (want->none_of.n)
        expect(j, verb, "none of", &want->none_of);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    const struct strv *sets[] = {
        want->exact ? &lacking : NULL, want->exact ? &stray : NULL, &wanted, &banned};
    static const char *const names[] = {"missing", "not agreed", "missing", "not agreed"};
    for (size_t i = 0; i < 4; i++) {
        _free_ char *list = sets[i] && sets[i]->n ? tally_list(sets[i]) : NULL;
        if (list)
            strbuf_addf(&b, "; %s: %s", names[i], list);
    }
    _free_ char *all = tally_list(seen);
    tally_saw(&j->t, holds, "%s: %s%s", verb, all, b.len ? b.data : "");
}

bool bgp_judge_prefixes(struct bgp_judge *j, const json_t *neighbor, bool received)
{
    const struct bgp_prefixes *want = received ? &j->p->received : &j->p->advertised;
    const char *verb = received ? "received" : "advertised";
    _strv_ struct strv seen = STRV_INIT;
    if (!want->given)
        return true;
    const json_t *families = get_object(neighbor, "addressFamilyInfo", &j->missing);
    /* Nothing crosses a session that is down, whatever is still in a table. */
    if (is_up(neighbor)) {
        if (json_object_get(families, "ipv4Unicast") && !ask_family(j, "ipv4", received, &seen))
            return false;
        if (json_object_get(families, "ipv6Unicast") && !ask_family(j, "ipv6", received, &seen))
            return false;
    }
    judge_sets(j, verb, want, &seen);
    if (!is_up(neighbor))
        tally_saw(&j->t, false, "nothing is %s: the session is down", verb);
    return true;
}

static const json_t *best_path(struct bgp_judge *j, const json_t *answer)
{
    json_t *paths = json_object_get(answer, "paths");
    if (paths)
        paths = get_array(answer, "paths", &j->missing);
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const json_t *path = json_array_get(paths, i);
        if (json_is_true(json_object_get(json_object_get(path, "bestpath"), "overall")))
            return path;
    }
    return NULL;
}

static void judge_int(
    struct bgp_judge *j, const json_t *path, const char *key, const char *what, int64_t want)
{
    if (want < 0)
        return;
    bool given = json_object_get(path, key) != NULL;
    int64_t seen = given ? get_int(path, key, &j->missing) : -1;
    _free_ char *text = given ? xasprintf("%lld", (long long)seen) : xstrdup("none");
    tally_expect(&j->t, "  %s %lld", what, (long long)want);
    tally_saw(&j->t, seen == want, "  %s %s", what, text);
}

static void judge_as_path(struct bgp_judge *j, const struct bgp_route *r, const json_t *path)
{
    if (r->as_path.n == 0 && r->origin_as < 0)
        return;
    const char *seen = get_string(get_object(path, "aspath", &j->missing), "string", &j->missing);
    if (!seen)
        return;
    if (r->as_path.n > 0) {
        _strbuf_ struct strbuf want = STRBUF_INIT;
        for (size_t i = 0; i < r->as_path.n; i++)
            strbuf_addf(&want, "%s%s", i ? " " : "", r->as_path.items[i]);
        tally_expect(&j->t, "  AS path %s", want.data);
        tally_saw(&j->t, streq(want.data, seen), "  AS path %s", seen);
    }
    if (r->origin_as >= 0) {
        const char *last = strrchr(seen, ' ');
        _free_ char *want = xasprintf("%lld", (long long)r->origin_as);
        last = last ? last + 1 : seen;
        tally_expect(&j->t, "  origin AS %s", want);
        tally_saw(&j->t, streq(want, last), "  origin AS %s (path: %s)", last, seen);
    }
}

static void judge_next_hop(struct bgp_judge *j, const struct bgp_route *r, const json_t *path)
{
    if (!r->next_hop)
        return;
    json_t *hops = get_array(path, "nexthops", &j->missing);
    _strv_ struct strv seen = STRV_INIT;
    bool found = false;
    for (size_t i = 0; i < json_array_size(hops); i++) {
        const char *ip = get_string(json_array_get(hops, i), "ip", &j->missing);
        found = found || (ip && inet_same(ip, r->next_hop));
        if (ip)
            strv_add(&seen, ip);
    }
    _free_ char *list = tally_list(&seen);
    tally_expect(&j->t, "  next hop %s", r->next_hop);
    tally_saw(&j->t, found, "  next hop %s", list);
}

static void judge_communities(struct bgp_judge *j, const struct bgp_route *r, const json_t *path)
{
    static const char *const kinds[] = {"community", "largeCommunity"};
    _strv_ struct strv seen = STRV_INIT;
    if (r->communities.n + r->no_communities.n == 0)
        return;
    /* FRR's list spells the well-known ones in another way than its configuration does. */
    for (size_t k = 0; k < 2; k++) {
        const json_t *object = json_object_get(path, kinds[k]);
        const char *text = object ? get_string(object, "string", &j->missing) : NULL;
        for (size_t len; text && *text; text += len + (text[len] == ' ')) {
            len = strcspn(text, " ");
            if (len)
                strv_addf(&seen, "%.*s", (int)len, text);
        }
    }
    _strv_ struct strv lacking = not_in(&r->communities, &seen);
    _strv_ struct strv banned = in_both(&seen, &r->no_communities);
    _free_ char *list = tally_list(&seen);
    if (r->communities.n)
        expect(j, "  communities", "at least", &r->communities);
    if (r->no_communities.n)
        expect(j, "  communities", "none of", &r->no_communities);
    tally_saw(&j->t, lacking.n + banned.n == 0, "  communities: %s", list);
}

static void judge_from(struct bgp_judge *j, const struct bgp_route *r, const json_t *path)
{
    if (!r->from)
        return;
    const char *peer = get_string(get_object(path, "peer", &j->missing), "peerId", &j->missing);
    tally_expect(&j->t, "  learned from %s", r->from);
    tally_saw(&j->t, peer && inet_same(peer, r->from), "  learned from %s", peer);
}

static bool judge_route(struct bgp_judge *j, const struct bgp_route *r)
{
    _json_ json_t *answer = NULL;
    if (!bgp_ask(j, &answer, "show bgp %s unicast %s json",
            strchr(r->prefix, ':') ? "ipv6" : "ipv4", r->prefix))
        return false;
    /* {} and {"warning": …} are how FRR says that there is nothing; another shape is odd. */
    bool known = json_object_get(answer, "paths") || json_object_get(answer, "warning") ||
        json_object_size(answer) == 0;
    if (!known) {
        outcome_set(j->o, VERDICT_ERROR, "FRR's answer about %s lacks 'paths'", r->prefix);
        return false;
    }
    const json_t *path = best_path(j, answer);
    tally_expect(&j->t, "%s path to %s", r->absent ? "no" : "a", r->prefix);
    tally_saw(&j->t, (path != NULL) != r->absent, "%s path to %s", path ? "a" : "no", r->prefix);
    if (!path || r->absent)
        return true;
    judge_as_path(j, r, path);
    judge_next_hop(j, r, path);
    judge_int(j, path, "locPrf", "local preference", r->local_pref);
    judge_int(j, path, "metric", "MED", r->med);
    judge_communities(j, r, path);
    judge_from(j, r, path);
    return true;
}

bool bgp_judge_routes(struct bgp_judge *j)
{
    for (size_t i = 0; i < j->p->n_routes; i++)
        if (!judge_route(j, &j->p->routes[i]))
            return false;
    return true;
}
