#include "cli/lookup.h"
#include "cli/verbs.h"

static const char *const node_states[] = {
    [NODE_OFF] = "off",
    [NODE_RUNNING] = "running",
    [NODE_PAUSED] = "paused",
    [NODE_STUCK] = "stuck",
};
#define N_STATES (sizeof node_states / sizeof *node_states)

/* What one lab's line says. Strings owned. */
struct row {
    char *nodes; /* "4 running" */
    char *left;
    char *used;
    char *candidate;
};

static void row_free(struct row *r)
{
    free(r->nodes);
    free(r->left);
    free(r->used);
    free(r->candidate);
}

static json_t *node_json(const struct subject *s, size_t i, size_t counts[N_STATES])
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    enum node_state state = NODE_OFF;
    bool known = s->host.ops->node_state(s->host.driver, s->lab->plan, i, &state, &err);
    counts[state] += known;
    return json_pack("{s:s, s:b, s:s}", "name", s->lab->plan->nodes[i].name, "witness",
        s->lab->plan->nodes[i].witness, "state", known ? node_states[state] : "unknown");
}

static json_t *describe(const struct cmd *c, const struct subject *s, struct row *row)
{
    size_t counts[N_STATES] = {0};
    json_t *nodes = json_array();
    for (size_t i = 0; i < s->lab->plan->n_nodes; i++)
        json_array_append_new(nodes, node_json(s, i, counts));
    _strbuf_ struct strbuf text = STRBUF_INIT;
    for (size_t i = 0; i < N_STATES; i++)
        if (counts[i])
            strbuf_addf(&text, "%s%zu %s", text.len ? ", " : "", counts[i], node_states[i]);
    row->nodes = strbuf_steal(&text);
    int64_t used = 0;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (s->attempt && attempt_used_ms(s->attempt, &used, &err)) {
        row->left = time_left(s->attempt, used);
        row->used = format_duration(used);
        row->candidate = xstrdup(s->attempt->candidate);
    }
    _free_ char *kept =
        s->lab->attempt ? xasprintf("%s/attempts/%s", c->state_dir, s->lab->attempt) : NULL;
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s*, s:s*, s:I, s:I, s:o, s:s*}", "lab",
        s->lab->name, "scenario", s->lab->plan->scenario, "driver", s->lab->driver, "state",
        lab_state_name(s->lab->state), "cold", s->lab->cold, "candidate", row->candidate, "attempt",
        s->lab->attempt, "used_ms", (json_int_t)used, "time_limit_ms",
        (json_int_t)(s->attempt ? s->attempt->time_limit_ms : 0), "nodes", nodes, "kept_in", kept);
}

static void print_one(
    const struct cmd *c, const struct subject *s, const json_t *j, const struct row *row)
{
    FILE *f = c->out.file;
    fprintf(f, "lab        %s\nscenario   %s\ndriver     %s\nstate      %s\n", s->lab->name,
        s->lab->plan->scenario, s->lab->driver, lab_state_name(s->lab->state));
    fprintf(f, "candidate  ");
    out_text(&c->out, STYLE_NONE, row->candidate ? row->candidate : "-");
    fprintf(f, "\ntime       %s used, left: %s\n", row->used ? row->used : "-",
        row->left ? row->left : "-");
    if (s->lab->cold)
        fprintf(f, "began      booted, because the memory of its stage could not be used\n");
    size_t i;
    json_t *node;
    json_array_foreach (json_object_get(j, "nodes"), i, node)
        fprintf(f, "node       %s: %s%s\n", json_string_value(json_object_get(node, "name")),
            json_string_value(json_object_get(node, "state")),
            json_is_true(json_object_get(node, "witness")) ? " (witness)" : "");
    const char *kept = json_string_value(json_object_get(j, "kept_in"));
    fprintf(f, "kept in    %s\n", kept ? kept : "-");
}

static bool one(struct cmd *c, const char *name, struct lr_error *err)
{
    _subject_ struct subject s = {0};
    _cleanup_(row_free) struct row row = {0};
    if (!lookup_lab(c, name, true, &s, err))
        return false;
    _json_ json_t *j = describe(c, &s, &row);
    if (cmd_json(c))
        out_json(&c->out, j);
    else
        print_one(c, &s, j, &row);
    return true;
}

static bool all(struct cmd *c, struct lr_error *err)
{
    static const struct column columns[] = {{.title = "LAB"},
        {.title = "SCENARIO", .shrinks = true}, {.title = "DRIVER"}, {.title = "STATE"},
        {.title = "NODES", .shrinks = true}, {.title = "TIME LEFT", .align = ALIGN_RIGHT},
        {.title = "CANDIDATE", .shrinks = true}};
    _strv_ struct strv names = STRV_INIT;
    if (!labs_list(c->state_dir, false, &names, err))
        return false;
    _table_ struct table t;
    table_init(&t, columns, sizeof columns / sizeof *columns);
    _json_ json_t *list = json_array();
    for (size_t i = 0; i < names.n; i++) {
        _subject_ struct subject s = {0};
        _cleanup_(row_free) struct row row = {0};
        if (!lookup_lab(c, names.items[i], true, &s, err))
            return false;
        json_array_append_new(list, describe(c, &s, &row));
        table_add(&t, s.lab->name);
        table_add(&t, s.lab->plan->scenario);
        table_add(&t, s.lab->driver);
        table_add(&t, lab_state_name(s.lab->state));
        table_add(&t, row.nodes);
        table_add(&t, row.left);
        table_add(&t, row.candidate);
    }
    if (cmd_json(c))
        out_json(&c->out, list);
    else if (names.n)
        table_print(&t, &c->out);
    else
        fprintf(c->out.file, "no lab is running; `labrun start SCENARIO` starts one\n");
    return true;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    const char *name = cmd_operand(c, 0);
    return name ? one(c, name, err) : all(c, err);
}

const struct verb verb_status = {
    .name = "status",
    .group = "Labs",
    .summary = "the labs there are, their nodes and the time left",
    .help = "With LAB: also every node, where the attempt is kept, and whether the nodes had to "
            "boot instead of going on from the memory of their stage (`cold` in JSON).",
    .options = (const struct option_def[]){OPTIONS_JSON, OPTIONS_END},
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};
