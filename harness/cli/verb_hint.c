#include "cli/ask.h"
#include "cli/lookup.h"
#include "cli/verbs.h"

static bool count_taken(struct attempt *a, size_t *ret, struct lr_error *err)
{
    _json_ json_t *events = NULL;
    if (!attempt_events(a, "hint", &events, NULL, err))
        return false;
    *ret = json_array_size(events);
    return true;
}

static bool agreed(
    const struct cmd *c, size_t number, size_t n, const struct hint *hint, struct lr_error *err)
{
    if (cmd_has(c, "yes"))
        return true;
    if (!isatty(STDIN_FILENO)) {
        lr_error_set(err, LR_EUSAGE, "hint %zu of %zu costs %g points", number, n, hint->cost);
        return lr_error_hint(err, "`labrun hint --yes` takes it without asking");
    }
    _free_ char *question =
        xasprintf("Hint %zu of %zu costs %g points. Take it?", number, n, hint->cost);
    return ask_yes(question, "no hint taken", err);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _subject_ struct subject s = {0};
    _close_ int lock = -1;
    size_t taken, now;
    if (!lookup_lab(c, cmd_operand(c, 0), false, &s, err) || !count_taken(s.attempt, &taken, err))
        return false;
    if (taken >= s.sc->n_hints)
        return lr_error_set(err, LR_ENOTHING, "there is no further hint: all %zu are taken", taken);
    const struct hint *hint = &s.sc->hints[taken];
    /* The lock is for what follows: others go on while somebody thinks it over. */
    if (!agreed(c, taken + 1, s.sc->n_hints, hint, err) ||
        !lab_lock_running(c->state_dir, s.lab, &lock, err) || !count_taken(s.attempt, &now, err))
        return false;
    if (now != taken)
        return lr_error_set(err, LR_EBUSY, "somebody else took hint %zu meanwhile", taken + 1);
    _json_ json_t *data = json_pack("{s:I, s:f, s:s}", "number", (json_int_t)(taken + 1), "cost",
        hint->cost, "text", hint->text);
    if (!attempt_event(s.attempt, "hint", data, err))
        return false;
    if (cmd_json(c)) {
        out_json(&c->out, data);
        return true;
    }
    fprintf(c->out.file, "Hint %zu of %zu (-%g points): ", taken + 1, s.sc->n_hints, hint->cost);
    out_text(&c->out, STYLE_BOLD, hint->text);
    fprintf(c->out.file, "\n");
    return true;
}

const struct verb verb_hint = {
    .name = "hint",
    .group = "For the candidate",
    .summary = "the next hint, at its price",
    .options =
        (const struct option_def[]){
            {"yes", 'y', NULL, NULL, "take it without asking"},
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};
