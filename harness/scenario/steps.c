/* Scripts and the nodes they run on. */
#include "scenario/load.h"

int scenario_node(const struct scenario *sc, const char *name)
{
    for (size_t i = 0; i < sc->n_nodes; i++)
        if (streq(sc->nodes[i].name, name))
            return (int)i;
    return -1;
}

int scenario_check_node(struct reader *r, const struct value *v, const struct scenario *sc)
{
    if (v->type != VALUE_SCALAR || !*v->text) {
        read_expected(r, v, "node", "the name of a node");
        return -1;
    }
    int found = scenario_node(sc, v->text);
    if (found >= 0 || sc->n_nodes == 0) /* without nodes, that has been said */
        return found;
    const char *known[SCENARIO_MAX_NODES];
    for (size_t i = 0; i < sc->n_nodes; i++)
        known[i] = sc->nodes[i].name;
    read_unknown(r, v, "node", v->text, known, sc->n_nodes);
    return -1;
}

void read_node_ref(struct reader *r, const struct value *v, void *member)
{
    int found = scenario_check_node(r, v, loader_of(r)->sc);
    *(size_t *)member = found < 0 ? 0 : (size_t)found;
}

void read_script(struct reader *r, const struct value *v, void *member)
{
    static const struct field path = {.key = "script", .type = FIELD_T_PATH};
    read_field(r, v, &path, member);
    scenario_check_script(r, v, loader_of(r)->sc, NULL);
}

static const struct field step_fields[] = {
    FIELD_CUSTOM("node", struct step, node, read_node_ref, FIELD_REQUIRED,
        .schema = REF("node-name"), .help = "the node that the script runs on, as root"),
    FIELD_CUSTOM("script", struct step, script, read_script, FIELD_REQUIRED, .schema = REF("path"),
        .help = "an executable in the scenario's folder"),
    FIELD_DURATION("timeout", struct step, timeout_ms, 0, .min = 1000, .max = 4 * HOUR_MS,
        .help = "the script fails after so long; default 5m"),
};

void read_steps(struct reader *r, const struct value *v, void *member)
{
    struct steps *steps = member;
    if (!read_is_list(r, v, NULL, 1, SCENARIO_MAX_STEPS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct step *step = array_append(steps->items, steps->n);
        step->at = (struct at){v->items[i].line, v->items[i].col};
        step->timeout_ms = STEP_TIMEOUT_MS;
        read_map(r, &v->items[i], step_fields, N_FIELDS(step_fields), step);
    }
}

void steps_schema(json_t *defs)
{
    static const struct field id = {.type = FIELD_T_ID}, path = {.type = FIELD_T_PATH};
    json_object_set_new(defs, "id", field_schema(&id));
    json_object_set_new(defs, "path", field_schema(&path));
    json_object_set_new(defs, "step", fields_schema(step_fields, N_FIELDS(step_fields)));
    json_object_set_new(defs, "steps", list_schema("step", 1, SCENARIO_MAX_STEPS));
}
