/* Where the time of a command went, on CLOCK_MONOTONIC: phases, each beginning where the one before
 * it ended, so that they add up to the whole; and in a phase its parts, which may overlap (nodes
 * that come up together). Every function takes NULL for "nobody asks". */
#ifndef LABRUN_UTIL_TIMINGS_H
#define LABRUN_UTIL_TIMINGS_H

#include "util/cleanup.h"
#include <jansson.h>
#include <stdint.h>

struct timings; /* opaque; safe to use from many threads */

/* The first phase begins now. */
struct timings *timings_new(void);
void timings_free(struct timings *t); /* NULL is fine */

/* A part of the phase that is under way, from BEGAN_MS (now_ms()) to now. NODE may be NULL. */
void timings_part(struct timings *t, const char *part, const char *node, int64_t began_ms);
/* A part that began with the phase and took TOOK_MS. */
void timings_part_of(struct timings *t, const char *part, const char *node, int64_t took_ms);

/* The phase that is under way ends, and was called NAME; the parts since the last call are its. */
void timings_phase(struct timings *t, const char *name);

/* {"total_ms": N, "phases": [{"phase", "at_ms", "took_ms", "parts": [{"part", "node", "at_ms",
 * "took_ms"}]}]}: "at_ms" counts from the beginning, "node" may be missing. Owned. */
json_t *timings_json(struct timings *t);

static inline void cleanup_timings(struct timings **t)
{
    timings_free(*t);
}
#define _timings_ _cleanup_(cleanup_timings)

#endif
