/* Digests and identities: content addresses (SHA-256), names that can be checked (UUID version 5),
 * and random tokens. */
#ifndef LABRUN_UTIL_HASH_H
#define LABRUN_UTIL_HASH_H

#include "util/error.h"
#include <stddef.h>

struct hasher; /* opaque; one thread */

struct hasher *hasher_new(void);
void hasher_add(struct hasher *h, const void *p, size_t n);
/* Adds the text with its length in front, so that "ab","c" and "a","bc" differ. */
void hasher_adds(struct hasher *h, const char *s);
/* Adds every file below PATH: relative names, the executable bit and contents, in sorted order. */
bool hasher_add_tree(struct hasher *h, const char *path, struct lr_error *err) _must_check_;
bool hasher_add_file(struct hasher *h, const char *path, struct lr_error *err) _must_check_;
/* The same for a file that has been read. */
void hasher_add_content(struct hasher *h, const char *data, size_t len, bool executable);
/* Ends the hasher; 64 lower-case hexadecimal digits, owned by the caller. */
char *hasher_finish(struct hasher *h);
void hasher_free(struct hasher *h); /* for error paths; NULL is fine */

static inline void cleanup_hasher(struct hasher **h)
{
    hasher_free(*h);
}
#define _hasher_ _cleanup_(cleanup_hasher)

/* The UUID (text form, owned) that NAME has in labrun's own name space. */
char *uuid_of_name(const char *name);

/* A random number from 0 to N - 1; N > 0. */
size_t random_below(size_t n);

/* N random characters from an alphabet without look-alikes (no 0, 1, l, o); owned. */
char *random_token(size_t n);

#endif
