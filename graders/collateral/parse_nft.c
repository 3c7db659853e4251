/* The firewall, from `nft -j list ruleset`: an item for each table, chain, rule, set and so on.
 * What comes and goes by itself is left out: handles, counters, elements of sets that packets fill.
 * Rules are written much as nft does; a statement that is not known here stays JSON. */
#include "graders/answer.h"
#include "graders/collateral/parse.h"
#include "util/hash.h"

static const char *member(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

/* Takes the members that are no part of what was configured out of J and all below it. */
static void drop_volatile(json_t *j)
{
    static const char *const dropped[] = {"handle", "packets", "bytes", "used", "expires", "last"};
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_array(j)) {
        json_array_foreach (j, i, value)
            drop_volatile(value);
        return;
    }
    for (i = 0; i < sizeof dropped / sizeof *dropped; i++)
        json_object_del(j, dropped[i]);
    json_object_foreach (j, key, value)
        drop_volatile(value);
}

static void add_json(struct strbuf *b, const json_t *j)
{
    _free_ char *text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    strbuf_adds(b, text ? text : "?");
}

static void add_value(struct strbuf *b, const json_t *j);

static void add_list(struct strbuf *b, const json_t *list, const char *between)
{
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        if (i)
            strbuf_adds(b, between);
        add_value(b, item);
    }
}

/* {"prefix": {"addr": A, "len": N}}, {"range": [A, B]}, {"set": [...]}, {"payload": …} … */
static void add_expression(struct strbuf *b, const json_t *j)
{
    const json_t *p = json_object_get(j, "prefix"), *set = json_object_get(j, "set");
    const json_t *range = json_object_get(j, "range"), *concat = json_object_get(j, "concat");
    const json_t *payload = json_object_get(j, "payload");
    const char *key = member(json_object_get(j, "meta"), "key");
    if (json_object_size(j) != 1) {
        add_json(b, j);
    } else if (p) {
        strbuf_addf(b, "%s/%lld", member(p, "addr"),
            (long long)json_integer_value(json_object_get(p, "len")));
    } else if (json_is_array(range)) {
        add_list(b, range, "-");
    } else if (json_is_array(set)) {
        strbuf_adds(b, "{ ");
        add_list(b, set, ", ");
        strbuf_adds(b, " }");
    } else if (json_is_array(concat)) {
        add_list(b, concat, " . ");
    } else if (payload && *member(payload, "field")) {
        strbuf_addf(b, "%s %s", member(payload, "protocol"), member(payload, "field"));
    } else if (*key) {
        strbuf_addf(b, "meta %s", key);
    } else if (json_object_get(j, "ct") && json_object_size(json_object_get(j, "ct")) == 1) {
        strbuf_addf(b, "ct %s", member(json_object_get(j, "ct"), "key"));
    } else {
        add_json(b, j);
    }
}

static void add_value(struct strbuf *b, const json_t *j)
{
    if (json_is_string(j))
        strbuf_adds(b, json_string_value(j));
    else if (json_is_integer(j))
        strbuf_addf(b, "%lld", (long long)json_integer_value(j));
    else if (json_is_array(j))
        add_list(b, j, ",");
    else if (json_is_object(j))
        add_expression(b, j);
    else
        add_json(b, j);
}

static void add_match(struct strbuf *b, const json_t *match)
{
    const char *op = member(match, "op");
    add_value(b, json_object_get(match, "left"));
    if (streq(op, "==") || streq(op, "in"))
        strbuf_adds(b, " ");
    else
        strbuf_addf(b, " %s ", op);
    add_value(b, json_object_get(match, "right"));
}

/* {"match": …}, {"accept": null}, {"jump": {"target": "x"}}, {"counter": {}} … */
static void add_statement(struct strbuf *b, const json_t *statement)
{
    json_t *object = (json_t *)(uintptr_t)statement; /* iteration changes nothing */
    void *iter = json_object_iter(object);
    if (!iter || json_object_size(statement) != 1) {
        add_json(b, statement);
        return;
    }
    const char *key = json_object_iter_key(iter);
    const json_t *value = json_object_iter_value(iter);
    const char *target = member(value, "target");
    if (streq(key, "match"))
        add_match(b, value);
    else if (json_is_null(value) || (json_is_object(value) && json_object_size(value) == 0))
        strbuf_adds(b, key);
    else if (*target && json_object_size(value) == 1)
        strbuf_addf(b, "%s %s", key, target);
    else
        add_json(b, statement);
}

static char *rule_text(const json_t *rule)
{
    struct strbuf b = STRBUF_INIT;
    size_t i;
    json_t *statement;
    json_array_foreach (json_object_get(rule, "expr"), i, statement) {
        if (i)
            strbuf_adds(&b, " ");
        add_statement(&b, statement);
    }
    return strbuf_steal(&b);
}

static char *where(const json_t *j)
{
    return xasprintf("%s %s %s", member(j, "family"), member(j, "table"), member(j, "chain"));
}

static void add_chain(const json_t *chain, struct facts *ret)
{
    _free_ char *item = xasprintf(
        "chain %s %s %s", member(chain, "family"), member(chain, "table"), member(chain, "name"));
    const json_t *prio = json_object_get(chain, "prio");
    _free_ char *value = json_object_get(chain, "hook")
        ? xasprintf("%s hook %s priority %lld policy %s%s%s", member(chain, "type"),
              member(chain, "hook"), (long long)json_integer_value(prio),
              *member(chain, "policy") ? member(chain, "policy") : "accept",
              json_object_get(chain, "dev") ? " device " : "", member(chain, "dev"))
        : xstrdup("");
    facts_add(ret, item, value);
}

/* A set, map, quota, flowtable … of which the kind and the name say which it is. */
static void add_object(const char *kind, json_t *object, struct facts *ret)
{
    _free_ char *item = streq(kind, "table")
        ? xasprintf("table %s %s", member(object, "family"), member(object, "name"))
        : xasprintf("%s %s %s %s", kind, member(object, "family"), member(object, "table"),
              member(object, "name"));
    json_t *flags = json_object_get(object, "flags");
    size_t i;
    json_t *flag;
    bool filled = json_object_get(object, "timeout") != NULL; /* by packets */
    json_array_foreach (flags, i, flag) {
        const char *name = json_string_value(flag);
        filled = filled || (name && (streq(name, "dynamic") || streq(name, "timeout")));
    }
    if (filled)
        json_object_del(object, "elem");
    static const char *const said[] = {"family", "table", "name"};
    for (i = 0; i < sizeof said / sizeof *said; i++)
        json_object_del(object, said[i]);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    if (json_object_size(object) > 0)
        add_json(&b, object);
    facts_add(ret, item, b.data ? b.data : "");
}

/* The order of the rules of each chain, as a digest: a change of nothing else is one too. */
struct order {
    char *chain;
    struct hasher *hasher;
};

struct orders {
    struct order *items;
    size_t n;
};

static void note_order(struct orders *o, const char *chain, const char *rule)
{
    size_t i = 0;
    while (i < o->n && !streq(o->items[i].chain, chain))
        i++;
    struct order *order = i < o->n ? &o->items[i] : array_append(o->items, o->n);
    if (!order->chain)
        *order = (struct order){xstrdup(chain), hasher_new()};
    hasher_adds(order->hasher, rule);
}

static void end_orders(struct orders *o, struct facts *ret)
{
    for (size_t i = 0; i < o->n; i++) {
        _free_ char *digest = hasher_finish(o->items[i].hasher);
        _free_ char *item = xasprintf("order of %s", o->items[i].chain);
        digest[12] = '\0';
        facts_add(ret, item, digest);
        hasher_free(o->items[i].hasher);
        free(o->items[i].chain);
    }
    free(o->items);
}

static const char *add_entry(json_t *entry, struct orders *orders, struct facts *ret)
{
    void *iter = json_object_iter(entry);
    json_t *body = iter ? json_object_iter_value(iter) : NULL;
    if (json_object_size(entry) != 1 || !json_is_object(body))
        return "an entry of nft's list is not as it should be";
    const char *kind = json_object_iter_key(iter);
    if (streq(kind, "metainfo"))
        return NULL;
    drop_volatile(body);
    if (streq(kind, "rule")) {
        _free_ char *chain = where(body);
        _free_ char *text = rule_text(body);
        _free_ char *item = xasprintf("%s: %s", chain, text);
        note_order(orders, chain, text);
        facts_add(ret, item, member(body, "comment"));
    } else if (streq(kind, "chain")) {
        add_chain(body, ret);
    } else {
        add_object(kind, body, ret);
    }
    return NULL;
}

const char *parse_firewall(const char *text, struct facts *ret)
{
    _free_ char *why_not = NULL;
    _json_ json_t *j = answer_json(text, strlen(text), JSON_REJECT_DUPLICATES, &why_not);
    const json_t *list = json_object_get(j, "nftables");
    if (!json_is_array(list) || json_array_size(list) > MAX_FACTS)
        return "nft's answer is not the JSON that it should be";
    struct orders orders = {0};
    const char *why = NULL;
    size_t i;
    json_t *entry;
    json_array_foreach (list, i, entry)
        if (!why)
            why = add_entry(entry, &orders, ret);
    end_orders(&orders, ret);
    return why;
}
