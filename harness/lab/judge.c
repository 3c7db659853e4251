#include "lab/judge.h"
#include "graders/report/report.h"
#include "lab/collateral.h"
#include "lab/history.h"
#include "lab/keys.h"
#include "lab/power.h"
#include "util/fs.h"
#include "util/log.h"

static bool get_client(
    size_t node, struct deadline deadline, struct client **ret, void *data, struct lr_error *err)
{
    struct judge_reach *reach = data;
    return nodes_get(reach->nodes, node, deadline, ret, err);
}

static void put_client(size_t node, struct client *c, void *data)
{
    /* Kept by nodes.c until the end of the command. */
    (void)node;
    (void)c;
    (void)data;
}

static void on_progress(
    const struct check *check, bool guard, const struct check_result *result, void *data)
{
    const struct judge_opts *opts = ((struct judge_reach *)data)->opts;
    if (opts && opts->progress)
        opts->progress(check, guard, result, opts->data);
}

void judge_env(struct judge_reach *reach, struct grade_env *ret)
{
    *ret = (struct grade_env){.get_client = get_client,
        .put_client = put_client,
        .progress = on_progress,
        .data = reach,
        .patience = nodes_patience(reach->nodes)};
}

void judge_topology(const struct plan *p, struct topology *ret)
{
    for (size_t i = 0; i < p->n_segments; i++)
        *array_append(ret->segments, ret->n_segments) =
            (struct topology_segment){xstrdup(p->segments[i].network), p->segments[i].mtu};
    for (size_t i = 0; i < p->n_nodes; i++) {
        struct topology_node *n = array_append(ret->nodes, ret->n_nodes);
        n->name = xstrdup(p->nodes[i].name);
        n->witness = p->nodes[i].witness;
        for (size_t k = 0; k < p->nodes[i].n_nics; k++) {
            struct topology_nic *nic = array_append(n->nics, n->n_nics);
            nic->segment = p->nodes[i].nics[k].segment;
            for (size_t a = 0; a < p->nodes[i].nics[k].addresses.n; a++)
                strv_add(&nic->addresses, p->nodes[i].nics[k].addresses.items[a]);
        }
    }
}

void judge_describe(
    const struct lab *lab, const struct scenario *sc, const char *version, struct score_report *r)
{
    r->lab = xstrdup(lab->name);
    r->scenario = xstrdup(sc->name);
    r->title = xstrdup(sc->title);
    r->digest = xstrdup(sc->digest);
    r->draw = scenario_draw_json(sc);
    r->version = xstrdup(version);
    r->driver = xstrdup(lab->driver);
    r->graded_ms = wall_ms();
    r->time_limit_ms = sc->time_limit_ms;
    r->pass_mark = sc->pass_mark;
    judge_topology(lab->plan, &r->topology);
}

static void describe_attempt(const struct attempt *a, struct score_report *r)
{
    r->attempt = xstrdup(a->id);
    r->candidate = xstrdup(a->candidate);
    r->started_ms = a->started_wall_ms;
}

bool judge_power_cut(const struct host *h, struct lab *lab, const struct scenario *sc,
    struct nodes *nodes, const struct grade_env *env, enum grade_stage stage,
    struct score_report *r, struct lr_error *err)
{
    struct check_results checks = {0}, guards = {0};
    bool ok = power_cycle(h, lab, nodes, err) && grade_run(sc, stage, env, &checks, &guards, err);
    if (ok) {
        check_results_merge(&r->checks, &checks);
        check_results_merge(&r->guards, &guards);
    }
    check_results_free(&checks);
    check_results_free(&guards);
    return ok;
}

/* The candidate's clock stands while the harness has the nodes. */
static bool judge_held(const struct host *h, struct lab *lab, const struct scenario *sc,
    struct attempt *a, struct nodes *nodes, const struct grade_env *env, struct score_report *r,
    struct lr_error *err)
{
    if (!power_write_back(nodes, err) || !attempt_event(a, "hold", NULL, err))
        return false;
    bool ok = judge_power_cut(h, lab, sc, nodes, env, GRADE_AFTER_REBOOT, r, err);
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if (attempt_event(a, "resume", NULL, &own))
        return ok;
    if (ok)
        lr_error_move(err, &own);
    return false;
}

static bool keep(struct attempt *a, struct score_report *r, struct lr_error *err)
{
    if (!attempt_used_ms(a, &r->used_ms, err))
        return false;
    score_compute(r);
    _json_ json_t *j = score_to_json(r);
    return attempt_save_grade(a, j, NULL, err);
}

bool judge_lab(const struct host *h, struct lab *lab, const struct scenario *sc, struct attempt *a,
    const struct judge_opts *opts, struct score_report *ret, struct lr_error *err)
{
    _free_ char *keys = path_join(lab->dir, "keys");
    _nodes_ struct nodes *nodes = nodes_new(h, lab, keys);
    struct judge_reach reach = {nodes, opts};
    struct grade_env env;
    judge_env(&reach, &env);
    if (!power_up(h, lab, a, nodes, &env.booted, err))
        return false;
    _collateral_base_ struct collateral_base base;
    collateral_load(h->state_dir, sc, lab->stage, &base);
    env.base = &base;
    _score_report_ struct score_report r = {0};
    judge_describe(lab, sc, opts->version, &r);
    describe_attempt(a, &r);
    if (!collateral_grade(sc, GRADE_NOW, &env, &r, err))
        return false;
    if (!history_fill(a, &r, err) || !keep(a, &r, err))
        return false;
    /* What was true before the power cut can be told only once: it is kept by now. */
    if (opts->after_reboot &&
        (!judge_held(h, lab, sc, a, nodes, &env, &r, err) || !keep(a, &r, err)))
        return false;
    if (!history_refresh(a, &r, err)) /* the grade itself is an event now */
        return false;
    *ret = r;
    r = (struct score_report){0};
    return true;
}
