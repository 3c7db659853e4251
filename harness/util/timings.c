#include "util/timings.h"
#include "util/deadline.h"
#include "util/mem.h"
#include <pthread.h>

struct timings {
    pthread_mutex_t lock;
    int64_t began_ms;
    int64_t phase_ms; /* when the phase under way began */
    json_t *phases;   /* those that have ended */
    json_t *parts;    /* of the phase under way */
};

struct timings *timings_new(void)
{
    struct timings *t = xnew(struct timings);
    pthread_mutex_init(&t->lock, NULL);
    t->began_ms = t->phase_ms = now_ms();
    t->phases = json_array();
    t->parts = json_array();
    return t;
}

void timings_free(struct timings *t)
{
    if (!t)
        return;
    json_decref(t->phases);
    json_decref(t->parts);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* Under the lock. */
static void add_part(
    struct timings *t, const char *part, const char *node, int64_t began_ms, int64_t took_ms)
{
    json_array_append_new(t->parts,
        json_pack("{s:s, s:s*, s:I, s:I}", "part", part, "node", node, "at_ms",
            (json_int_t)(began_ms - t->began_ms), "took_ms", (json_int_t)took_ms));
}

void timings_part(struct timings *t, const char *part, const char *node, int64_t began_ms)
{
    if (!t)
        return;
    int64_t now = now_ms();
    pthread_mutex_lock(&t->lock);
    add_part(t, part, node, began_ms, now - began_ms);
    pthread_mutex_unlock(&t->lock);
}

void timings_part_of(struct timings *t, const char *part, const char *node, int64_t took_ms)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    add_part(t, part, node, t->phase_ms, took_ms);
    pthread_mutex_unlock(&t->lock);
}

void timings_phase(struct timings *t, const char *name)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    int64_t now = now_ms();
    json_array_append_new(t->phases,
        json_pack("{s:s, s:I, s:I, s:o}", "phase", name, "at_ms",
            (json_int_t)(t->phase_ms - t->began_ms), "took_ms", (json_int_t)(now - t->phase_ms),
            "parts", t->parts));
    t->parts = json_array();
    t->phase_ms = now;
    pthread_mutex_unlock(&t->lock);
}

json_t *timings_json(struct timings *t)
{
    if (!t)
        return NULL;
    pthread_mutex_lock(&t->lock);
    json_t *j = json_pack(
        "{s:I, s:O}", "total_ms", (json_int_t)(t->phase_ms - t->began_ms), "phases", t->phases);
    pthread_mutex_unlock(&t->lock);
    return j;
}
