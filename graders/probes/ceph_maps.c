/* The OSD map and the CRUSH map: flags, pools, rules. */
#include "graders/probes/ceph.h"

/* Flags by which somebody stops work, as opposed to those that say what the map can do. */
static const char *const stopping[] = {"full", "pauserd", "pausewr", "noup", "nodown", "noout",
    "noin", "nobackfill", "norebalance", "norecover", "noscrub", "nodeep-scrub", "notieragent",
    "nosnaptrim", "noautoscale"};

/* Is this flag one that the scenario does not want? */
static bool unwanted(const struct ceph_params *p, const char *flag)
{
    if (strv_contains(&p->absent_flags, flag))
        return true;
    for (size_t i = 0; p->no_flags && i < sizeof stopping / sizeof stopping[0]; i++)
        if (streq(flag, stopping[i]))
            return true;
    return false;
}

/* Reports the unwanted ones of a list of flags; how many there were. */
static size_t saw_flags(
    const struct ceph_params *p, const json_t *list, const char *where, struct tally *t)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *flag = json_string_value(json_array_get(list, i));
        if (!flag || !unwanted(p, flag))
            continue;
        tally_saw(t, false, "flag %s is set%s", flag, where);
        n++;
    }
    return n;
}

static size_t saw_group_flags(
    const struct ceph_params *p, json_t *groups, const char *what, struct tally *t)
{
    const char *name;
    json_t *list;
    size_t n = 0;
    json_object_foreach (groups, name, list) {
        _free_ char *where = xasprintf(" on %s %s", what, name);
        n += saw_flags(p, list, where, t);
    }
    return n;
}

void ceph_judge_flags(
    const struct ceph_params *p, json_t *dump, struct tally *t, const char **missing)
{
    if (!p->no_flags && p->absent_flags.n == 0)
        return;
    _strbuf_ struct strbuf want = STRBUF_INIT;
    for (size_t i = 0; i < p->absent_flags.n; i++)
        strbuf_addf(&want, "%s%s", i ? ", " : "", p->absent_flags.items[i]);
    tally_expect(t, "%s%s is set, on the cluster, a host or an OSD",
        p->no_flags ? "no flag that stops work" : "none of ", want.data ? want.data : "");
    size_t n = saw_flags(p, get_array(dump, "flags_set", missing), "", t);
    n += saw_group_flags(p, get_object(dump, "crush_node_flags", missing), "CRUSH node", t);
    n += saw_group_flags(p, get_object(dump, "device_class_flags", missing), "device class", t);
    json_t *osds = get_array(dump, "osds", missing);
    for (size_t i = 0; i < json_array_size(osds); i++) {
        const json_t *osd = json_array_get(osds, i);
        _free_ char *where = xasprintf(" on osd.%lld", (long long)get_int(osd, "osd", missing));
        n += saw_flags(p, get_array(osd, "state", missing), where, t);
    }
    if (n == 0)
        tally_saw(t, true, "none is set");
}

static void judge_number(struct tally *t, const char *pool, const char *key, int64_t wanted,
    const json_t *j, const char **missing)
{
    if (wanted < 0)
        return;
    int64_t seen = get_int(j, key, missing);
    tally_expect(t, "pool %s has %s %lld", pool, key, (long long)wanted);
    tally_saw(t, seen == wanted, "pool %s has %s %lld", pool, key, (long long)seen);
}

static const char *rule_name(const json_t *rules, int64_t id)
{
    const char *ignored = NULL;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        if (get_int(rule, "rule_id", &ignored) == id)
            return get_string(rule, "rule_name", &ignored);
    }
    return NULL;
}

static void judge_pool(const struct ceph_pool *want, const json_t *pool, const json_t *rules,
    struct tally *t, const char **missing)
{
    judge_number(t, want->name, "size", want->size, pool, missing);
    judge_number(t, want->name, "min_size", want->min_size, pool, missing);
    judge_number(t, want->name, "pg_num", want->pg_num, pool, missing);
    if (!want->crush_rule)
        return;
    const char *name = rule_name(rules, get_int(pool, "crush_rule", missing));
    tally_expect(t, "pool %s uses CRUSH rule %s", want->name, want->crush_rule);
    tally_saw(t, name && streq(name, want->crush_rule), "pool %s uses CRUSH rule %s", want->name,
        name ? name : "(unknown)");
}

void ceph_judge_pools(const struct ceph_params *p, const struct ceph_answers *a, struct tally *t,
    const char **missing)
{
    if (p->n_pools == 0)
        return;
    json_t *pools = get_array(a->commands[CEPH_OSD_DUMP], "pools", missing);
    for (size_t i = 0; i < p->n_pools; i++) {
        const json_t *found = NULL;
        for (size_t k = 0; k < json_array_size(pools) && !found; k++) {
            const char *name = get_string(json_array_get(pools, k), "pool_name", missing);
            if (name && streq(name, p->pools[i].name))
                found = json_array_get(pools, k);
        }
        tally_expect(t, "pool %s exists", p->pools[i].name);
        tally_saw(t, found, "pool %s %s", p->pools[i].name, found ? "exists" : "does not exist");
        if (found)
            judge_pool(&p->pools[i], found, a->commands[CEPH_RULES], t, missing);
    }
}

/* What no two copies share: the type of the last step that chooses more than one. */
static const char *failure_domain(const json_t *rule, const char **root, const char **missing)
{
    json_t *steps = get_array(rule, "steps", missing);
    const char *domain = NULL;
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const char *op = get_string(step, "op", missing);
        if (op && streq(op, "take"))
            *root = get_string(step, "item_name", missing);
        if (!op || !has_prefix(op, "choose"))
            continue;
        const char *type = get_string(step, "type", missing);
        if (!domain || get_int(step, "num", missing) != 1)
            domain = type;
    }
    return domain;
}

void ceph_judge_rule(
    const struct ceph_rule *want, const json_t *rules, struct tally *t, const char **missing)
{
    const json_t *rule = NULL;
    for (size_t i = 0; i < json_array_size(rules) && !rule; i++) {
        const char *name = get_string(json_array_get(rules, i), "rule_name", missing);
        if (name && streq(name, want->name))
            rule = json_array_get(rules, i);
    }
    tally_expect(t, "CRUSH rule %s exists", want->name);
    tally_saw(t, rule, "CRUSH rule %s %s", want->name, rule ? "exists" : "does not exist");
    if (!rule)
        return;
    const char *root = NULL;
    const char *domain = failure_domain(rule, &root, missing);
    if (want->failure_domain) {
        tally_expect(t, "its failure domain is %s", want->failure_domain);
        tally_saw(t, domain && streq(domain, want->failure_domain), "its failure domain is %s",
            domain ? domain : "(none)");
    }
    if (want->root) {
        tally_expect(t, "it takes %s", want->root);
        tally_saw(t, root && streq(root, want->root), "it takes %s", root ? root : "(nothing)");
    }
}
