/* ceph: what the running cluster says of itself, to a client with its own key (on a witness, so
 * that nobody can forge it). One probe may name several expectations; all must hold. */
#include "graders/probes/ceph.h"
#include "graders/probes/kinds.h"

static void read_health(struct reader *r, const struct value *v, void *member)
{
    static const struct field fields[] = {
        FIELD_STRINGS("allow", struct ceph_params, allow, FIELD_REQUIRED,
            .help = "codes of health checks that may be there"),
    };
    struct ceph_params *p = member;
    p->health = true;
    if (v->type == VALUE_MAP)
        read_map(r, v, fields, N_FIELDS(fields), p);
    else if (v->type != VALUE_SCALAR || !streq(v->text, "ok"))
        read_expected(r, v, "health", "ok, or {allow: [CODES]}");
}

static void read_pgs(struct reader *r, const struct value *v, void *member)
{
    struct ceph_params *p = member;
    p->pgs = true;
    if (v->type != VALUE_SCALAR || !streq(v->text, "active+clean"))
        read_expected(r, v, "pgs", "active+clean");
}

static void read_quorum(struct reader *r, const struct value *v, void *member)
{
    static const struct field names = {.key = "quorum", .type = FIELD_T_STRINGS};
    static const struct field count = {.key = "quorum", .type = FIELD_T_INT, .min = 1, .max = 31};
    struct ceph_params *p = member;
    if (v->type == VALUE_LIST)
        read_field(r, v, &names, &p->quorum);
    else
        read_field(r, v, &count, &p->quorum_size);
}

static const struct field osds_fields[] = {
    FIELD_INT("up", struct ceph_params, osds_up, 0, .help = "exactly so many are up"),
    FIELD_INT("in", struct ceph_params, osds_in, 0, .help = "exactly so many are in"),
    FIELD_INT("total", struct ceph_params, osds_total, 0, .help = "exactly so many exist"),
};

static void read_osds(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, osds_fields, N_FIELDS(osds_fields), member);
}

static void read_weights(struct reader *r, const struct value *v, void *member)
{
    struct ceph_params *p = member;
    p->weights = true;
    if (v->type != VALUE_SCALAR || !streq(v->text, "full"))
        read_expected(r, v, "osd_weights", "full");
}

static void read_flags(struct reader *r, const struct value *v, void *member)
{
    static const struct field fields[] = {
        FIELD_STRINGS("absent", struct ceph_params, absent_flags, FIELD_REQUIRED),
    };
    struct ceph_params *p = member;
    if (v->type == VALUE_MAP)
        read_map(r, v, fields, N_FIELDS(fields), p);
    else if (v->type == VALUE_SCALAR && streq(v->text, "none"))
        p->no_flags = true;
    else
        read_expected(r, v, "flags", "none, or {absent: [FLAGS]}");
}

static const struct field ratio_fields[] = {
    FIELD_NUMBER("full", struct ceph_params, full_ratio, 0, .max = 1),
    FIELD_NUMBER("backfillfull", struct ceph_params, backfillfull_ratio, 0, .max = 1),
    FIELD_NUMBER("nearfull", struct ceph_params, nearfull_ratio, 0, .max = 1),
};

static void read_ratios(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, ratio_fields, N_FIELDS(ratio_fields), member);
}

static const struct field pool_fields[] = {
    FIELD_INT("size", struct ceph_pool, size, 0, .help = "copies"),
    FIELD_INT("min_size", struct ceph_pool, min_size, 0, .help = "copies that I/O needs"),
    FIELD_INT("pg_num", struct ceph_pool, pg_num, 0),
    FIELD_STRING("crush_rule", struct ceph_pool, crush_rule, 0, .help = "name of the rule"),
};

static void read_pools(struct reader *r, const struct value *v, void *member)
{
    struct ceph_params *p = member;
    if (!read_is_map(r, v, "pools"))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct ceph_pool *pool = array_append(p->pools, p->n_pools);
        *pool = (struct ceph_pool){.size = -1, .min_size = -1, .pg_num = -1};
        pool->name = xstrdup(v->keys[i].text);
        read_map(r, &v->items[i], pool_fields, N_FIELDS(pool_fields), pool);
    }
}

static const struct field rule_fields[] = {
    FIELD_STRING("failure_domain", struct ceph_rule, failure_domain, 0,
        .help = "bucket type of which no two copies share one: host, rack"),
    FIELD_STRING("root", struct ceph_rule, root, 0, .help = "where the rule begins: default"),
};

static void read_rules(struct reader *r, const struct value *v, void *member)
{
    struct ceph_params *p = member;
    if (!read_is_map(r, v, "rules"))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct ceph_rule *rule = array_append(p->rules, p->n_rules);
        rule->name = xstrdup(v->keys[i].text);
        read_map(r, &v->items[i], rule_fields, N_FIELDS(rule_fields), rule);
    }
}

static void read_settings(struct reader *r, const struct value *v, void *member)
{
    struct ceph_settings *s = member;
    if (!read_is_map(r, v, NULL))
        return;
    for (size_t i = 0; i < v->n; i++) {
        if (v->items[i].type != VALUE_SCALAR) {
            read_expected(r, &v->items[i], v->keys[i].text, "one value");
            continue;
        }
        struct ceph_setting *item = array_append(s->items, s->n);
        item->option = xstrdup(v->keys[i].text);
        item->value = xstrdup(v->items[i].text);
    }
}

#define PART(k, rd, sc, hp)                                                                        \
    {                                                                                              \
        .key = (k), .type = FIELD_T_CUSTOM, .read = (rd), .schema = (sc), .help = (hp)             \
    }
#define VALUES_SCHEMA                                                                              \
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": [\"string\", \"number\", "        \
    "\"boolean\"]}}"

static const struct field ceph_fields[] = {
    FIELD_STRING("client", struct ceph_params, client, 0, .help = "whose key; client.admin"),
    FIELD_STRING("fsid", struct ceph_params, fsid, 0, .help = "it is still this cluster"),
    PART("health", read_health,
        "{\"anyOf\": [{\"const\": \"ok\"}, {\"type\": \"object\", \"required\": [\"allow\"], "
        "\"additionalProperties\": false, \"properties\": {\"allow\": {\"type\": [\"string\", "
        "\"array\"], \"items\": {\"type\": \"string\"}}}}]}",
        "no health check is raised (muted ones count), or only those allowed"),
    PART("pgs", read_pgs, "{\"const\": \"active+clean\"}", "all placement groups are"),
    PART("quorum", read_quorum,
        "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 31}, {\"type\": "
        "\"array\", \"items\": {\"type\": \"string\"}}]}",
        "exactly these monitors, or so many"),
    PART("osds", read_osds, NULL, "how many there are"),
    PART("osd_weights", read_weights, "{\"const\": \"full\"}",
        "every OSD has a CRUSH weight above 0 and is not reweighted"),
    PART("flags", read_flags,
        "{\"anyOf\": [{\"const\": \"none\"}, {\"type\": \"object\", \"required\": [\"absent\"], "
        "\"additionalProperties\": false, \"properties\": {\"absent\": {\"type\": [\"string\", "
        "\"array\"], \"items\": {\"type\": \"string\"}}}}]}",
        "flags that stop work (noout, pause …) of the cluster, of hosts and of single OSDs"),
    PART("ratios", read_ratios, NULL, "exactly these"),
    PART("pools", read_pools, NULL, "by name; each must exist"),
    PART("rules", read_rules, NULL, "CRUSH rules by name; each must exist"),
    FIELD_CUSTOM("mon_config", struct ceph_params, mon_config, read_settings, 0,
        .schema = VALUES_SCHEMA, .help = "settings as every running monitor has them"),
    FIELD_CUSTOM("osd_config", struct ceph_params, osd_config, read_settings, 0,
        .schema = VALUES_SCHEMA, .help = "settings as every running OSD has them"),
    FIELD_BOOL("auth_required", struct ceph_params, auth_required, 0,
        .help = "every daemon asks for cephx, and a client without a key is refused"),
};

static void *ceph_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct ceph_params *p = xnew(struct ceph_params);
    p->osds_up = p->osds_in = p->osds_total = -1;
    p->full_ratio = p->backfillfull_ratio = p->nearfull_ratio = -1;
    read_map(r, v, ceph_fields, N_FIELDS(ceph_fields), p);
    if (v->type == VALUE_MAP && v->n == (value_get(v, "client") ? 1u : 0u))
        problems_add(r->problems, v, "a ceph probe needs at least one expectation");
    return p;
}

static void settings_free(struct ceph_settings *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->items[i].option);
        free(s->items[i].value);
    }
    free(s->items);
}

static void ceph_free(void *params)
{
    struct ceph_params *p = params;
    for (size_t i = 0; i < p->n_pools; i++) {
        free(p->pools[i].name);
        free(p->pools[i].crush_rule);
    }
    for (size_t i = 0; i < p->n_rules; i++) {
        free(p->rules[i].name);
        free(p->rules[i].failure_domain);
        free(p->rules[i].root);
    }
    free(p->pools);
    free(p->rules);
    settings_free(&p->mon_config);
    settings_free(&p->osd_config);
    strv_free(&p->allow);
    strv_free(&p->quorum);
    strv_free(&p->absent_flags);
    free(p->client);
    free(p->fsid);
    free(p);
}

static json_t *map_of(const struct field *fields, size_t n)
{
    return json_pack(
        "{s:s, s:o}", "type", "object", "additionalProperties", fields_schema(fields, n));
}

static json_t *ceph_schema(void)
{
    json_t *s = fields_schema(ceph_fields, N_FIELDS(ceph_fields));
    json_t *p = json_object_get(s, "properties");
    json_object_set_new(p, "osds", fields_schema(osds_fields, N_FIELDS(osds_fields)));
    json_object_set_new(p, "ratios", fields_schema(ratio_fields, N_FIELDS(ratio_fields)));
    json_object_set_new(p, "pools", map_of(pool_fields, N_FIELDS(pool_fields)));
    json_object_set_new(p, "rules", map_of(rule_fields, N_FIELDS(rule_fields)));
    return s;
}

static void ceph_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct ceph_params *p = params;
    _free_ char *asked = ceph_asked(p);
    outcome_asked(o, "%s", asked);
    outcome_expected(o, "an answer from the cluster");
    struct ceph_answers answers = {0};
    if (ceph_ask(p, ctx, &answers, o))
        ceph_judge(p, &answers, o);
    json_decref(answers.all);
}

const struct probe_kind probe_ceph = {
    .name = "ceph",
    .summary = "health, placement groups, quorum, OSDs, pools, rules and settings of a cluster",
    .parse = ceph_parse,
    .free_params = ceph_free,
    .schema = ceph_schema,
    .run = ceph_run,
};
