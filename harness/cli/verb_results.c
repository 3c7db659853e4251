#include "cli/lookup.h"
#include "cli/verbs.h"
#include "util/log.h"

static bool wanted(const struct cmd *c, const struct attempt *a)
{
    const char *scenario = cmd_value(c, "scenario"), *candidate = cmd_value(c, "candidate");
    if (scenario && has_prefix(scenario, "scenario/"))
        scenario += strlen("scenario/");
    if (scenario && !streq(scenario, a->scenario))
        return false;
    return !candidate || (a->candidate && strcasestr(a->candidate, candidate));
}

static json_t *attempt_json(const struct attempt *a, const char *started, int64_t used_ms)
{
    json_t *j = json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s, s:s, s:I, s:I}", "attempt", a->id, "lab",
        a->lab, "scenario", a->scenario, "candidate", a->candidate, "driver", a->driver, "state",
        attempt_state_name(a->state), "started", started, "used_ms", (json_int_t)used_ms, "grades",
        (json_int_t)a->n_grades);
    if (a->draw)
        json_object_set(j, "draw", a->draw);
    if (a->n_grades) {
        json_object_set_new(j, "score", json_real(a->score));
        json_object_set_new(j, "max", json_real(a->max));
        json_object_set_new(j, "percent", json_real(a->percent));
        json_object_set_new(j, "passed", json_boolean(a->passed));
        json_object_set_new(j, "gradable", json_boolean(a->gradable));
        json_object_set_new(j, "complete", json_boolean(a->complete));
    }
    return j;
}

static void add_row(struct table *t, const struct attempt *a, const char *started, int64_t used_ms)
{
    _free_ char *used = format_duration(used_ms);
    table_add(t, a->id);
    table_add(t, a->scenario);
    table_add(t, a->candidate);
    table_add(t, started);
    table_add(t, used);
    table_add(t, attempt_state_name(a->state));
    if (!a->n_grades) {
        table_add(t, NULL);
        table_add(t, "not graded");
        return;
    }
    table_addf(t, "%.0f %%", a->percent);
    enum style style = !a->gradable ? STYLE_WARN : a->passed ? STYLE_GOOD : STYLE_BAD;
    const char *result = !a->gradable ? "could not tell" : a->passed ? "passed" : "not passed";
    if (!a->gradable || a->complete) {
        table_add_styled(t, style, result);
        return;
    }
    /* The last grade did not ask about life after a power cut, or did not come to that. */
    _free_ char *so_far = xasprintf("%s so far", result);
    table_add_styled(t, a->passed ? STYLE_WARN : style, so_far);
}

/* One attempt whose events cannot be read does not hide all others. */
static int64_t used_or_zero(struct attempt *a)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    int64_t used = 0;
    if (!attempt_used_ms(a, &used, &err))
        log_warning("attempt '%s': %s", a->id, err.message);
    return used;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    static const struct column columns[] = {{.title = "ATTEMPT"}, {.title = "SCENARIO"},
        {.title = "CANDIDATE", .shrinks = true}, {.title = "STARTED"},
        {.title = "USED", .align = ALIGN_RIGHT}, {.title = "STATE"},
        {.title = "SCORE", .align = ALIGN_RIGHT}, {.title = "RESULT"}};
    bool json = cmd_json(c);
    _attempts_ struct attempts all = {0};
    if (!attempt_list(c->state_dir, &all, err))
        return false;
    _table_ struct table t;
    table_init(&t, columns, sizeof columns / sizeof *columns);
    _json_ json_t *list = json_array();
    for (size_t i = 0; i < all.n; i++) {
        if (!wanted(c, all.items[i]))
            continue;
        _free_ char *started = format_time(all.items[i]->started_wall_ms);
        int64_t used = used_or_zero(all.items[i]);
        if (json)
            json_array_append_new(list, attempt_json(all.items[i], started, used));
        else
            add_row(&t, all.items[i], started, used);
    }
    if (json)
        out_json(&c->out, list);
    else if (t.n_cells)
        table_print(&t, &c->out);
    else
        fprintf(c->out.file, "no attempts\n");
    return true;
}

const struct verb verb_results = {
    .name = "results",
    .group = "For the interviewer",
    .summary = "the attempts so far and what they scored",
    .options =
        (const struct option_def[]){
            {"scenario", 's', "SCENARIO", "scenario", "only of this scenario"},
            {"candidate", 'c', "NAME", NULL, "only candidates whose name contains this"},
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .run = run,
};
