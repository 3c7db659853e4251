/* One branch: a lab of its own, from a clone to a verdict, gone again at the end. What it printed
 * and what was seen is kept when the branch was not proven. */
#include "graders/report/report.h"
#include "lab/clone.h"
#include "lab/collateral.h"
#include "lab/judge.h"
#include "lab/life.h"
#include "lab/power.h"
#include "lab/script.h"
#include "prove/prove.h"
#include "prove/unchanged.h"
#include "util/fs.h"
#include "util/log.h"

#define IDLE_MS ((int64_t)5 * 60 * 1000)

struct run {
    const struct host *host;
    const struct scenario *sc;
    const struct warm *warm;
    const struct branch *branch;
    const struct prove_opts *opts;
    char *folder;   /* of logs and evidence */
    char *log_path; /* of the scripts */
};

static bool from_healthy(const struct branch *b)
{
    return b->kind == BRANCH_HEALTHY || b->kind == BRANCH_FAULT;
}

static bool any_after_reboot(const struct checks *list, const struct strv *ids)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].when == WHEN_AFTER_REBOOT &&
            (!ids || strv_contains(ids, list->items[i].id)))
            return true;
    return false;
}

/* Is there a check or a guard for after a power cut, among IDS (NULL: among all)? */
static bool asks_after_reboot(const struct scenario *sc, const struct strv *ids)
{
    return any_after_reboot(&sc->checks, ids) || any_after_reboot(&sc->guards, ids);
}

/* What is declared for all of a solution, or about life after a power cut, needs one; so does a
 * cheat that could get too much by then, and a fault that nobody has noticed yet. */
static bool wants_power_cut(
    const struct scenario *sc, const struct branch *b, const struct score_report *r)
{
    if (b->kind == BRANCH_HEALTHY || b->kind == BRANCH_SOLUTION)
        return true;
    if (b->kind == BRANCH_PARTIAL)
        return r->percent >= 100;
    if (b->kind == BRANCH_BROKEN)
        return asks_after_reboot(sc, NULL);
    if (b->kind == BRANCH_FAULT)
        return !branch_noticed(r) && asks_after_reboot(sc, NULL);
    if (b->kind != BRANCH_CHEAT)
        return false;
    const struct cheat *cheat = &sc->cheats[b->index];
    double most = score_percent_at_most(r);
    return asks_after_reboot(sc, &cheat->must_fail) || most > cheat->max_percent + SCORE_EPSILON ||
        most + SCORE_EPSILON >= r->pass_mark;
}

/* What must be sound, or is declared check by check, is asked for all of it after the power cut.
 * What must fall short or be noticed is judged as a candidate's last grade is: that those checks
 * which are for now alone would fail by then is no merit of a scenario. */
static enum grade_stage stage_after_cut(const struct branch *b)
{
    bool as_finish =
        b->kind == BRANCH_CHEAT || b->kind == BRANCH_PARTIAL || b->kind == BRANCH_FAULT;
    return as_finish ? GRADE_AFTER_REBOOT : GRADE_ALL;
}

static bool run_partial(
    const struct run *r, struct nodes *nodes, const struct lab *lab, struct lr_error *err)
{
    const struct steps *steps = &r->sc->solutions[r->branch->index].steps;
    for (size_t i = 0; i < steps->n; i++) {
        if (i == r->branch->skip)
            continue;
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        bool ended;
        if (script_run(nodes, lab, r->sc, &steps->items[i], r->log_path, &ended, &own))
            continue;
        /* Of a step that was cut short nobody knows what it would have done. */
        if (!ended) {
            lr_error_move(err, &own);
            return false;
        }
        /* One that fails may well need the one that is missing. */
        log_debug("%s: %s", r->branch->name, own.message);
    }
    return true;
}

static bool run_scripts(
    const struct run *r, struct nodes *nodes, const struct lab *lab, struct lr_error *err)
{
    const struct scenario *sc = r->sc;
    size_t index = r->branch->index;
    switch (r->branch->kind) {
    case BRANCH_FAULT:
        return script_run_all(nodes, lab, sc, &sc->faults[index].steps, true, r->log_path, err);
    case BRANCH_SOLUTION:
        return script_run_all(nodes, lab, sc, &sc->solutions[index].steps, true, r->log_path, err);
    case BRANCH_CHEAT:
        return script_run_all(nodes, lab, sc, &sc->cheats[index].steps, true, r->log_path, err);
    case BRANCH_PARTIAL:
        return run_partial(r, nodes, lab, err);
    case BRANCH_IDLE: {
        bool ready;
        int64_t idle = r->opts->idle_ms ? r->opts->idle_ms : IDLE_MS;
        return wait_fd(-1, 0, deadline_in(idle), &ready, err);
    }
    case BRANCH_HEALTHY:
    case BRANCH_BROKEN:
    case BRANCH_TWICE:
        break;
    }
    return true;
}

static bool grade_now(const struct run *r, const struct grade_env *env, struct score_report *ret,
    struct lr_error *err)
{
    if (!grade_run(r->sc, GRADE_NOW, env, &ret->checks, &ret->guards, err))
        return false;
    score_compute(ret);
    return true;
}

static void compare(
    const struct check_results *first, const struct check_results *again, struct strbuf *why)
{
    for (size_t i = 0; i < again->n; i++) {
        enum verdict a = first->items[i].verdict, b = again->items[i].verdict;
        if (a != b)
            strbuf_addf(why, "%s'%s' was %s, and %s when graded again", why->len ? "\n" : "",
                again->items[i].id, verdict_name(a), verdict_name(b));
    }
}

static bool same_again(const struct run *r, const struct grade_env *env, struct branch_result *res,
    struct lr_error *err)
{
    _score_report_ struct score_report again = {.pass_mark = r->sc->pass_mark};
    if (!grade_now(r, env, &again, err))
        return false;
    _strbuf_ struct strbuf why = STRBUF_INIT;
    compare(&res->report.checks, &again.checks, &why);
    compare(&res->report.guards, &again.guards, &why);
    if (why.len)
        res->why = strbuf_steal(&why);
    return true;
}

/* Between two looks at the nodes: the second grading, and the first. */
static bool grade_twice(const struct run *r, const struct grade_env *env, struct branch_result *res,
    struct lr_error *err)
{
    _lab_facts_ struct lab_facts before = {0};
    _strv_ struct strv lines = STRV_INIT;
    if (!unchanged_begin(r->sc, env, &before, err) || !grade_now(r, env, &res->report, err) ||
        !same_again(r, env, res, err) || !unchanged_end(r->sc, env, &before, &lines, err))
        return false;
    _strbuf_ struct strbuf why = STRBUF_INIT;
    for (size_t i = 0; i < lines.n && i < 20; i++)
        strbuf_addf(&why, "%sgrading changed something on node %s", i ? "\n" : "", lines.items[i]);
    if (lines.n == 0)
        return true;
    _free_ char *verdicts = res->why;
    res->why = xasprintf("%s%s%s", verdicts ? verdicts : "", verdicts ? "\n" : "", why.data);
    return true;
}

static bool grade_branch(const struct run *r, struct lab *lab, struct nodes *nodes,
    struct branch_result *res, struct lr_error *err)
{
    struct grade_env env;
    judge_env(&(struct judge_reach){.nodes = nodes}, &env);
    _collateral_base_ struct collateral_base base;
    collateral_load(r->host->state_dir, r->sc, r->warm->keys.broken, &base);
    env.base = &base;
    res->graded = true;
    if (r->branch->kind == BRANCH_TWICE ? !grade_twice(r, &env, res, err)
                                        : !grade_now(r, &env, &res->report, err))
        return false;
    if (wants_power_cut(r->sc, r->branch, &res->report) &&
        (!power_write_back(nodes, err) ||
            !judge_power_cut(
                r->host, lab, r->sc, nodes, &env, stage_after_cut(r->branch), &res->report, err)))
        return false;
    score_compute(&res->report);
    return true;
}

static void describe(const struct run *r, const struct lab *lab, struct score_report *report)
{
    judge_describe(lab, r->sc, r->opts->version ? r->opts->version : "", report);
    report->attempt = xasprintf("proof of %s", r->branch->name);
    report->started_ms = lab->created_wall_ms;
}

static bool go(
    const struct run *r, struct lab *lab, struct branch_result *res, struct lr_error *err)
{
    const struct checks *ready =
        from_healthy(r->branch) ? &r->sc->ready.healthy : &r->sc->ready.broken;
    enum stage_kind kind = from_healthy(r->branch) ? STAGE_OF_HEALTHY : STAGE_OF_BROKEN;
    describe(r, lab, &res->report);
    _nodes_ struct nodes *nodes = NULL;
    return clone_up(r->host, lab, r->sc, r->warm, kind, ready, &nodes, err) &&
        run_scripts(r, nodes, lab, err) && grade_branch(r, lab, nodes, res, err);
}

static void keep_evidence(const struct run *r, struct branch_result *res)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (res->verdict == BRANCH_PROVEN) {
        if (!tree_remove(r->folder, &err))
            log_warning("%s", err.message);
        return;
    }
    if (res->graded) {
        _json_ json_t *j = score_to_json(&res->report);
        _free_ char *text = json_dumps(j, JSON_INDENT(2));
        _free_ char *path = path_join(r->folder, "score.json");
        if (!file_write_atomic(path, text, strlen(text), 0600, &err))
            log_warning("%s", err.message);
    }
    res->kept_in = xstrdup(r->folder);
}

static bool run_locked(
    const struct run *r, const char *name, struct branch_result *res, struct lr_error *err)
{
    const char *stage = from_healthy(r->branch) ? r->warm->keys.healthy : r->warm->keys.broken;
    _close_ int lock = -1;
    _lab_ struct lab *lab = NULL;
    if (!dir_make(r->folder, 0700, err) || !lab_lock(r->host->state_dir, name, &lock, err) ||
        !lab_make(r->host, r->sc, name, LAB_BUILDING, stage, &lab, err))
        return false;
    bool ok =
        scenario_unchanged(r->sc, err) && go(r, lab, res, err) && scenario_unchanged(r->sc, err);
    life_undo(r->host, lab);
    return ok;
}

void branch_run(const struct host *h, const struct scenario *sc, const struct warm *w,
    const struct branch *b, const struct prove_opts *opts, struct branch_result *ret)
{
    int64_t begin = now_ms();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *prefix = xasprintf("prove-%.20s", sc->name);
    _free_ char *name = lab_new_name(h->state_dir, prefix);
    _free_ char *folder = xasprintf("%s/proofs/%s", h->state_dir, name);
    _free_ char *log_path = path_join(folder, "scripts.log");
    struct run r = {h, sc, w, b, opts, folder, log_path};
    *ret = (struct branch_result){.verdict = BRANCH_NOT_RUN};
    if (!run_locked(&r, name, ret, &err)) {
        free(ret->why);
        ret->why = xasprintf("%s%s%s", err.message, err.hint ? "; " : "", err.hint ? err.hint : "");
    } else {
        char *why = NULL;
        branch_judge(sc, b, &ret->report, &why);
        if (why)
            free(STEAL(ret->why));
        if (why)
            ret->why = why;
        ret->verdict = ret->why ? BRANCH_REFUTED : BRANCH_PROVEN;
    }
    ret->duration_ms = now_ms() - begin;
    keep_evidence(&r, ret);
}
