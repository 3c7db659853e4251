#include "cli/lookup.h"
#include "cli/verbs.h"

static char *access_text(const struct subject *s)
{
    struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < s->lab->plan->n_nodes; i++) {
        const struct plan_node *n = &s->lab->plan->nodes[i];
        if (n->witness)
            continue;
        strbuf_addf(&b, "  labrun ssh %s %s", s->lab->name, n->name);
        for (size_t k = 0; k < n->n_nics; k++)
            for (size_t a = 0; a < n->nics[k].addresses.n; a++)
                strbuf_addf(&b, "%s%s", k + a ? ", " : "   # ", n->nics[k].addresses.items[a]);
        strbuf_adds(&b, "\n");
    }
    return strbuf_steal(&b);
}

/* What a candidate should know that is the lab's doing and not the incident's. */
static const char *fine_print(const struct subject *s)
{
    if (s->host.ops->clones_memory)
        return "The nodes' clocks stand at the hour of the incident, the same on all of them. "
               "That is not a fault, and certificates are valid by that clock.";
    return "The nodes are containers: they share the host's kernel and its clock. Neither is a "
           "fault, and neither can be changed from inside.";
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _subject_ struct subject s = {0};
    _free_ char *text = NULL;
    int64_t used = 0;
    if (!lookup_lab(c, cmd_operand(c, 0), false, &s, err) ||
        !attempt_used_ms(s.attempt, &used, err))
        return false;
    if (!scenario_briefing(s.sc, &text, err))
        return false;
    _free_ char *access = access_text(&s);
    _free_ char *left = time_left(s.attempt, used);
    if (cmd_json(c)) {
        _json_ json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "lab", s.lab->name, "title",
            s.sc->title, "briefing", text, "fine_print", fine_print(&s), "used_ms",
            (json_int_t)used, "time_limit_ms", (json_int_t)s.attempt->time_limit_ms);
        out_json(&c->out, j);
        return true;
    }
    out_text(&c->out, STYLE_NONE, text);
    fprintf(c->out.file, "\nTime left: %s\n\nThe way in:\n%s\n", left, access);
    out_text(&c->out, STYLE_DIM, fine_print(&s));
    fprintf(c->out.file, "\n");
    return true;
}

const struct verb verb_brief = {
    .name = "brief",
    .group = "For the candidate",
    .summary = "the task, the time left and the way in",
    .options = (const struct option_def[]){OPTIONS_JSON, OPTIONS_END},
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};
