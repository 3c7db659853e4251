#include "cli/lookup.h"
#include "cli/spent.h"
#include "cli/verbs.h"
#include "lab/start.h"
#include "util/log.h"

static bool reset(const struct cmd *c, struct subject *s, struct lr_error *err)
{
    const char *name = cmd_value(c, "node");
    size_t node;
    if (!name)
        return lab_reset(&s->host, s->lab, s->sc, err);
    return lab_node(s->lab, name, false, &node, err) &&
        lab_reset_node(&s->host, s->lab, s->sc, node, err);
}

static void tell(struct cmd *c, const struct lab *lab, struct timings *t)
{
    const char *node = cmd_value(c, "node");
    if (cmd_json(c)) {
        _json_ json_t *j = json_pack("{s:s, s:s?, s:s, s:o}", "lab", lab->name, "node", node,
            "attempt", lab->attempt, "timings", timings_json(t));
        out_json(&c->out, j);
    } else if (cmd_has(c, "timings")) {
        spent_print(&c->out, t);
    }
    if (node)
        log_info("node '%s' of lab '%s' is as it was when it was handed over", node, lab->name);
    else
        log_info("lab '%s' is as it was when it was handed over", lab->name);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _timings_ struct timings *t = timings_new();
    _subject_ struct subject s = {0};
    if (!lookup_lab(c, cmd_operand(c, 0), true, &s, err))
        return false;
    if (!s.sc && !lookup_scenario_drawn(s.lab->scenario_dir, lab_seed(s.lab), &s.sc, err))
        return false;
    s.host.timings = t;
    timings_phase(t, "lookup");
    if (!reset(c, &s, err))
        return false;
    tell(c, s.lab, t);
    return true;
}

const struct verb verb_reset = {
    .name = "reset",
    .group = "Labs",
    .summary = "back to the broken state, with the same name and keys",
    .help =
        "All that was done on the nodes is lost; the attempt goes on, and knows of the reset.\n\n"
        "With --node, all that was done on that node; the others are not touched. It boots from "
        "the disks of the scenario's broken stage, with virtual machines too, where a whole lab "
        "goes on from the stage's memory: what its neighbours know has moved on since then.",
    .options =
        (const struct option_def[]){
            {"node", 0, "NODE", "node", "only this node; may be a witness"},
            OPTION_TIMINGS,
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};
