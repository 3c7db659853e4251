/* What breaks, mends or pretends to mend: faults, solutions and cheats. Each is an id and either
 * one script on one node or a list of steps. */
#include "scenario/load.h"

/* All that any of the three can say. */
struct actor {
    char *id;
    char *title;
    char *skill;
    struct step one; /* node and script in the item itself */
    struct steps steps;
    double max_percent;
    struct strv must_fail;
};

static void read_must_fail(struct reader *r, const struct value *v, void *member)
{
    read_check_ids(r, v, "must_fail", true, member);
}

#define ACTOR_ID FIELD_ID("id", struct actor, id, FIELD_REQUIRED, .help = "unique among its kind")
#define ACTOR_NODE                                                                                 \
    FIELD_CUSTOM("node", struct actor, one.node, read_node_ref, 0, .schema = REF("node-name"),     \
        .help = "the node that the script runs on, as root")
#define ACTOR_SCRIPT                                                                               \
    FIELD_CUSTOM("script", struct actor, one.script, read_script, 0, .schema = REF("path"),        \
        .help = "an executable in the scenario's folder")
#define ACTOR_TIMEOUT                                                                              \
    FIELD_DURATION("timeout", struct actor, one.timeout_ms, 0, .min = 1000, .max = 4 * HOUR_MS,    \
        .help = "the script fails after so long; default 5m")
#define ACTOR_STEPS                                                                                \
    FIELD_CUSTOM("steps", struct actor, steps, read_steps, 0, .schema = REF("steps"),              \
        .help = "instead of node and script: several of them, in this order")

static const struct field fault_fields[] = {
    ACTOR_ID,
    FIELD_STRING("title", struct actor, title, 0, .max = 120,
        .help = "what is broken, in one line, for the interviewer"),
    FIELD_ID("skill", struct actor, skill, FIELD_REQUIRED, .help = "what it takes to find it"),
    ACTOR_NODE,
    ACTOR_SCRIPT,
    ACTOR_TIMEOUT,
    ACTOR_STEPS,
};

static const struct field solution_fields[] = {
    ACTOR_ID,
    ACTOR_NODE,
    ACTOR_SCRIPT,
    ACTOR_TIMEOUT,
    ACTOR_STEPS,
};

static const struct field cheat_fields[] = {
    ACTOR_ID,
    ACTOR_NODE,
    ACTOR_SCRIPT,
    ACTOR_TIMEOUT,
    ACTOR_STEPS,
    FIELD_NUMBER("max_percent", struct actor, max_percent, 0, .min = 0, .max = 100,
        .help = "the highest score it may reach; default: 0.01 under the pass mark"),
    FIELD_CUSTOM("must_fail", struct actor, must_fail, read_must_fail, 0, .schema = REF("ids"),
        .help = "checks and guards that must not pass after it"),
};

/* Either node and script, or steps. */
static void settle_steps(struct reader *r, const struct value *v, struct actor *a)
{
    bool node = value_get(v, "node"), script = value_get(v, "script");
    if (value_get(v, "steps")) {
        if (node || script || value_get(v, "timeout"))
            problems_add(
                r->problems, v, "'steps' stands instead of 'node', 'script' and 'timeout'");
        free(a->one.script);
        return;
    }
    if (!node && !script)
        problems_add(r->problems, v, "'node' and 'script', or 'steps', are missing");
    else if (!node || !script)
        problems_add(r->problems, v, "'%s' is missing", node ? "script" : "node");
    *array_append(a->steps.items, a->steps.n) = a->one;
}

static struct actor read_actor(
    struct reader *r, const struct value *v, const struct field *fields, size_t n)
{
    struct actor a = {.one = {.timeout_ms = STEP_TIMEOUT_MS, .at = {v->line, v->col}}};
    a.max_percent = loader_of(r)->sc->pass_mark - 0.01;
    read_map(r, v, fields, n, &a);
    if (v->type == VALUE_MAP)
        settle_steps(r, v, &a);
    return a;
}

/* Reports an id that one of the items before has; SEEN is a list of ids so far. */
static void check_unique(
    struct reader *r, const struct value *v, const char *what, const char *id, struct strv *seen)
{
    if (!id)
        return;
    if (strv_contains(seen, id))
        problems_add(r->problems, value_get(v, "id"), "there is a %s '%s' already", what, id);
    else
        strv_add(seen, id);
}

void read_faults(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    _strv_ struct strv seen = STRV_INIT;
    if (!read_is_list(r, v, "faults", 0, SCENARIO_MAX_FAULTS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct actor a = read_actor(r, &v->items[i], fault_fields, N_FIELDS(fault_fields));
        check_unique(r, &v->items[i], "fault", a.id, &seen);
        *array_append(sc->faults, sc->n_faults) =
            (struct fault){.id = a.id, .title = a.title, .skill = a.skill, .steps = a.steps};
    }
}

void read_solutions(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    _strv_ struct strv seen = STRV_INIT;
    if (!read_is_list(r, v, "solutions", 0, SCENARIO_MAX_TRIES))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct actor a = read_actor(r, &v->items[i], solution_fields, N_FIELDS(solution_fields));
        check_unique(r, &v->items[i], "solution", a.id, &seen);
        *array_append(sc->solutions, sc->n_solutions) =
            (struct solution){.id = a.id, .steps = a.steps};
    }
}

void read_cheats(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    _strv_ struct strv seen = STRV_INIT;
    if (!read_is_list(r, v, "cheats", 0, SCENARIO_MAX_TRIES))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct actor a = read_actor(r, &v->items[i], cheat_fields, N_FIELDS(cheat_fields));
        check_unique(r, &v->items[i], "cheat", a.id, &seen);
        *array_append(sc->cheats, sc->n_cheats) = (struct cheat){
            .id = a.id, .steps = a.steps, .max_percent = a.max_percent, .must_fail = a.must_fail};
    }
}

/* The map with "either node and script, or steps" added to it. */
static json_t *actor_schema(const struct field *fields, size_t n)
{
    json_t *s = fields_schema(fields, n);
    json_object_set_new(s, "oneOf",
        json_pack("[{s:[s,s], s:{s:b}}, {s:[s], s:{s:b, s:b, s:b}}]", "required", "node", "script",
            "properties", "steps", 0, "required", "steps", "properties", "node", 0, "script", 0,
            "timeout", 0));
    return s;
}

void actors_schema(json_t *defs)
{
    json_object_set_new(defs, "fault", actor_schema(fault_fields, N_FIELDS(fault_fields)));
    json_object_set_new(defs, "solution", actor_schema(solution_fields, N_FIELDS(solution_fields)));
    json_object_set_new(defs, "cheat", actor_schema(cheat_fields, N_FIELDS(cheat_fields)));
}
