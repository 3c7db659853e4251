/* Recordings of terminals, in asciicast version 2: a header line, then one JSON array an event.
 *
 * Every event is one write() of a whole line, so that whatever kills the recorder leaves a file
 * that plays up to that instant. Bytes become valid JSON strings: a character split over two
 * chunks is put together, and what is not UTF-8 becomes U+FFFD. Times are from the monotonic clock.
 * A recording is capped; a marker event tells where it was cut. One thread at a time. */
#ifndef LABRUN_RECORD_CAST_H
#define LABRUN_RECORD_CAST_H

#include "util/error.h"
#include <stddef.h>

struct cast; /* opaque */

struct cast_conf {
    int cols;
    int rows;
    const char *title;   /* NULL for none */
    const char *command; /* NULL for a login shell */
    bool input;          /* keep what is typed too, passwords included; else 'i' is dropped */
    size_t cap;          /* bytes of the file; 0: 64 MiB */
};

/* Creates PATH (it must not exist; mode 0600) and writes the header. */
bool cast_open(const char *path, const struct cast_conf *conf, struct cast **ret,
    struct lr_error *err) _must_check_;

/* An event: 'o' output, 'i' input, 'r' new size ("80x24"), 'm' marker. Errors are kept for
 * cast_close(): a full disk must not end the candidate's session. */
void cast_add(struct cast *c, char kind, const char *p, size_t n);

/* cast_add() in the form that a struct terminal_tap wants; DATA is the struct cast. */
void cast_tap(char kind, const char *p, size_t n, void *data);

/* Writes what is pending, syncs and frees. False with the first error there was. NULL is fine. */
bool cast_close(struct cast *c, struct lr_error *err);

#endif
