#include "cli/lookup.h"
#include "cli/spent.h"
#include "cli/verbs.h"
#include "lab/build.h"
#include "lab/start.h"
#include "util/hash.h"
#include "util/log.h"

/* A seed for a candidate: of a variant that starts in seconds, if there is any. */
static int64_t draw_seed(const struct host *h, const struct variants *all)
{
    _free_ bool *warm = xcalloc(all->n, sizeof *warm);
    bool any = build_find_warm(h, all, warm) > 0;
    size_t variant;
    do
        variant = random_below(all->n);
    while (any && !warm[variant]);
    return (int64_t)(random_below(100000) * all->n + variant);
}

/* The scenario with what is drawn for this lab. */
static bool choose(const struct cmd *c, struct host *h, struct scenario **ret, struct lr_error *err)
{
    const char *ref = cmd_operand(c, 0);
    _variants_ struct variants all = {0};
    int64_t seed = -1;
    if (!cmd_int(c, "seed", 0, SEED_MAX, &seed, err) || !lookup_variants(ref, &all, err) ||
        !host_open(c->state_dir, cmd_value(c, "driver"), all.items[0], h, err))
        return false;
    if (h->reason)
        log_info("%s", h->reason);
    if (all.items[0]->n_parameters == 0 && seed >= 0)
        log_warning("'%s' has no parameters: every seed gives the same lab", all.items[0]->name);
    if (all.items[0]->n_parameters == 0) {
        *ret = STEAL(all.items[0]);
        return true;
    }
    return lookup_scenario_drawn(ref, seed < 0 ? draw_seed(h, &all) : seed, ret, err);
}

static json_t *started_json(const struct lab *lab, struct timings *t)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < lab->plan->n_nodes; i++)
        json_array_append_new(nodes,
            json_pack("{s:s, s:b}", "name", lab->plan->nodes[i].name, "witness",
                lab->plan->nodes[i].witness));
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "lab", lab->name, "scenario",
        lab->plan->scenario, "driver", lab->driver, "attempt", lab->attempt, "nodes", nodes,
        "timings", timings_json(t));
    if (lab->draw)
        json_object_set_new(j, "seed", json_integer(lab_seed(lab)));
    return j;
}

static void print_next(const struct cmd *c, const struct lab *lab, const struct scenario *sc)
{
    size_t first = 0;
    while (first + 1 < lab->plan->n_nodes && lab->plan->nodes[first].witness)
        first++;
    _free_ char *limit = format_duration(sc->time_limit_ms);
    FILE *f = c->out.file;
    fprintf(f, "lab %s is running, and broken. The candidate has %s.\n\n", lab->name, limit);
    fprintf(f, "  labrun brief %-24s the task\n", lab->name);
    fprintf(f, "  labrun ssh %s %-*s a terminal on a node\n", lab->name,
        (int)(25 - strlen(lab->name)), lab->plan->nodes[first].name);
    fprintf(f, "  labrun grade %-24s the score so far\n", lab->name);
    fprintf(f, "  labrun finish %-23s the last grade, then the end\n", lab->name);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _timings_ struct timings *t = timings_new();
    _scenario_ struct scenario *sc = NULL;
    _host_ struct host h = {0};
    _lab_ struct lab *lab = NULL;
    if (!choose(c, &h, &sc, err))
        return false;
    h.timings = t;
    timings_phase(t, "lookup");
    struct start_opts opts = {.name = cmd_value(c, "name"),
        .candidate = cmd_value(c, "candidate"),
        .version = c->program->version};
    if (!lab_start(&h, sc, &opts, &lab, err))
        return false;
    _json_ json_t *j = started_json(lab, t);
    if (cmd_json(c)) {
        out_json(&c->out, j);
        return true;
    }
    if (cmd_has(c, "timings")) {
        spent_print(&c->out, t);
        fputc('\n', c->out.file);
    }
    print_next(c, lab, sc);
    return true;
}

const struct verb verb_start = {
    .name = "start",
    .group = "Labs",
    .summary = "bring up a lab of a scenario, broken as declared",
    .help =
        "Clones the scenario's broken stage. The first time, its image and stages are made, "
        "which takes minutes and shows what it does; after that a start takes seconds, with "
        "OpenStack a minute or two. `labrun build` does it before anybody waits.\n\n"
        "The candidate's clock begins when every node answers ssh and the declared symptoms "
        "are there.\n\n"
        "The driver `auto` takes qemu where there is KVM, else lxc where the host and the "
        "scenario allow, else qemu with TCG.\n\n"
        "Of a scenario with parameters each lab is drawn anew, from a seed that the attempt and "
        "its report keep. Seeds that leave the same remainder when divided by the number of "
        "variants give the same lab. Without --seed one is drawn, of a variant that is warm if "
        "there is any: where only one is, all candidates get that one.",
    .options =
        (const struct option_def[]){
            {"driver", 'd', "DRIVER", "auto|qemu|lxc", "how nodes come to be; auto if not said"},
            {"candidate", 'c', "NAME", NULL, "who solves it, for the record"},
            {"name", 'n', "LAB", NULL, "name of the lab; drawn if not said"},
            {"seed", 's', "N", NULL, "what the parameters are drawn from; drawn if not said"},
            OPTION_TIMINGS,
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"SCENARIO", "scenario", 0}, OPERANDS_END},
    .run = run,
};
