#include "lab/collateral.h"
#include "graders/collateral/ask.h"
#include "lab/judge.h"
#include "stage/stage.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"

#define FACTS_CAP ((size_t)64 << 20)

const struct collateral_time collateral_at_grading = {5 * 1000, 30 * 1000};
const struct collateral_time collateral_of_stage = {60 * 1000, 120 * 1000};

const char **collateral_names(const struct scenario *sc)
{
    const char **names = xcalloc(sc->n_nodes, sizeof *names);
    for (size_t i = 0; i < sc->n_nodes; i++)
        names[i] = sc->nodes[i].name;
    return names;
}

struct collecting {
    const struct grade_env *env;
    const struct collateral_time *time;
    const struct lab_facts *since;
    struct lab_facts *facts;
};

static bool run_in_env(size_t node, const struct run_request *req, struct run_result *ret,
    void *data, struct lr_error *err)
{
    const struct collecting *c = data;
    return grade_env_run(c->env, node, req, ret, err);
}

static bool collect_node(size_t i, void *data, struct lr_error *err)
{
    (void)err;
    struct collecting *c = data;
    struct facts_question q = {.kinds = ALL_FACTS,
        .settle_ms = c->time->settle_ms,
        .changed_since = c->since ? c->since->nodes[i].clock : 0,
        .until = deadline_in(c->time->limit_ms * grade_env_patience(c->env))};
    facts_ask(i, &q, run_in_env, c, &c->facts->nodes[i]);
    return true;
}

static void collect_begin(const struct scenario *sc, struct lab_facts *ret)
{
    *ret = (struct lab_facts){xcalloc(sc->n_nodes, sizeof *ret->nodes), sc->n_nodes};
}

void collateral_collect(const struct scenario *sc, const struct grade_env *env,
    const struct collateral_time *time, const struct lab_facts *since, struct lab_facts *ret)
{
    collect_begin(sc, ret);
    struct collecting c = {env, time, since, ret};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!parallel_run(sc->n_nodes, collect_node, &c, &err))
        log_debug("%s", err.message); /* no piece fails */
}

static char *gap_of(const char *node, const char *what, const struct facts *f)
{
    if (!f->untold || streq(f->untold, FACTS_NO_PROGRAM))
        return NULL;
    return xasprintf("node '%s', %s: %s", node, what, f->untold);
}

char *collateral_gap(const struct scenario *sc, const struct lab_facts *l, bool files)
{
    for (size_t i = 0; i < l->n; i++) {
        for (int k = 0; k < N_FACT_KINDS; k++) {
            char *gap = gap_of(sc->nodes[i].name, fact_names[k], &l->nodes[i].kinds[k]);
            if (gap)
                return gap;
        }
        char *gap = files ? gap_of(sc->nodes[i].name, "files", &l->nodes[i].files) : NULL;
        if (gap)
            return gap;
    }
    return NULL;
}

static bool write_record(const struct scenario *sc, const struct lab_facts *facts, const char *path,
    struct lr_error *err)
{
    _free_ const char **names = collateral_names(sc);
    _json_ json_t *j = lab_facts_to_json(facts, names);
    _free_ char *text = json_dumps(j, JSON_COMPACT);
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

bool collateral_record(struct nodes *nodes, const struct scenario *sc, const char *dir,
    const char *file, bool keep_part, struct lr_error *err)
{
    _free_ char *path = path_join(dir, file);
    if (path_exists(path))
        return true;
    struct judge_reach reach = {.nodes = nodes};
    struct grade_env env;
    judge_env(&reach, &env);
    log_info("noting what %zu nodes are like", sc->n_nodes);
    _lab_facts_ struct lab_facts facts = {0};
    collateral_collect(sc, &env, &collateral_of_stage, NULL, &facts);
    if (!cancel_check(err))
        return false;
    _free_ char *gap = collateral_gap(sc, &facts, false);
    if (gap)
        log_debug("what the nodes are like is not known in full: %s", gap);
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if ((!gap || keep_part) && !write_record(sc, &facts, path, &own))
        log_warning("what the nodes are like is not recorded: %s", own.message);
    return true;
}

static void load(const char *state_dir, const struct scenario *sc, const char *key,
    const char *file, struct lab_facts *ret)
{
    _free_ char *dir = stage_dir(state_dir, key);
    _free_ char *path = path_join(dir, file);
    _free_ char *text = NULL;
    _free_ const char **names = collateral_names(sc);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!path_exists(path))
        return;
    if (!file_read(path, FACTS_CAP, &text, NULL, &err)) {
        log_warning("%s", err.message);
        return;
    }
    _json_ json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!lab_facts_from_json(j, names, sc->n_nodes, ret, &err))
        log_warning("'%s': %s", path, err.message);
}

void collateral_load(const char *state_dir, const struct scenario *sc, const char *broken,
    struct collateral_base *ret)
{
    *ret = (struct collateral_base){0};
    _json_ json_t *info = NULL;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!broken || !stage_info(state_dir, broken, &info, &err)) {
        log_debug("the lab's stage has no record: %s", err.message ? err.message : "no stage");
        return;
    }
    const char *healthy = json_string_value(json_object_get(info, "parent"));
    if (healthy)
        load(state_dir, sc, healthy, FACTS_FILE, &ret->healthy);
    load(state_dir, sc, broken, FACTS_FILE, &ret->broken[0]);
    load(state_dir, sc, broken, FACTS_BUILT_FILE, &ret->broken[1]);
}

/* Piece 0 is the grading, the others are the nodes. */
struct both {
    const struct scenario *sc;
    enum grade_stage stage;
    struct score_report *report;
    struct collecting collecting;
};

static bool grade_or_collect(size_t i, void *data, struct lr_error *err)
{
    struct both *b = data;
    if (i > 0)
        return collect_node(i - 1, &b->collecting, err);
    return grade_run(
        b->sc, b->stage, b->collecting.env, &b->report->checks, &b->report->guards, err);
}

bool collateral_grade(const struct scenario *sc, enum grade_stage stage,
    const struct grade_env *env, struct score_report *r, struct lr_error *err)
{
    _lab_facts_ struct lab_facts now = {0};
    collect_begin(sc, &now);
    struct both both = {sc, stage, r, {env, &collateral_at_grading, NULL, &now}};
    if (!parallel_run(sc->n_nodes + 1, grade_or_collect, &both, err))
        return false;
    _free_ const char **names = collateral_names(sc);
    collateral_compare_all(names, env->base, &now, &r->collateral);
    return true;
}
