/* The structure of a ruleset, as `nft -j list ruleset` prints it: only what has a fixed meaning is
 * read (base chains, verdicts without a condition or whose condition a stranger meets, connection
 * tracking). What single rules pick out is told by packets, not here. */
#include "graders/probes/nft.h"

#define MAX_DEPTH 16  /* of jumps; the kernel allows as many */
#define MAX_LOOKS 256 /* chains and sets looked at; beyond, nothing more is found */

struct rules {
    const json_t *items; /* the array of everything */
    const char **missing;
    size_t looks;
    const struct nft_stranger *stranger; /* conditions that hold for it are none; NULL: all are */
};

struct chain {
    const char *family;
    const char *table;
    const char *name;
};

enum fate { FATE_NONE, FATE_ACCEPT, FATE_DROP, FATE_RETURN };

/* The next item of KIND from *I on, or NULL. */
static const json_t *next_item(const struct rules *r, const char *kind, size_t *i)
{
    while (*i < json_array_size(r->items)) {
        const json_t *item = json_object_get(json_array_get(r->items, (*i)++), kind);
        if (json_is_object(item))
            return item;
    }
    return NULL;
}

static bool same_text(const json_t *object, const char *key, const char *text)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s && streq(s, text);
}

static bool in_chain(const json_t *rule, const struct chain *c)
{
    return same_text(rule, "family", c->family) && same_text(rule, "table", c->table) &&
        same_text(rule, "chain", c->name);
}

/* WORD is J, or a member of the list or set J. */
static bool mentions(const json_t *j, const char *word)
{
    if (json_is_string(j))
        return streq(json_string_value(j), word);
    if (json_is_object(j))
        j = json_object_get(j, "set");
    for (size_t i = 0; i < json_array_size(j); i++) {
        const char *s = json_string_value(json_array_get(j, i));
        if (s && streq(s, word))
            return true;
    }
    return false;
}

/* A table that is dormant filters nothing. */
static bool is_dormant(const struct rules *r, const struct chain *c)
{
    size_t i = 0;
    for (const json_t *t; (t = next_item(r, "table", &i));)
        if (same_text(t, "family", c->family) && same_text(t, "name", c->table))
            return mentions(json_object_get(t, "flags"), "dormant");
    return false;
}

/* Statements that change nothing about where the packet goes. All others that are no verdict are
 * taken for a condition. */
static bool is_neutral(const char *name)
{
    static const char *const neutral[] = {"counter", "log", "mangle", "notrack", "ct helper",
        "ct timeout", "ct expectation", "flow", "dup", "secmark", "comment"};
    for (size_t i = 0; i < sizeof neutral / sizeof neutral[0]; i++)
        if (streq(name, neutral[i]))
            return true;
    return false;
}

static enum fate fate_of_chain(struct rules *r, const struct chain *c, int depth);

static enum fate follow(
    struct rules *r, const struct chain *from, const json_t *where, bool go, int depth)
{
    struct chain to = *from;
    to.name = get_string(where, "target", r->missing);
    enum fate fate = to.name ? fate_of_chain(r, &to, depth + 1) : FATE_NONE;
    bool back = fate == FATE_NONE || fate == FATE_RETURN;
    return back && go ? FATE_RETURN : back ? FATE_NONE : fate;
}

/* Of the statement NAME when it is a verdict; else FATE_NONE. */
static enum fate fate_of_verdict(
    struct rules *r, const struct chain *c, const char *name, const json_t *statement, int depth)
{
    if (streq(name, "accept"))
        return FATE_ACCEPT;
    if (streq(name, "drop") || streq(name, "reject"))
        return FATE_DROP;
    if (streq(name, "return"))
        return FATE_RETURN;
    if (streq(name, "jump") || streq(name, "goto"))
        return follow(r, c, json_object_get(statement, name), streq(name, "goto"), depth);
    return FATE_NONE;
}

/* What is in the set or map DATA: written where it is used, or named ("@states"). */
static const json_t *elements_of(struct rules *r, const struct chain *c, const json_t *data)
{
    static const char *const kinds[] = {"map", "set"};
    const char *name = json_string_value(data);
    if (!name || *name != '@')
        return json_object_get(data, "set");
    for (size_t k = 0; k < 2; k++) {
        size_t i = 0;
        if (r->looks++ > MAX_LOOKS)
            return NULL;
        for (const json_t *item; (item = next_item(r, kinds[k], &i));)
            if (same_text(item, "family", c->family) && same_text(item, "table", c->table) &&
                same_text(item, "name", name + 1))
                return json_object_get(item, "elem");
    }
    return NULL;
}

/* The condition NAME holds for the stranger, if there is one. */
static bool lets_pass(
    struct rules *r, const struct chain *c, const char *name, const json_t *condition)
{
    if (!r->stranger)
        return false;
    if (streq(name, "limit"))
        return !json_is_true(json_object_get(condition, "inv"));
    const json_t *right = json_object_get(condition, "right");
    const char *op = json_string_value(json_object_get(condition, "op"));
    const char *text = json_string_value(right);
    if (text && *text == '@')
        right = elements_of(r, c, right);
    return streq(name, "match") && op && right &&
        nft_holds(r->stranger, json_object_get(condition, "left"), op, right);
}

/* Of a verdict map whose key the stranger has. */
static enum fate fate_of_map(struct rules *r, const struct chain *c, const json_t *vmap, int depth)
{
    const json_t *pairs = r->stranger ? elements_of(r, c, json_object_get(vmap, "data")) : NULL;
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        json_t *verdict = json_array_get(pair, 1);
        const char *name = json_object_iter_key(json_object_iter(verdict));
        if (name &&
            nft_holds(r->stranger, json_object_get(vmap, "key"), "==", json_array_get(pair, 0)))
            return fate_of_verdict(r, c, name, verdict, depth);
    }
    return FATE_NONE;
}

/* Of a rule without a condition; else FATE_NONE. */
static enum fate fate_of_rule(struct rules *r, const struct chain *c, const json_t *rule, int depth)
{
    const json_t *expr = get_array(rule, "expr", r->missing);
    for (size_t i = 0; i < json_array_size(expr); i++) {
        json_t *statement = json_array_get(expr, i);
        const char *name = json_object_iter_key(json_object_iter(statement));
        const json_t *what = name ? json_object_get(statement, name) : NULL;
        if (!name || is_neutral(name) || lets_pass(r, c, name, what))
            continue;
        return streq(name, "vmap") ? fate_of_map(r, c, what, depth)
                                   : fate_of_verdict(r, c, name, statement, depth);
    }
    return FATE_NONE;
}

static enum fate fate_of_chain(struct rules *r, const struct chain *c, int depth)
{
    size_t i = 0;
    if (depth > MAX_DEPTH || r->looks++ > MAX_LOOKS)
        return FATE_NONE;
    for (const json_t *rule; (rule = next_item(r, "rule", &i));) {
        enum fate fate = in_chain(rule, c) ? fate_of_rule(r, c, rule, depth) : FATE_NONE;
        if (fate != FATE_NONE)
            return fate;
    }
    return FATE_NONE;
}

static bool is_state_match(struct rules *r, const struct chain *c, const json_t *match)
{
    const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
    if (!same_text(json_object_get(left, "ct"), "key", "state") || same_text(match, "op", "!="))
        return false;
    return mentions(right, "established") || mentions(elements_of(r, c, right), "established");
}

/* STATEMENT accepts, or leads to a chain that accepts all. */
static bool accepts(struct rules *r, const struct chain *c, const json_t *statement, int depth)
{
    const json_t *jump = json_object_get(statement, "jump");
    const json_t *go = json_object_get(statement, "goto");
    if (jump || go)
        return follow(r, c, jump ? jump : go, go != NULL, depth) == FATE_ACCEPT;
    return json_object_get(statement, "accept") != NULL;
}

/* {"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["established", {"accept": null}]]}}}
 */
static bool is_state_map(struct rules *r, const struct chain *c, const json_t *vmap, int depth)
{
    if (!same_text(json_object_get(json_object_get(vmap, "key"), "ct"), "key", "state"))
        return false;
    const json_t *pairs = elements_of(r, c, json_object_get(vmap, "data"));
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *key = json_array_get(json_array_get(pairs, i), 0);
        const json_t *bare = json_object_get(json_object_get(key, "elem"), "val");
        if (mentions(bare ? bare : key, "established") &&
            accepts(r, c, json_array_get(json_array_get(pairs, i), 1), depth))
            return true;
    }
    return false;
}

/* iptables' own matches come as {"xt": {"type": "match", "name": "conntrack"}}. */
static bool is_old_match(const json_t *xt)
{
    return same_text(xt, "name", "conntrack") || same_text(xt, "name", "state");
}

static bool accepts_established(
    struct rules *r, const struct chain *c, const json_t *rule, int depth)
{
    const json_t *expr = json_object_get(rule, "expr");
    bool matched = false, accepted = false;
    for (size_t i = 0; i < json_array_size(expr); i++) {
        const json_t *s = json_array_get(expr, i);
        if (is_state_map(r, c, json_object_get(s, "vmap"), depth))
            return true;
        matched = matched || is_state_match(r, c, json_object_get(s, "match")) ||
            is_old_match(json_object_get(s, "xt"));
        accepted = accepted || (matched && accepts(r, c, s, depth));
    }
    return accepted;
}

static bool is_stateful(struct rules *r, const struct chain *c, int depth);

/* Chains that RULE may jump to, also by a verdict map. */
static bool leads_to_stateful(
    struct rules *r, const struct chain *c, const json_t *statement, int depth)
{
    static const char *const jumps[] = {"jump", "goto"};
    for (size_t i = 0; i < 2; i++) {
        struct chain to = *c;
        to.name =
            json_string_value(json_object_get(json_object_get(statement, jumps[i]), "target"));
        if (to.name && is_stateful(r, &to, depth + 1))
            return true;
    }
    const json_t *vmap = json_object_get(statement, "vmap");
    const json_t *pairs = elements_of(r, c, json_object_get(vmap, "data"));
    for (size_t i = 0; i < json_array_size(pairs); i++)
        if (leads_to_stateful(r, c, json_array_get(json_array_get(pairs, i), 1), depth))
            return true;
    return false;
}

static bool is_stateful(struct rules *r, const struct chain *c, int depth)
{
    size_t i = 0;
    if (depth > MAX_DEPTH || r->looks++ > MAX_LOOKS)
        return false;
    for (const json_t *rule; (rule = next_item(r, "rule", &i));) {
        if (!in_chain(rule, c))
            continue;
        if (accepts_established(r, c, rule, depth))
            return true;
        const json_t *expr = json_object_get(rule, "expr");
        for (size_t k = 0; k < json_array_size(expr); k++)
            if (leads_to_stateful(r, c, json_array_get(expr, k), depth))
                return true;
    }
    return false;
}

/* A base chain that filters packets of FAMILY at the hook. */
static bool counts(const struct nft_params *p, const struct rules *r, const json_t *chain,
    const char *family, struct chain *ret)
{
    if (!json_object_get(chain, "hook") || !same_text(chain, "hook", nft_hooks[p->hook]) ||
        !same_text(chain, "type", "filter") ||
        (!same_text(chain, "family", "inet") && !same_text(chain, "family", family)))
        return false;
    ret->family = get_string(chain, "family", r->missing);
    ret->table = get_string(chain, "table", r->missing);
    ret->name = get_string(chain, "name", r->missing);
    int64_t priority = get_int(chain, "prio", r->missing);
    return !*r->missing && (!p->has_priority || priority == p->priority) && !is_dormant(r, ret);
}

/* What becomes of a packet that no rule picks out, with the conditions as they are now taken. */
static bool ends_with_drop(struct rules *r, const struct chain *c, const char *policy)
{
    r->looks = 0;
    enum fate fate = fate_of_chain(r, c, 0);
    return fate == FATE_DROP || (fate != FATE_ACCEPT && policy && streq(policy, "drop"));
}

/* A condition that strangers meet as well does not make a default of drop of one of accept, but
 * the other way round: what is let in but for a few is let in. */
static bool drops(struct rules *r, const struct chain *c, const json_t *chain, const char *family)
{
    const char *policy = get_string(chain, "policy", r->missing);
    bool drop = ends_with_drop(r, c, policy);
    for (size_t i = 0; i < NFT_STRANGERS; i++) {
        r->stranger = &nft_strangers[i];
        if (streq(r->stranger->family, family))
            drop = ends_with_drop(r, c, policy) && drop;
    }
    r->stranger = NULL;
    return drop;
}

static void judge_family(
    const struct nft_params *p, struct rules *r, const char *ip, const char *text, struct tally *t)
{
    bool drop = false, stateful = false;
    size_t i = 0, n = 0;
    _strbuf_ struct strbuf seen = STRBUF_INIT;
    for (const json_t *chain; (chain = next_item(r, "chain", &i));) {
        struct chain c;
        if (!counts(p, r, chain, ip, &c))
            continue;
        bool dropped = drops(r, &c, chain, ip);
        r->looks = 0;
        drop = drop || dropped;
        stateful = is_stateful(r, &c, 0) || stateful;
        strbuf_addf(&seen, "%s%s %s %s ends with %s", n++ ? ", " : "", c.family, c.table, c.name,
            dropped ? "drop" : "accept");
    }
    const char *chains = n ? seen.data : "no chain filters there";
    if (p->policy != NFT_ANY) {
        tally_expect(t, "%s at %s: %s by default", text, nft_hooks[p->hook],
            p->policy == NFT_DROP ? "drop" : "accept");
        tally_saw(t, drop == (p->policy == NFT_DROP), "%s at %s: %s by default (%s)", text,
            nft_hooks[p->hook], drop ? "drop" : "accept", chains);
    }
    if (p->stateful >= 0) {
        tally_expect(
            t, "%s at %s: %s", text, nft_hooks[p->hook], p->stateful ? "stateful" : "not stateful");
        tally_saw(t, stateful == (p->stateful == 1), "%s at %s: %s", text, nft_hooks[p->hook],
            stateful ? "established connections are accepted as such"
                     : "no rule accepts established connections as such");
    }
}

void nft_judge_rules(
    const struct nft_params *p, const json_t *ruleset, struct tally *t, const char **missing)
{
    struct rules r = {.items = get_array(ruleset, "nftables", missing), .missing = missing};
    if (p->families != 2)
        judge_family(p, &r, "ip", "IPv4", t);
    if (p->families != 1)
        judge_family(p, &r, "ip6", "IPv6", t);
}
