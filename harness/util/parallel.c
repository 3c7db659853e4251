#include "util/parallel.h"
#include "util/mem.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct piece {
    struct lr_error err;
    bool ok;
};

struct work {
    parallel_fn fn;
    void *data;
    struct piece *pieces;
    size_t n;
    atomic_size_t next;
};

static void *worker(void *arg)
{
    struct work *w = arg;
    for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->n;)
        w->pieces[i].ok = w->fn(i, w->data, &w->pieces[i].err);
    return NULL;
}

bool parallel_run_few(size_t n, size_t at_once, parallel_fn fn, void *data, struct lr_error *err)
{
    if (n == 1)
        return fn(0, data, err);
    _free_ struct piece *pieces = xcalloc(n, sizeof *pieces);
    struct work w = {.fn = fn, .data = data, .pieces = pieces, .n = n};
    size_t wanted = at_once < n ? at_once : n, threads = 0;
    _free_ pthread_t *ids = xcalloc(wanted, sizeof *ids);
    while (threads < wanted && pthread_create(&ids[threads], NULL, worker, &w) == 0)
        threads++;
    if (threads < wanted)
        worker(&w); /* as many as there could be had, and the caller's own */
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (!pieces[i].ok && ok)
            lr_error_move(err, &pieces[i].err);
        ok = ok && pieces[i].ok;
        lr_error_clear(&pieces[i].err);
    }
    return ok;
}

bool parallel_run(size_t n, parallel_fn fn, void *data, struct lr_error *err)
{
    return parallel_run_few(n, n, fn, data, err);
}

size_t processors(void)
{
    cpu_set_t may_use;
    if (sched_getaffinity(0, sizeof may_use, &may_use) < 0)
        return 1; /* more than a cpu_set_t holds */
    return (size_t)CPU_COUNT(&may_use);
}
