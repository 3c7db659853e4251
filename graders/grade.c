/* One thread a check; all share a struct grading. A check's thread: wait for a free slot on its
 * node, try the probe, wait for the next try on an event (`done_fd`, ctrl-C) with a deadline.
 *
 * Who owns what: each thread its own check_result; the lock guards the slots, the count of checks
 * still at work and the progress callback. `done_fd` becomes readable when the last check that ends
 * by itself has ended, and so ends the checks "throughout". */
#include "graders/grade_internal.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <errno.h>
#include <sys/eventfd.h>

#define DEFAULT_SLOTS   8
#define LONG_GRADING_MS 5000
/* A system that has just booted is still coming up: addresses are tentative, daemons connect. */
#define BOOT_GRACE_MS 15000

int grade_env_patience(const struct grade_env *env)
{
    return env->patience > 1 ? env->patience : 1;
}

bool grade_env_run(const struct grade_env *env, size_t node, const struct run_request *req,
    struct run_result *ret, struct lr_error *err)
{
    if (env->run)
        return env->run(node, req, ret, env->data, err);
    for (int try = 0;; try++) {
        struct client *c = NULL;
        if (!env->get_client(node, req->deadline, &c, env->data, err))
            return false;
        bool ok = client_run(c, req, ret, err);
        env->put_client(node, c, env->data);
        /* A session that had died before the command began: nothing has run, so once more. */
        if (ok || try > 0 || err->code == LR_EINTERRUPTED || deadline_passed(req->deadline))
            return ok;
        lr_error_clear(err);
    }
}

static bool run_on_node(struct probe_ctx *ctx, size_t node, const struct run_request *req,
    struct run_result *ret, struct lr_error *err)
{
    struct grading *g = ctx->data;
    return grade_env_run(g->env, node, req, ret, err);
}

static bool read_script(struct probe_ctx *ctx, const char *script, char **ret_text, size_t *ret_len,
    struct lr_error *err)
{
    _free_ char *path = scenario_path(ctx->scenario, script);
    return file_read(path, SCENARIO_MAX_SCRIPT, ret_text, ret_len, err);
}

static void take_slot(struct grading *g, size_t node)
{
    pthread_mutex_lock(&g->lock);
    while (g->busy[node] >= (g->env->slots ? g->env->slots : DEFAULT_SLOTS))
        pthread_cond_wait(&g->slot_free, &g->lock);
    g->busy[node]++;
    pthread_mutex_unlock(&g->lock);
}

static void give_slot(struct grading *g, size_t node)
{
    pthread_mutex_lock(&g->lock);
    g->busy[node]--;
    pthread_cond_broadcast(&g->slot_free);
    pthread_mutex_unlock(&g->lock);
}

enum verdict grade_try(struct grading *g, const struct check *c, struct check_result *r)
{
    take_slot(g, c->node);
    struct probe_ctx ctx = {
        .scenario = g->scenario,
        .node = c->node,
        .deadline = deadline_in((c->timeout_ms > 0 ? c->timeout_ms : 30000) * g->patience),
        .run = run_on_node,
        .read_script = read_script,
        .patience = g->patience,
        .base = g->env->base,
        .data = g,
    };
    struct outcome o = {.verdict = VERDICT_ERROR};
    c->probe.kind->run(c->probe.params, &ctx, &o);
    give_slot(g, c->node);
    if (!o.evidence.seen)
        outcome_set(&o, VERDICT_ERROR, "the probe gave no answer");
    evidence_clear(&r->evidence);
    r->evidence = o.evidence;
    r->attempts++;
    r->verdict = o.verdict;
    return o.verdict;
}

void grade_progress(
    struct grading *g, const struct grade_job *job, const struct check_result *result)
{
    if (!g->env->progress)
        return;
    pthread_mutex_lock(&g->lock);
    g->env->progress(job->check, job->guard, result, g->env->data);
    pthread_mutex_unlock(&g->lock);
}

void grade_still_waiting(struct grading *g, const struct grade_job *job)
{
    if (!g->env->waiting)
        return;
    pthread_mutex_lock(&g->lock);
    g->env->waiting(job->check, job->result, g->env->data);
    pthread_mutex_unlock(&g->lock);
}

/* One more of the checks that end by themselves has ended; the last one ends the others. */
static void one_done(struct grading *g)
{
    pthread_mutex_lock(&g->lock);
    bool last = --g->working == 0;
    pthread_mutex_unlock(&g->lock);
    if (last)
        eventfd_write(g->done_fd, 1);
}

static bool run_job(size_t i, void *data, struct lr_error *err)
{
    struct grading *g = data;
    struct grade_job *job = &g->jobs[i];
    if (!job->due)
        return true;
    grade_progress(g, job, NULL);
    int64_t start = now_ms();
    bool ok = job->sampled ? grade_throughout(g, job, err) : grade_until(g, job, err);
    job->result->duration_ms += now_ms() - start;
    if (!job->sampled)
        one_done(g);
    if (ok)
        grade_progress(g, job, job->result);
    return ok;
}

/* Guards once more, when so much time has gone by that something may have been broken since. */
static bool run_guard_again(size_t i, void *data, struct lr_error *err)
{
    struct grading *g = data;
    struct grade_job *job = &g->jobs[i];
    if (!job->guard || !job->due || job->sampled || job->result->verdict == VERDICT_FAIL)
        return true;
    int64_t start = now_ms();
    bool ok = grade_until(g, job, err);
    job->result->duration_ms += now_ms() - start;
    return ok;
}

/* Where no thread can be had, the caller does what is left, one after the other: what goes on until
 * all others have ended must come after them. */
static void put_sampled_last(struct grading *g)
{
    struct grade_job *sorted = xcalloc(g->n_jobs, sizeof *sorted);
    size_t n = 0;
    for (int sampled = 0; sampled < 2; sampled++)
        for (size_t i = 0; i < g->n_jobs; i++)
            if (g->jobs[i].sampled == (sampled == 1))
                sorted[n++] = g->jobs[i];
    free(g->jobs);
    g->jobs = sorted;
}

static bool run_all(struct grading *g, struct lr_error *err)
{
    size_t slots[SCENARIO_MAX_NODES] = {0};
    g->busy = slots;
    g->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (g->done_fd < 0)
        return lr_error_errno(err, errno, "eventfd");
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->slot_free, NULL);
    put_sampled_last(g);
    for (size_t i = 0; i < g->n_jobs; i++)
        g->working += g->jobs[i].due && !g->jobs[i].sampled;
    if (g->working == 0)
        eventfd_write(g->done_fd, 1);
    int64_t start = now_ms();
    bool ok = g->n_jobs == 0 || parallel_run(g->n_jobs, run_job, g, err);
    if (ok && g->again && now_ms() - start > LONG_GRADING_MS)
        ok = parallel_run(g->n_jobs, run_guard_again, g, err);
    pthread_cond_destroy(&g->slot_free);
    pthread_mutex_destroy(&g->lock);
    close(g->done_fd);
    return ok;
}

static enum result_stage stage_of(enum check_when when)
{
    return when == WHEN_AFTER_REBOOT ? STAGE_AFTER_REBOOT
        : when == WHEN_THROUGHOUT    ? STAGE_THROUGHOUT
                                     : STAGE_NOW;
}

/* Results for a list of checks, all skipped so far. */
static void make_results(
    const struct scenario *sc, const struct checks *checks, struct check_results *ret)
{
    ret->items = xcalloc(checks->n, sizeof *ret->items);
    ret->n = checks->n;
    for (size_t i = 0; i < checks->n; i++) {
        const struct check *c = &checks->items[i];
        ret->items[i] = (struct check_result){
            .id = xstrdup(c->id),
            .title = xstrdup(c->title),
            .skill = xstrdup(c->skill),
            .node = xstrdup(sc->nodes[c->node].name),
            .points = c->points,
            .caps = c->caps,
            .stage = stage_of(c->when),
            .verdict = VERDICT_SKIPPED,
            .now = VERDICT_SKIPPED,
            .after = VERDICT_SKIPPED,
        };
    }
}

void grade_skipped(
    const struct scenario *sc, struct check_results *ret_checks, struct check_results *ret_guards)
{
    make_results(sc, &sc->checks, ret_checks);
    make_results(sc, &sc->guards, ret_guards);
}

static bool is_due(const struct check *c, bool guard, enum grade_stage stage)
{
    if (c->when == WHEN_THROUGHOUT || stage == GRADE_ALL)
        return true;
    if (c->when == WHEN_AFTER_REBOOT)
        return stage == GRADE_AFTER_REBOOT;
    return stage == GRADE_NOW || guard; /* a guard holds at all times */
}

/* Of what is meant for a power cut; at least AT_LEAST. */
static int64_t longest_within(const struct checks *checks, int64_t at_least)
{
    int64_t longest = at_least;
    for (size_t i = 0; i < checks->n; i++) {
        const struct check *c = &checks->items[i];
        if (c->when == WHEN_AFTER_REBOOT && c->within_ms > longest)
            longest = c->within_ms;
    }
    return longest;
}

/* The least `within` where nodes have just booted. How long things may take by then is what the
 * checks say that are meant for it; guards, and what is judged for now, say nothing of a boot. */
static int64_t boot_grace(const struct grading *g, const struct check *c, enum grade_stage stage)
{
    if (!g->again || (stage == GRADE_NOW && !g->env->booted))
        return 0;
    int64_t grace = BOOT_GRACE_MS;
    if (c->when != WHEN_AFTER_REBOOT)
        grace = longest_within(&g->scenario->guards, longest_within(&g->scenario->checks, grace));
    return grace * g->patience;
}

static void add_jobs(struct grading *g, const struct checks *checks, struct check_results *results,
    bool guard, enum grade_stage stage)
{
    for (size_t i = 0; i < checks->n; i++) {
        struct grade_job *job = array_append(g->jobs, g->n_jobs);
        job->check = &checks->items[i];
        job->result = &results->items[i];
        job->guard = guard;
        job->due = is_due(job->check, guard, stage);
        job->sampled = job->check->when == WHEN_THROUGHOUT && g->again;
        int64_t grace = boot_grace(g, job->check, stage);
        job->within_ms = job->check->within_ms * g->patience;
        job->within_ms = job->within_ms > grace ? job->within_ms : grace;
    }
}

/* Notes at which stage the verdicts were reached. */
static void note_stage(struct check_results *r, enum grade_stage stage)
{
    for (size_t i = 0; i < r->n; i++) {
        struct check_result *c = &r->items[i];
        *(stage == GRADE_NOW ? &c->now : &c->after) = c->verdict;
    }
}

static struct grading grading_of(const struct scenario *sc, const struct grade_env *env, bool again)
{
    return (struct grading){
        .scenario = sc, .env = env, .patience = grade_env_patience(env), .again = again};
}

bool grade_run(const struct scenario *sc, enum grade_stage stage, const struct grade_env *env,
    struct check_results *ret_checks, struct check_results *ret_guards, struct lr_error *err)
{
    struct check_results checks, guards;
    grade_skipped(sc, &checks, &guards);
    struct grading g = grading_of(sc, env, true);
    add_jobs(&g, &sc->guards, &guards, true, stage);
    add_jobs(&g, &sc->checks, &checks, false, stage);
    bool ok = run_all(&g, err);
    free(g.jobs);
    if (ok) {
        note_stage(&checks, stage);
        note_stage(&guards, stage);
        *ret_checks = checks;
        *ret_guards = guards;
        return true;
    }
    check_results_free(&checks);
    check_results_free(&guards);
    return false;
}

bool grade_checks(const struct scenario *sc, const struct checks *checks,
    const struct grade_env *env, struct check_results *ret, struct lr_error *err)
{
    struct check_results results;
    make_results(sc, checks, &results);
    struct grading g = grading_of(sc, env, false);
    add_jobs(&g, checks, &results, false, GRADE_ALL);
    bool ok = run_all(&g, err);
    free(g.jobs);
    if (ok)
        *ret = results;
    else
        check_results_free(&results);
    return ok;
}
