#include "cli/lookup.h"
#include "cli/topology.h"
#include "cli/verbs.h"
#include "lab/judge.h"

static json_t *nodes_json(const struct scenario *sc)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < sc->n_nodes; i++) {
        const struct node *n = &sc->nodes[i];
        json_t *nics = json_object();
        for (size_t k = 0; k < n->n_nics; k++) {
            json_t *addresses = json_array();
            for (size_t a = 0; a < n->nics[k].n_addresses; a++)
                json_array_append_new(addresses, json_string(n->nics[k].addresses[a].text));
            json_object_set_new(nics, sc->networks[n->nics[k].network].name, addresses);
        }
        json_array_append_new(nodes,
            json_pack("{s:s, s:b, s:s, s:I, s:o}", "name", n->name, "witness", n->witness, "image",
                n->image, "memory_mib", (json_int_t)n->memory_mib, "networks", nics));
    }
    return nodes;
}

static json_t *check_json(const struct scenario *sc, const struct check *k)
{
    static const char *const when[] = {"now", "after-reboot", "throughout"};
    return json_pack("{s:s, s:s, s:s*, s:f, s:s, s:s}", "id", k->id, "title", k->title, "skill",
        k->skill, "points", k->points, "when", when[k->when], "node", sc->nodes[k->node].name);
}

/* Points by skill, in the order of the checks. */
static json_t *skills_json(const struct scenario *sc)
{
    json_t *skills = json_object();
    for (size_t i = 0; i < sc->checks.n; i++) {
        const struct check *k = &sc->checks.items[i];
        const char *skill = k->skill ? k->skill : "other";
        double so_far = json_number_value(json_object_get(skills, skill));
        json_object_set_new(skills, skill, json_real(so_far + k->points));
    }
    return skills;
}

static json_t *draws_json(const struct variants *all)
{
    json_t *draws = json_array();
    for (size_t i = 0; i < all->n; i++)
        json_array_append_new(draws, scenario_draw_json(all->items[i]));
    return draws;
}

/* What candidates must not see. */
static void add_secrets(json_t *j, const struct scenario *sc, const struct variants *all)
{
    json_t *faults = json_array(), *hints = json_array();
    for (size_t i = 0; i < sc->n_faults; i++)
        json_array_append_new(faults,
            json_pack("{s:s, s:s*, s:s*}", "id", sc->faults[i].id, "title", sc->faults[i].title,
                "skill", sc->faults[i].skill));
    for (size_t i = 0; i < sc->n_hints; i++)
        json_array_append_new(
            hints, json_pack("{s:f, s:s}", "cost", sc->hints[i].cost, "text", sc->hints[i].text));
    if (sc->n_parameters) {
        json_object_set_new(j, "draw", scenario_draw_json(sc));
        json_object_set_new(j, "draws", draws_json(all));
    }
    json_object_set_new(j, "faults", faults);
    json_object_set_new(j, "hints", hints);
}

/* What every lab of the scenario will be. */
static void topology_of(const struct scenario *sc, struct topology *ret)
{
    _plan_ struct plan *plan = plan_make(sc, "/", sc->name);
    judge_topology(plan, ret);
}

static json_t *strings_json(const struct strv *v)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->n; i++)
        json_array_append_new(list, json_string(v->items[i]));
    return list;
}

static json_t *info_json(const struct scenario *sc, const struct variants *all, bool full)
{
    json_t *checks = json_array(), *guards = json_array();
    for (size_t i = 0; i < sc->checks.n; i++)
        json_array_append_new(checks, check_json(sc, &sc->checks.items[i]));
    for (size_t i = 0; i < sc->guards.n; i++) {
        json_t *g = check_json(sc, &sc->guards.items[i]);
        json_object_set_new(g, "caps", json_real(sc->guards.items[i].caps));
        json_array_append_new(guards, g);
    }
    json_t *j =
        json_pack("{s:s, s:s, s:s*, s:s, s:s, s:I, s:I, s:f, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
            "scenario", sc->name, "title", sc->title, "summary", sc->summary, "difficulty",
            difficulty_names[sc->difficulty], "digest", sc->digest, "variants",
            (json_int_t)sc->variants, "time_limit_ms", (json_int_t)sc->time_limit_ms, "pass_mark",
            sc->pass_mark, "folder", sc->dir, "kits", strings_json(&sc->kits), "needs",
            strings_json(&sc->needs), "nodes", nodes_json(sc), "skills", skills_json(sc), "checks",
            checks, "guards", guards);
    _topology_ struct topology topology = {0};
    topology_of(sc, &topology);
    json_object_set_new(j, "topology", topology_to_json(&topology));
    if (full)
        add_secrets(j, sc, all);
    return j;
}

static void print_checks(const struct cmd *c, const struct scenario *sc)
{
    static const struct column columns[] = {{.title = "CHECK"}, {.title = "TITLE", .shrinks = true},
        {.title = "SKILL"}, {.title = "POINTS", .align = ALIGN_RIGHT}, {.title = "ASKED FROM"}};
    _table_ struct table t;
    table_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < sc->checks.n + sc->guards.n; i++) {
        bool guard = i >= sc->checks.n;
        const struct check *k = guard ? &sc->guards.items[i - sc->checks.n] : &sc->checks.items[i];
        table_add(&t, k->id);
        table_add(&t, k->title);
        table_add(&t, k->skill);
        if (guard)
            table_addf(&t, "guard, caps at %g %%", k->caps);
        else
            table_addf(
                &t, "%g%s", k->points, k->when == WHEN_AFTER_REBOOT ? ", after a power cut" : "");
        table_add(&t, sc->nodes[k->node].name);
    }
    out_heading(&c->out, "Checks");
    table_print(&t, &c->out);
}

static void print_head(const struct cmd *c, const struct scenario *sc)
{
    FILE *f = c->out.file;
    _free_ char *limit = format_duration(sc->time_limit_ms);
    int64_t memory = 0;
    double price = 0;
    for (size_t i = 0; i < sc->n_nodes; i++)
        memory += sc->nodes[i].memory_mib;
    for (size_t i = 0; i < sc->n_hints; i++)
        price += sc->hints[i].cost;
    out_text(&c->out, STYLE_BOLD, sc->title);
    fprintf(f, "\n");
    if (sc->summary)
        fprintf(f, "%s\n", sc->summary);
    fprintf(f, "%s, %s, %s, pass mark %g %%\n", sc->name, difficulty_names[sc->difficulty], limit,
        sc->pass_mark);
    fprintf(f, "%zu nodes with %lld MiB together, %zu faults, %zu hints at %g points\n",
        sc->n_nodes, (long long)memory, sc->n_faults, sc->n_hints, price);
    for (size_t i = 0; i < sc->needs.n; i++)
        fprintf(
            f, "%s%s%s", i ? ", " : "needs ", sc->needs.items[i], i + 1 == sc->needs.n ? "\n" : "");
    fprintf(f, "%s\n", sc->dir);
    for (size_t i = 0; i < sc->kits.n; i++)
        fprintf(
            f, "%s%s%s", i ? ", " : "kits: ", sc->kits.items[i], i + 1 == sc->kits.n ? "\n" : "");
    fprintf(f, "\n");
}

static void print_skills(const struct cmd *c, const struct scenario *sc)
{
    _json_ json_t *skills = skills_json(sc);
    const char *skill;
    json_t *points;
    out_heading(&c->out, "Points by skill");
    json_object_foreach (skills, skill, points)
        fprintf(c->out.file, "  %-16s %g\n", skill, json_number_value(points));
}

/* One column a parameter, one row a variant. */
static void print_draws(const struct cmd *c, const struct variants *all)
{
    const struct scenario *first = all->items[0];
    _free_ struct column *columns = xcalloc(first->n_parameters + 1, sizeof *columns);
    columns[0].title = "SEED";
    for (size_t i = 0; i < first->n_parameters; i++)
        columns[i + 1] = (struct column){.title = first->parameters[i].name, .shrinks = true};
    _table_ struct table t;
    table_init(&t, columns, first->n_parameters + 1);
    for (size_t v = 0; v < all->n; v++) {
        table_addf(&t, "%zu", v);
        for (size_t i = 0; i < first->n_parameters; i++)
            table_add(&t, all->items[v]->parameters[i].value);
    }
    out_heading(&c->out, "\nWhat is drawn (not for candidates)");
    table_print(&t, &c->out);
}

static void print_secrets(
    const struct cmd *c, const struct scenario *sc, const struct variants *all)
{
    if (sc->n_parameters)
        print_draws(c, all);
    out_heading(&c->out, "\nFaults (not for candidates)");
    for (size_t i = 0; i < sc->n_faults; i++)
        fprintf(c->out.file, "  %s: %s\n", sc->faults[i].id,
            sc->faults[i].title ? sc->faults[i].title : sc->faults[i].steps.items[0].script);
    out_heading(&c->out, "\nHints");
    for (size_t i = 0; i < sc->n_hints; i++)
        fprintf(c->out.file, "  %g points: %s\n", sc->hints[i].cost, sc->hints[i].text);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _variants_ struct variants all = {0};
    int64_t seed = 0;
    if (!cmd_int(c, "seed", 0, SEED_MAX, &seed, err) ||
        !lookup_variants(cmd_operand(c, 0), &all, err))
        return false;
    const struct scenario *sc = all.items[(size_t)seed % all.n];
    if (cmd_json(c)) {
        _json_ json_t *j = info_json(sc, &all, cmd_has(c, "full"));
        out_json(&c->out, j);
        return true;
    }
    print_head(c, sc);
    _topology_ struct topology topology = {0};
    topology_of(sc, &topology);
    topology_print(&c->out, &topology);
    fprintf(c->out.file, "\n");
    print_checks(c, sc);
    fprintf(c->out.file, "\n");
    print_skills(c, sc);
    if (cmd_has(c, "full"))
        print_secrets(c, sc, &all);
    return true;
}

const struct verb verb_info = {
    .name = "info",
    .group = "Labs",
    .summary = "what a scenario is: topology, checks, points",
    .help = "For interviewers: candidates read `labrun brief`.",
    .options =
        (const struct option_def[]){
            {"full", 0, NULL, NULL, "also name the faults, the hints and what is drawn"},
            {"seed", 's', "N", NULL, "with the parameters drawn from this seed; 0 if not said"},
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"SCENARIO", "scenario", 0}, OPERANDS_END},
    .run = run,
};
