/* The same work on N things at once, one thread each, and one error for all. */
#ifndef LABRUN_UTIL_PARALLEL_H
#define LABRUN_UTIL_PARALLEL_H

#include "util/error.h"
#include <stddef.h>

/* Does the I-th piece. It may run in any thread; what it touches beside its own piece must be
 * read-only or locked. */
typedef bool (*parallel_fn)(size_t i, void *data, struct lr_error *err);

/* Runs FN for 0 … N-1, all at once, and waits for all. The first error by index is handed on. */
bool parallel_run(size_t n, parallel_fn fn, void *data, struct lr_error *err) _must_check_;

#endif
