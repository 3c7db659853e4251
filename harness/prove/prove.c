#include "prove/prove.h"
#include "lab/life.h"
#include "util/log.h"
#include "util/parallel.h"
#include <pthread.h>

/* What the workers share: the next branch to take, under a lock. */
struct pool {
    pthread_mutex_t lock;
    size_t next;
    const struct host *host;
    const struct scenario *sc;
    const struct warm *warm;
    const struct prove_opts *opts;
    struct proof *proof;
};

static void tell(struct pool *p, size_t i, const struct branch_result *result)
{
    if (p->opts->progress)
        p->opts->progress(&p->proof->branches.items[i], result, p->opts->data);
}

/* The index of a branch to run, told as begun; false when there is none or the user interrupted. */
static bool take(struct pool *p, size_t *ret)
{
    pthread_mutex_lock(&p->lock);
    bool some = p->next < p->proof->branches.n && !cancel_requested();
    if (some) {
        *ret = p->next++;
        tell(p, *ret, NULL);
    }
    pthread_mutex_unlock(&p->lock);
    return some;
}

static void put(struct pool *p, size_t i)
{
    pthread_mutex_lock(&p->lock);
    const struct branch_result *r = &p->proof->results[i];
    p->proof->n_refuted += r->verdict == BRANCH_REFUTED;
    p->proof->n_not_run += r->verdict == BRANCH_NOT_RUN;
    tell(p, i, r);
    pthread_mutex_unlock(&p->lock);
}

/* A worker has a driver of its own: one is used by one thread at a time. */
static bool worker(size_t index, void *data, struct lr_error *err)
{
    (void)index;
    struct pool *p = data;
    _host_ struct host h = {0};
    if (!host_open_as(p->host->state_dir, p->host->ops->name, &h, err))
        return false;
    for (size_t i; take(p, &i);) {
        branch_run(
            &h, p->sc, p->warm, &p->proof->branches.items[i], p->opts, &p->proof->results[i]);
        put(p, i);
    }
    return cancel_check(err);
}

static bool is_named(const struct branch *b, const char *name)
{
    size_t len = strlen(name);
    return has_prefix(b->name, name) && (b->name[len] == '\0' || b->name[len] == '/');
}

static bool wanted(const struct branch *b, const struct prove_opts *opts)
{
    for (size_t i = 0; i < opts->n_only; i++)
        if (is_named(b, opts->only[i]))
            return true;
    return opts->n_only == 0;
}

/* The first name that was asked for and no branch has; NULL: there is none. */
static const char *unknown_name(const struct branches *b, const struct prove_opts *opts)
{
    for (size_t i = 0; i < opts->n_only; i++) {
        bool known = false;
        for (size_t k = 0; k < b->n; k++)
            known = known || is_named(&b->items[k], opts->only[i]);
        if (!known)
            return opts->only[i];
    }
    return NULL;
}

static bool choose(struct branches *b, const struct prove_opts *opts, struct lr_error *err)
{
    size_t kept = 0;
    const char *unknown = unknown_name(b, opts);
    if (unknown) {
        _strbuf_ struct strbuf names = STRBUF_INIT;
        for (size_t i = 0; i < b->n; i++)
            strbuf_addf(&names, "%s%s", i ? ", " : "", b->items[i].name);
        lr_error_set(err, LR_EUSAGE, "no branch is called '%s'", unknown);
        return lr_error_hint(err, "branches are: %s", names.data);
    }
    for (size_t i = 0; i < b->n; i++) {
        if (wanted(&b->items[i], opts))
            b->items[kept++] = b->items[i];
        else
            free(b->items[i].name);
    }
    b->n = kept;
    return true;
}

static bool plan(const struct scenario *sc, const struct prove_opts *opts, struct branches *ret,
    struct lr_error *err)
{
    if (sc->n_solutions == 0)
        return lr_error_set(err, LR_ESCENARIO,
            "scenario '%s' has no solution, and without one nothing is proven", sc->name);
    prove_plan(sc, ret);
    return choose(ret, opts, err);
}

bool prove_check(const struct scenario *sc, const struct prove_opts *opts, struct lr_error *err)
{
    _proof_ struct proof proof = {0};
    return plan(sc, opts, &proof.branches, err);
}

bool prove_run(const struct host *h, const struct scenario *sc, const struct prove_opts *opts,
    struct proof *ret, struct lr_error *err)
{
    _proof_ struct proof proof = {.scenario = xstrdup(sc->name),
        .driver = xstrdup(h->ops->name),
        .draw = scenario_draw_json(sc),
        .began_wall_ms = wall_ms()};
    _warm_ struct warm w = {0};
    if (!plan(sc, opts, &proof.branches, err) || !life_sweep(h->state_dir, false, NULL, err) ||
        !build_warm(h, sc, STAGE_OF_BROKEN, NULL, 0, &w, err))
        return false;
    proof.results = xcalloc(proof.branches.n, sizeof *proof.results);
    struct pool pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
        .host = h,
        .sc = sc,
        .warm = &w,
        .opts = opts,
        .proof = &proof};
    size_t jobs = opts->jobs ? opts->jobs : 1;
    bool ok = parallel_run(jobs < proof.branches.n ? jobs : proof.branches.n, worker, &pool, err);
    pthread_mutex_destroy(&pool.lock);
    if (!ok)
        return false;
    *ret = proof;
    proof = (struct proof){0};
    return true;
}

void proof_free(struct proof *p)
{
    for (size_t i = 0; p->results && i < p->branches.n; i++) {
        free(p->results[i].why);
        free(p->results[i].kept_in);
        score_report_free(&p->results[i].report);
    }
    free(p->results);
    branches_free(&p->branches);
    free(p->scenario);
    json_decref(p->draw);
    free(p->driver);
    *p = (struct proof){0};
}
