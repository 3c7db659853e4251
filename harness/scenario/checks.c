/* Checks, guards and readiness: what is measured, where, and what it is worth. */
#include "scenario/load.h"

static const char *const when_names[] = {"now", "after-reboot", "throughout", NULL};

/* The value is a map of one key, the kind's name; what stands under it is the kind's to read. */
static void read_probe(struct reader *r, const struct value *v, void *member)
{
    struct probe_spec *probe = member;
    const struct scenario_opts *opts = loader_of(r)->opts;
    probe->at = (struct at){v->line, v->col};
    if (!read_is_map(r, v, "probe"))
        return;
    if (v->n != 1) {
        problems_add(r->problems, v, "'probe': expected one key, the kind of probe, got %zu", v->n);
        return;
    }
    const char *kind = v->keys[0].text;
    _free_ const char **known = xcalloc(opts->n_kinds, sizeof *known);
    for (size_t i = 0; i < opts->n_kinds; i++) {
        const struct probe_kind_info *info = &opts->kinds[i];
        known[i] = info->name;
        if (!streq(info->name, kind))
            continue;
        struct reader own = {.problems = r->problems};
        probe->kind = info->kind;
        probe->free_params = info->free_params;
        probe->params = info->parse(&own, &v->items[0], loader_of(r)->sc);
        return;
    }
    read_unknown(r, &v->keys[0], "probe kind", kind, known, opts->n_kinds);
}

#define CHECK_ID                                                                                   \
    FIELD_ID("id", struct check, id, FIELD_REQUIRED, .help = "unique among checks and guards")
#define CHECK_TITLE                                                                                \
    FIELD_STRING("title", struct check, title, FIELD_REQUIRED, .max = 120,                         \
        .help = "what must be true, in one line")
#define CHECK_WHEN                                                                                 \
    FIELD_ENUM("when", struct check, when, when_names, 0,                                          \
        .help = "the stage of grading in which it is asked; default now")
#define CHECK_NODE                                                                                 \
    FIELD_CUSTOM("node", struct check, node, read_node_ref, FIELD_REQUIRED,                        \
        .schema = REF("node-name"), .help = "where the probe runs")
#define CHECK_PROBE                                                                                \
    FIELD_CUSTOM("probe", struct check, probe, read_probe, FIELD_REQUIRED, .schema = REF("probe"), \
        .help = "what is measured, and what is expected of it")
#define CHECK_WITHIN                                                                               \
    FIELD_DURATION("within", struct check, within_ms, 0, .min = 0, .max = 2 * HOUR_MS,             \
        .help = "may take so long to become true; default 0s: at once")
#define CHECK_HOLD                                                                                 \
    FIELD_DURATION("hold", struct check, hold_ms, 0, .min = 0, .max = HOUR_MS,                     \
        .help = "must then stay true for so long; default 0s")
#define CHECK_TIMEOUT                                                                              \
    FIELD_DURATION("timeout", struct check, timeout_ms, 0, .min = 1000, .max = HOUR_MS,            \
        .help = "how long one try of the probe may take; default 30s")

static const struct field check_fields[] = {
    CHECK_ID,
    CHECK_TITLE,
    FIELD_ID("skill", struct check, skill, FIELD_REQUIRED,
        .help = "the skill that the points are counted under"),
    FIELD_NUMBER("points", struct check, points, FIELD_REQUIRED, .min = 0, .max = 100,
        .help = "more than 0; those of all checks add up to 100"),
    CHECK_WHEN,
    CHECK_NODE,
    CHECK_PROBE,
    CHECK_WITHIN,
    CHECK_HOLD,
    CHECK_TIMEOUT,
};

static const struct field guard_fields[] = {
    CHECK_ID,
    CHECK_TITLE,
    FIELD_ID("skill", struct check, skill, 0, .help = "the skill that it belongs to"),
    FIELD_NUMBER("caps", struct check, caps, FIELD_REQUIRED, .min = 0, .max = 100,
        .help = "the highest percentage of the score when the guard is broken"),
    CHECK_WHEN,
    CHECK_NODE,
    CHECK_PROBE,
    CHECK_WITHIN,
    CHECK_HOLD,
    CHECK_TIMEOUT,
};

static const struct field ready_check_fields[] = {
    FIELD_ID("id", struct check, id, 0, .help = "default: healthy-1, broken-1 and so on"),
    FIELD_STRING("title", struct check, title, 0, .max = 120, .help = "default: the id"),
    CHECK_NODE,
    CHECK_PROBE,
    CHECK_WITHIN,
    CHECK_HOLD,
    CHECK_TIMEOUT,
};

static struct check *append_check(struct checks *list, const struct value *v)
{
    struct check *check = array_append(list->items, list->n);
    check->at = (struct at){v->line, v->col};
    check->timeout_ms = CHECK_TIMEOUT_MS;
    return check;
}

/* Reports an id that another check of LIST than LAST has. */
static void check_unique(struct reader *r, const struct value *v, const struct checks *list,
    const struct check *last, const char *what)
{
    const struct value *at = value_get(v, "id");
    for (size_t i = 0; last->id && i < list->n; i++) {
        const struct check *other = &list->items[i];
        if (other != last && other->id && streq(other->id, last->id)) {
            problems_add(r->problems, at ? at : v, "there is a %s '%s' already", what, last->id);
            return;
        }
    }
}

/* A parameter was put into V, or into something in it. */
static bool is_drawn(const struct value *v)
{
    bool drawn = v && v->drawn;
    for (size_t i = 0; v && i < v->n && !drawn; i++)
        drawn = is_drawn(&v->items[i]);
    return drawn;
}

static bool tells(const struct value *check)
{
    return (is_drawn(value_get(check, "node")) || is_drawn(value_get(check, "probe"))) &&
        !is_drawn(value_get(check, "title"));
}

void read_checks(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    if (!read_is_list(r, v, "checks", 1, SCENARIO_MAX_CHECKS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct check *check = append_check(&sc->checks, &v->items[i]);
        check->points = -1; /* not read */
        read_map(r, &v->items[i], check_fields, N_FIELDS(check_fields), check);
        check->tells = tells(&v->items[i]);
        if (check->points == 0)
            problems_add(
                r->problems, value_get(&v->items[i], "points"), "'points' must be more than 0");
        check_unique(r, &v->items[i], &sc->checks, check, "check");
    }
}

void read_guards(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    if (!read_is_list(r, v, "guards", 0, SCENARIO_MAX_CHECKS - sc->checks.n))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct check *guard = append_check(&sc->guards, &v->items[i]);
        read_map(r, &v->items[i], guard_fields, N_FIELDS(guard_fields), guard);
        guard->tells = tells(&v->items[i]);
        check_unique(r, &v->items[i], &sc->guards, guard, "guard");
        check_unique(r, &v->items[i], &sc->checks, guard, "check");
    }
}

static void read_ready_list(
    struct reader *r, const struct value *v, const char *stage, struct checks *list)
{
    if (!read_is_list(r, v, stage, 0, SCENARIO_MAX_CHECKS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct check *check = append_check(list, &v->items[i]);
        read_map(r, &v->items[i], ready_check_fields, N_FIELDS(ready_check_fields), check);
        if (!check->id)
            check->id = xasprintf("%s-%zu", stage, i + 1);
        if (!check->title)
            check->title = xstrdup(check->id);
        check_unique(r, &v->items[i], list, check, "check");
    }
}

static void read_healthy(struct reader *r, const struct value *v, void *member)
{
    read_ready_list(r, v, "healthy", member);
}

static void read_broken(struct reader *r, const struct value *v, void *member)
{
    read_ready_list(r, v, "broken", member);
}

static const struct field ready_fields[] = {
    FIELD_CUSTOM("healthy", struct ready, healthy, read_healthy, 0, .schema = REF("ready-checks"),
        .help = "what must be true before the healthy stage is kept"),
    FIELD_CUSTOM("broken", struct ready, broken, read_broken, 0, .schema = REF("ready-checks"),
        .help = "what must be true before the broken stage is kept"),
};

void read_ready(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    read_map(r, v, ready_fields, N_FIELDS(ready_fields), &sc->ready);
}

void checks_schema(json_t *defs)
{
    static const struct {
        const char *name;
        const struct field *fields;
        size_t n;
    } maps[] = {
        {"check", check_fields, N_FIELDS(check_fields)},
        {"guard", guard_fields, N_FIELDS(guard_fields)},
        {"ready-check", ready_check_fields, N_FIELDS(ready_check_fields)},
        {"ready", ready_fields, N_FIELDS(ready_fields)},
    };
    for (size_t i = 0; i < N_FIELDS(maps); i++)
        json_object_set_new(defs, maps[i].name, fields_schema(maps[i].fields, maps[i].n));
    json_t *check = json_object_get(defs, "check");
    json_t *points = json_object_get(json_object_get(check, "properties"), "points");
    json_object_del(points, "minimum");
    json_object_set_new(points, "exclusiveMinimum", json_integer(0));
    json_object_set_new(defs, "ready-checks", list_schema("ready-check", 0, SCENARIO_MAX_CHECKS));
}

/* A map of exactly one key, a kind, and what the kind says of its value. */
void probe_schema(json_t *defs, const struct scenario_opts *opts)
{
    json_t *kinds = json_object();
    for (size_t i = 0; i < opts->n_kinds; i++)
        json_object_set_new(kinds, opts->kinds[i].name, opts->kinds[i].schema());
    json_object_set_new(defs, "probe",
        json_pack("{s:s, s:i, s:i, s:b, s:o}", "type", "object", "minProperties", 1,
            "maxProperties", 1, "additionalProperties", 0, "properties", kinds));
}
