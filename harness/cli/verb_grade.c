#include "cli/lookup.h"
#include "cli/reports.h"
#include "cli/verbs.h"
#include "lab/clock.h"
#include "lab/judge.h"
#include "lab/start.h"
#include "util/log.h"

/* What goes on, for the live line: how many checks are under way and done. */
struct progress {
    size_t begun;
    size_t ended;
};

static void on_progress(
    const struct check *check, bool guard, const struct check_result *result, void *data)
{
    struct progress *p = data;
    if (!result) {
        /* Most begin at once: one line is enough for that. */
        if (p->begun++ == 0)
            log_info("judging");
        return;
    }
    p->ended++;
    log_debug("%s '%s': %s", guard ? "guard" : "check", check->id, verdict_name(result->verdict));
    log_info("judging: %zu of %zu done", p->ended, p->begun);
}

/* A stop that was killed has closed the attempt and left the lab. */
static bool refuse_closed(const struct subject *s, struct lr_error *err)
{
    if (s->attempt->state == ATTEMPT_OPEN)
        return true;
    lr_error_set(err, LR_ENOTHING, "attempt '%s' is closed (%s)", s->attempt->id,
        attempt_state_name(s->attempt->state));
    return lr_error_hint(err, "`labrun stop %s` ends the lab", s->lab->name);
}

static bool judge(struct cmd *c, struct subject *s, bool after_reboot, int *ret_lock,
    struct score_report *ret, struct lr_error *err)
{
    struct progress progress = {0};
    struct judge_opts opts = {.after_reboot = after_reboot,
        .version = c->program->version,
        .progress = on_progress,
        .data = &progress};
    return lab_lock_running(c->state_dir, s->lab, ret_lock, err) && refuse_closed(s, err) &&
        clock_refuse_paused(&s->host, s->lab, s->attempt, err) &&
        judge_lab(&s->host, s->lab, s->sc, s->attempt, &opts, ret, err);
}

/* Where a drawn check was asked, and what. */
static void conceal(const struct checks *checks, struct check_results *results)
{
    for (size_t i = 0; i < checks->n && i < results->n; i++) {
        struct check_result *r = &results->items[i];
        if (!checks->items[i].tells)
            continue;
        free(r->node);
        r->node = xstrdup("");
        evidence_clear(&r->evidence);
        r->evidence.asked = xstrdup("(not shown: it would tell what was drawn for this lab)");
    }
}

/* What was drawn, and what else is different on the nodes (which would name the faults), is kept
 * with the grade for the interviewer (`labrun report`); the candidate, who may read this output, is
 * not told where to look. */
static bool emit(
    const struct cmd *c, const struct scenario *sc, struct score_report *r, struct lr_error *err)
{
    json_decref(STEAL(r->draw));
    collateral_hide(&r->collateral);
    conceal(&sc->checks, &r->checks);
    conceal(&sc->guards, &r->guards);
    return reports_emit(c, r, NULL, err);
}

static bool run_grade(struct cmd *c, struct lr_error *err)
{
    _subject_ struct subject s = {0};
    _score_report_ struct score_report r = {0};
    _close_ int lock = -1;
    if (!reports_have_files(c, err) || !lookup_lab(c, cmd_operand(c, 0), false, &s, err) ||
        !judge(c, &s, cmd_has(c, "after-reboot"), &lock, &r, err) || !emit(c, s.sc, &r, err))
        return false;
    c->status = score_exit_status(&r);
    return true;
}

const struct verb verb_grade = {
    .name = "grade",
    .group = "For the candidate",
    .summary = "probe the lab and say what it scores",
    .help = "Grading changes nothing on the nodes and may be done any number of times; every grade "
            "is kept in the attempt.\n\n"
            "With --after-reboot the power of all nodes is cut, they boot again, and the checks "
            "that ask for it are judged too. The candidate's clock stands meanwhile.\n\n"
            "Exit status: 0 passed; 1 not passed: the score is under the pass mark; 2 nothing "
            "to grade; 4 something could not be judged.",
    .options =
        (const struct option_def[]){
            {"after-reboot", 'r', NULL, NULL,
                "cut the power, boot, and judge what must survive it"},
            OPTIONS_REPORT,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run_grade,
};

static bool run_finish(struct cmd *c, struct lr_error *err)
{
    _subject_ struct subject s = {0};
    _score_report_ struct score_report r = {0};
    _lr_error_ struct lr_error told = LR_ERROR_INIT;
    /* Until the lab is gone, so that no other grade comes in between. */
    _close_ int lock = -1;
    if (!reports_have_files(c, err) || !lookup_lab(c, cmd_operand(c, 0), false, &s, err) ||
        !judge(c, &s, true, &lock, &r, err))
        return false;
    /* A report that cannot be written is no reason to keep the lab: the attempt has it all. */
    bool ok = emit(c, s.sc, &r, &told);
    c->status = score_exit_status(&r);
    /* What could not be judged can be once more, as long as the lab is there. */
    if (!r.gradable && !cmd_has(c, "force")) {
        log_warning("the lab is kept, because not everything could be judged; `labrun finish "
                    "--force` ends it all the same");
    } else {
        if (!lab_stop_locked(&s.host, s.lab, true, err))
            return false;
        log_info("the attempt is kept in %s", s.attempt->dir);
    }
    if (!ok)
        lr_error_move(err, &told);
    return ok;
}

const struct verb verb_finish = {
    .name = "finish",
    .group = "For the candidate",
    .summary = "the last grade, power cut included; then the lab is gone and the attempt closed",
    .help = "When something could not be judged, the lab stays, so that it can be tried again.\n\n"
            "The exit status is that of `labrun grade`.",
    .options =
        (const struct option_def[]){
            {"force", 'f', NULL, NULL, "end the lab even if not everything could be judged"},
            OPTIONS_REPORT,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run_finish,
};
