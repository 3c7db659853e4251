/* collateral: has the candidate changed something on the check's node that no repair needs? What
 * the faults changed, and what was put back, does not count (collateral/compare.h). */
#include "graders/collateral/ask.h"
#include "graders/probes/kinds.h"
#include "graders/probes/node.h"

#define SETTLE_MS 5000

enum change { CHANGE_ANY, CHANGE_ADDED, CHANGE_REMOVED };
static const char *const change_names[] = {"any", "added", "removed", NULL};

struct collateral_params {
    unsigned kinds;
    int change;
    struct strv allow[N_FACT_KINDS]; /* patterns of items */
};

#define ALLOW(kind, n) FIELD_STRINGS(n, struct collateral_params, allow[kind], 0)
static const struct field allow_fields[] = {
    ALLOW(FACT_UNITS, "units"),
    ALLOW(FACT_PORTS, "ports"),
    ALLOW(FACT_FIREWALL, "firewall"),
    ALLOW(FACT_MOUNTS, "mounts"),
    ALLOW(FACT_USERS, "users"),
    ALLOW(FACT_SYSCTLS, "sysctls"),
    ALLOW(FACT_PACKAGES, "packages"),
};

static void read_only(struct reader *r, const struct value *v, void *member)
{
    unsigned *kinds = member;
    if (!read_is_list(r, v, "only", 1, N_FACT_KINDS))
        return;
    *kinds = 0;
    for (size_t i = 0; i < v->n; i++) {
        enum fact_kind kind;
        if (v->items[i].type != VALUE_SCALAR)
            read_expected(r, &v->items[i], "only", "a kind such as ports");
        else if (!fact_kind_from_name(v->items[i].text, &kind))
            read_unknown(r, &v->items[i], "kind", v->items[i].text, fact_names, N_FACT_KINDS);
        else if (*kinds & 1U << kind)
            problems_add(
                r->problems, &v->items[i], "'only': '%s' is named twice", v->items[i].text);
        else
            *kinds |= 1U << kind;
    }
}

/* The patterns lie beside each other in the parameters: MEMBER is the first of them. */
static void read_allow(struct reader *r, const struct value *v, void *member)
{
    struct collateral_params *p =
        (void *)((char *)member - offsetof(struct collateral_params, allow));
    read_map(r, v, allow_fields, N_FIELDS(allow_fields), p);
}

#define KIND_NAMES                                                                                 \
    "\"units\", \"ports\", \"firewall\", \"mounts\", \"users\", \"sysctls\", \"packages\""
#define STRINGS_SCHEMA                                                                             \
    "{\"anyOf\": [{\"type\": [\"string\", \"number\", \"boolean\"]}, {\"type\": \"array\", "       \
    "\"maxItems\": 256, \"items\": {\"type\": [\"string\", \"number\", \"boolean\"]}}]}"

static const struct field collateral_fields[] = {
    FIELD_CUSTOM("only", struct collateral_params, kinds, read_only, 0,
        .schema = "{\"type\": \"array\", \"minItems\": 1, \"maxItems\": 7, \"uniqueItems\": true, "
                  "\"items\": {\"enum\": [" KIND_NAMES "]}}",
        .help = "kinds that are looked at; default all"),
    FIELD_ENUM("change", struct collateral_params, change, change_names, 0,
        .help = "any (default); added: only what the healthy system does not have; removed: only "
                "what it has and the node no longer has"),
    FIELD_CUSTOM("allow", struct collateral_params, allow, read_allow, 0,
        .schema = "{\"type\": \"object\", \"propertyNames\": {\"enum\": [" KIND_NAMES "]}, "
                  "\"additionalProperties\": " STRINGS_SCHEMA "}",
        .help = "for each kind, items that may change: names in which * and ? stand for anything, "
                "as in 'tcp *:8080'"),
};

static void *collateral_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct collateral_params *p = xnew(struct collateral_params);
    p->kinds = ALL_FACTS;
    read_map(r, v, collateral_fields, N_FIELDS(collateral_fields), p);
    for (int k = 0; k < N_FACT_KINDS; k++)
        if (p->allow[k].n > 0 && !(p->kinds & 1U << k))
            problems_add(r->problems, value_get(v, "allow"),
                "'allow': '%s' is not among the kinds of 'only'", fact_names[k]);
    return p;
}

static void collateral_free_params(void *params)
{
    free_map(allow_fields, N_FIELDS(allow_fields), params);
    free(params);
}

static json_t *collateral_schema(void)
{
    return fields_schema(collateral_fields, N_FIELDS(collateral_fields));
}

static bool run_in_probe(size_t node, const struct run_request *req, struct run_result *ret,
    void *data, struct lr_error *err)
{
    struct probe_ctx *ctx = data;
    return ctx->run(ctx, node, req, ret, err);
}

/* '*' stands for any characters, '?' for one; all others, '[' and '\\' too, for themselves. */
static bool fits(const char *pattern, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            from = text;
        } else if (*pattern == '?' || (*pattern && *pattern == *text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++from;
        } else {
            return false;
        }
    }
    return !pattern[strspn(pattern, "*")];
}

static bool counts(const struct collateral_params *p, const struct difference *d)
{
    if ((p->change == CHANGE_ADDED && d->healthy) || (p->change == CHANGE_REMOVED && d->now))
        return false;
    const struct strv *allow = &p->allow[d->kind];
    for (size_t i = 0; i < allow->n; i++)
        if (fits(allow->items[i], d->item))
            return false;
    return true;
}

/* Of those DOING; adds a line each. */
static size_t list(const struct collateral_params *p, const struct collateral *c, enum whose doing,
    struct strbuf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_differences; i++) {
        const struct difference *d = &c->differences[i];
        if (d->whose != doing || !counts(p, d))
            continue;
        strbuf_addf(b, "%s%s: %s was %s, and is %s", b->len ? "\n" : "", fact_names[d->kind],
            d->item, difference_value(d->healthy), difference_value(d->now));
        n++;
    }
    return n;
}

/* Of what is not by the faults, something is not listed: whether it counts is not known. */
static bool is_cut_off(const struct collateral *c)
{
    int64_t listed = 0;
    for (size_t i = 0; i < c->n_differences; i++)
        listed += c->differences[i].whose != BY_FAULT;
    return listed < c->changed;
}

static void judge(const struct collateral_params *p, const struct collateral *c, struct outcome *o)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    _strbuf_ struct strbuf doubtful = STRBUF_INIT;
    if (list(p, c, BY_CANDIDATE, &b) > 0) {
        outcome_set(o, VERDICT_FAIL, "%s", b.data);
    } else if (is_cut_off(c)) {
        outcome_set(o, VERDICT_ERROR,
            "more than %d things are different: not all could be looked at", MAX_DIFFERENCES);
    } else if (c->n_untold > 0) {
        outcome_set(o, VERDICT_ERROR, "%s: %s", fact_names[c->untold[0].kind], c->untold[0].reason);
    } else if (list(p, c, BY_UNKNOWN, &doubtful) > 0) {
        outcome_set(o, VERDICT_ERROR,
            "there is no record of the broken stage to tell whose doing this is\n%s",
            doubtful.data);
    } else {
        outcome_set(o, VERDICT_PASS, "nothing of that is changed");
    }
}

static void collateral_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct collateral_params *p = params;
    _strbuf_ struct strbuf kinds = STRBUF_INIT;
    for (int k = 0; k < N_FACT_KINDS; k++)
        if (p->kinds & 1U << k)
            strbuf_addf(&kinds, "%s%s", kinds.len ? ", " : "", fact_names[k]);
    outcome_asked(o, "%s of %s, beside what they were in the healthy and in the broken system",
        kinds.data, node_name(ctx));
    outcome_expected(o, "%s, but for what the faults did and what is allowed",
        p->change == CHANGE_ADDED         ? "nothing new"
            : p->change == CHANGE_REMOVED ? "nothing gone"
                                          : "nothing changed");
    if (!ctx->base) {
        outcome_set(o, VERDICT_ERROR, "there is no record of the healthy stage here");
        return;
    }
    struct facts_question q = {.kinds = p->kinds, .settle_ms = SETTLE_MS, .until = ctx->deadline};
    _node_facts_ struct node_facts now = {0};
    facts_ask(ctx->node, &q, run_in_probe, ctx, &now);
    struct collateral c = {0};
    collateral_compare(node_name(ctx), ctx->node, ctx->base, &now, p->kinds, &c);
    judge(p, &c, o);
    collateral_free(&c);
}

const struct probe_kind probe_collateral = {
    .name = "collateral",
    .summary = "whether the candidate changed something on the node that no repair needs",
    .parse = collateral_parse,
    .free_params = collateral_free_params,
    .schema = collateral_schema,
    .run = collateral_run,
};
