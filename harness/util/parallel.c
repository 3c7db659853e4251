#include "util/parallel.h"
#include "util/mem.h"
#include <pthread.h>

struct piece {
    size_t index;
    parallel_fn fn;
    void *data;
    struct lr_error err;
    bool ok;
    bool threaded; /* false: no thread could be had, it ran in the caller's */
    pthread_t thread;
};

static void *run_piece(void *arg)
{
    struct piece *p = arg;
    p->ok = p->fn(p->index, p->data, &p->err);
    return NULL;
}

bool parallel_run(size_t n, parallel_fn fn, void *data, struct lr_error *err)
{
    if (n == 1)
        return fn(0, data, err);
    _free_ struct piece *pieces = xcalloc(n, sizeof *pieces);
    for (size_t i = 0; i < n; i++) {
        pieces[i] = (struct piece){.index = i, .fn = fn, .data = data};
        pieces[i].threaded = pthread_create(&pieces[i].thread, NULL, run_piece, &pieces[i]) == 0;
        if (!pieces[i].threaded)
            run_piece(&pieces[i]);
    }
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].threaded)
            pthread_join(pieces[i].thread, NULL);
        if (!pieces[i].ok && ok)
            lr_error_move(err, &pieces[i].err);
        ok = ok && pieces[i].ok;
        lr_error_clear(&pieces[i].err);
    }
    return ok;
}
