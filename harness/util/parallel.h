/* The same work on N things in threads, and one error for all. */
#ifndef LABRUN_UTIL_PARALLEL_H
#define LABRUN_UTIL_PARALLEL_H

#include "util/error.h"
#include <stddef.h>

/* Does the I-th piece. It may run in any thread; what it touches beside its own piece must be
 * read-only or locked. */
typedef bool (*parallel_fn)(size_t i, void *data, struct lr_error *err);

/* Runs FN for 0 … N-1, all at once, and waits for all. The first error by index is handed on. */
bool parallel_run(size_t n, parallel_fn fn, void *data, struct lr_error *err) _must_check_;

/* The same, at most AT_ONCE (1 or more) at a time, begun in the order of their index. */
bool parallel_run_few(size_t n, size_t at_once, parallel_fn fn, void *data, struct lr_error *err)
    _must_check_;

/* How many processors this process may use; at least 1. */
size_t processors(void);

#endif
