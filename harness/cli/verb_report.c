#include "cli/lookup.h"
#include "cli/reports.h"
#include "cli/verbs.h"
#include "lab/history.h"

/* The last grade, or the one that --grade asks for. */
static bool read_grade(
    const struct cmd *c, struct attempt *a, struct score_report *ret, struct lr_error *err)
{
    _json_ json_t *j = NULL;
    int64_t number = 0;
    if (!cmd_int(c, "grade", 1, INT32_MAX, &number, err))
        return false;
    if (number ? !attempt_grade(a, number, &j, err) : !attempt_score(a, &j, err)) {
        _free_ char *drawn = draw_text(a->draw);
        if (err->code == LR_ENOTHING && drawn)
            lr_error_hint(err, "drawn for it: %s", drawn);
        return false;
    }
    return score_from_json(j, ret, err) && history_refresh(a, ret, err);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    const char *ref = cmd_operand(c, 0);
    _lab_ struct lab *lab = NULL;
    if (!reports_have_files(c, err) || (!ref && !lab_find(c->state_dir, NULL, &lab, err)))
        return false;
    _attempt_ struct attempt *a = NULL;
    _score_report_ struct score_report r = {0};
    if (!attempt_find(c->state_dir, ref ? ref : lab->name, &a, err) || !read_grade(c, a, &r, err))
        return false;
    return reports_emit(c, &r, a->dir, err);
}

const struct verb verb_report = {
    .name = "report",
    .group = "For the interviewer",
    .summary = "a grade of a lab or an attempt, in any form",
    .help =
        "Without --grade: the last one. The time line goes up to now, also beyond that grade.\n\n"
        "A page to read, to print and to send:\n\n"
        "    labrun report --html score.html ceph-degraded-k3f9\n\n"
        "For a reader of TAP; it says itself which version it knows:\n\n"
        "    prove --exec 'labrun report --tap' ceph-degraded-k3f9\n\n"
        "What the candidate did in terminals, by the files that the table names (Debian's package "
        "asciinema):\n\n"
        "    asciinema play /var/lib/labrun/attempts/ATTEMPT/recordings/FILE.cast\n\n"
        "Exit status: 0, whatever the score; 2 if there is no such grade. What was drawn for the "
        "lab is said even then.",
    .options =
        (const struct option_def[]){
            {"grade", 'g', "N", NULL, "the attempt's Nth grade, from 1, instead of the last"},
            OPTIONS_REPORT,
            OPTIONS_END,
        },
    .operands =
        (const struct operand_def[]){{"LAB|ATTEMPT", "attempt", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};
