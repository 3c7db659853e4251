/* nft: what a packet filter does. Its default, and whether it knows connections, are told from the
 * structure of the ruleset on the check's node; what is open and what is closed is told by
 * connections from named nodes, so that any spelling of the same filter passes. */
#include "graders/probes/nft.h"
#include "graders/probes/kinds.h"

const char *const nft_hooks[] = {"input", "forward", "output", NULL};
static const char *const policy_names[] = {"any", "drop", "accept", NULL};
static const char *const families_names[] = {"both", "ipv4", "ipv6", NULL};

static void read_stateful(struct reader *r, const struct value *v, void *member)
{
    static const struct field yes = {.key = "stateful", .type = FIELD_T_BOOL};
    bool value = false;
    read_field(r, v, &yes, &value);
    *(int *)member = value;
}

static const struct field nft_fields[] = {
    FIELD_ENUM("hook", struct nft_params, hook, nft_hooks, 0,
        .help = "where packets are filtered; needed for 'policy' and 'stateful'"),
    FIELD_ENUM("policy", struct nft_params, policy, policy_names, 0,
        .help = "what becomes of a packet that no rule picks out: by the chain's policy or by a "
                "last rule without a condition; reject counts as drop"),
    FIELD_CUSTOM("stateful", struct nft_params, stateful, read_stateful, 0,
        .schema = "{\"type\": \"boolean\"}",
        .help = "packets of known connections are accepted by connection tracking"),
    FIELD_ENUM("family", struct nft_params, families, families_names, 0,
        .help = "of which packets that must be true; default both"),
    FIELD_INT("priority", struct nft_params, priority, 0, .min = -2147483647, .max = 2147483647,
        .help = "only base chains of this priority count"),
    FIELD_CUSTOM("open", struct nft_params, open, nft_read_packets, 0,
        .help = "TCP connections that must come about"),
    FIELD_CUSTOM("closed", struct nft_params, closed, nft_read_packets, 0,
        .help = "TCP connections that must not"),
    FIELD_DURATION("wait", struct nft_params, wait_ms, 0, .min = 100, .max = 20000,
        .help = "for an answer; default 2s"),
};

static void *nft_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    struct nft_params *p = xnew(struct nft_params);
    p->stateful = -1;
    p->wait_ms = 2000;
    read_map(r, v, nft_fields, N_FIELDS(nft_fields), p);
    if (v->type != VALUE_MAP)
        return p;
    p->has_priority = value_get(v, "priority") != NULL;
    nft_check_packets(&p->open, r, sc);
    nft_check_packets(&p->closed, r, sc);
    bool rules = value_get(v, "policy") || value_get(v, "stateful");
    if (rules != (value_get(v, "hook") != NULL))
        problems_add(r->problems, v, "'hook' and one of 'policy' and 'stateful' need each other");
    else if (!rules && p->open.n + p->closed.n == 0)
        problems_add(r->problems, v, "an nft probe needs at least one expectation");
    return p;
}

static void nft_free(void *params)
{
    struct nft_params *p = params;
    nft_free_packets(&p->open);
    nft_free_packets(&p->closed);
    free(p);
}

static json_t *nft_schema(void)
{
    json_t *s = fields_schema(nft_fields, N_FIELDS(nft_fields));
    json_t *p = json_object_get(s, "properties");
    json_object_set_new(p, "open", nft_packets_schema());
    json_object_set_new(p, "closed", nft_packets_schema());
    return s;
}

static bool ask_rules(
    const struct nft_params *p, struct probe_ctx *ctx, struct tally *t, struct outcome *o)
{
    static const char *const argv[] = {"/usr/sbin/nft", "-j", "list", "ruleset", NULL};
    if (p->policy == NFT_ANY && p->stateful < 0)
        return true;
    const char *missing = NULL;
    _json_ json_t *ruleset = NULL;
    if (!node_json(ctx, argv, NULL, 0, &ruleset, o))
        return false;
    nft_judge_rules(p, ruleset, t, &missing);
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the ruleset lacks '%s', or it is of another type", missing);
    return !missing;
}

static void nft_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct nft_params *p = params;
    bool rules = p->policy != NFT_ANY || p->stateful >= 0;
    size_t n = p->open.n + p->closed.n;
    _free_ char *packets = n ? xasprintf("%zu connections", n) : xstrdup("");
    outcome_asked(o, "%s%s%s (on %s)", rules ? "nft list ruleset" : "", rules && n ? ", " : "",
        packets, node_name(ctx));
    outcome_expected(o, "a packet filter as described");
    _tally_ struct tally t = {0};
    if (ask_rules(p, ctx, &t, o) && nft_try_packets(p, ctx, &t, o))
        tally_finish(&t, o);
}

const struct probe_kind probe_nft = {
    .name = "nft",
    .summary = "what a packet filter lets through, by default and from named nodes",
    .parse = nft_parse,
    .free_params = nft_free,
    .schema = nft_schema,
    .run = nft_run,
};
