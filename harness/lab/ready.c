#include "lab/ready.h"
#include "lab/judge.h"
#include "util/log.h"

static bool explain(const struct check_result *r, struct lr_error *err)
{
    lr_error_set(err, LR_EINFRA, "'%s' on node '%s' did not come true: expected %s; saw %s",
        r->title, r->node, r->evidence.expected ? r->evidence.expected : "success",
        r->evidence.seen ? r->evidence.seen : "nothing");
    return lr_error_hint(err, "the scenario's `ready` says what must hold here");
}

/* What it saw may be what the candidate is to find out, and they may be who waits for the lab. */
static void tell(const struct check *check, const struct check_result *r, void *data)
{
    (void)data;
    _free_ char *seen = xstrdup(r->evidence.seen ? r->evidence.seen : "nothing");
    for (char *line = seen; (line = strchr(line, '\n'));)
        *line = ' ';
    log_info("not yet: '%s' on %s", check->title, r->node);
    log_debug("'%s' on %s saw %s", check->title, r->node, seen);
}

/* Judges CHECKS; the results belong to the caller. */
static bool judge(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct checks *checks, struct timings *t, struct check_results *ret, struct lr_error *err)
{
    log_info("waiting for lab '%s' to be as it should", lab->name);
    struct grade_env env;
    judge_env(&(struct judge_reach){.nodes = n}, &env);
    env.waiting = tell;
    if (!grade_checks(sc, checks, &env, ret, err))
        return false;
    for (size_t i = 0; i < ret->n; i++)
        timings_part_of(t, ret->items[i].title, ret->items[i].node, ret->items[i].duration_ms);
    return true;
}

bool ready_wait(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct checks *checks, struct timings *t, struct lr_error *err)
{
    struct check_results results = {0};
    if (checks->n == 0)
        return true;
    bool ok = judge(n, lab, sc, checks, t, &results, err);
    for (size_t i = 0; ok && i < results.n; i++)
        if (results.items[i].verdict != VERDICT_PASS)
            ok = explain(&results.items[i], err);
    check_results_free(&results);
    return ok;
}

bool ready_look(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct checks *checks, size_t node, struct timings *t, struct lr_error *err)
{
    struct checks here = {0}; /* its checks are borrowed from CHECKS */
    for (size_t i = 0; i < checks->n; i++)
        if (checks->items[i].node == node)
            *array_append(here.items, here.n) = checks->items[i];
    struct check_results results = {0};
    bool ok = here.n == 0 || judge(n, lab, sc, &here, t, &results, err);
    for (size_t i = 0; ok && i < results.n; i++) {
        _lr_error_ struct lr_error why = LR_ERROR_INIT;
        if (results.items[i].verdict != VERDICT_PASS && !explain(&results.items[i], &why))
            log_warning("%s; what was done on other nodes may be why", why.message);
    }
    free(here.items);
    check_results_free(&results);
    return ok;
}
