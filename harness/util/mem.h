/* Allocation that aborts when there is no memory, and strings built on it. Every char * returned
 * here is owned by the caller and freed with free(). */
#ifndef LABRUN_UTIL_MEM_H
#define LABRUN_UTIL_MEM_H

#include "util/cleanup.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *p, size_t count, size_t size);
char *xstrdup(const char *s);            /* NULL gives NULL */
char *xstrndup(const char *s, size_t n); /* at most N bytes, always terminated */
void *xmemdup(const void *p, size_t n);
char *xasprintf(const char *fmt, ...) _printf_(1, 2);
char *xvasprintf(const char *fmt, va_list ap) _printf_(1, 0);

#define xnew(type) ((type *)xcalloc(1, sizeof(type)))

/* Grows the array ARR (count N) by one zeroed element and gives its address. */
#define array_append(arr, n)                                                                       \
    ({                                                                                             \
        (arr) = xreallocarray((arr), (n) + 1, sizeof(*(arr)));                                     \
        memset(&(arr)[(n)], 0, sizeof(*(arr)));                                                    \
        &(arr)[(n)++];                                                                             \
    })

static inline bool streq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static inline bool has_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* A growing byte string; DATA is always terminated once anything was added, LEN leaves out the
 * terminator. Start from STRBUF_INIT, end with strbuf_free, or take DATA with strbuf_steal. */
struct strbuf {
    char *data;
    size_t len;
    size_t cap;
};

#define STRBUF_INIT ((struct strbuf){NULL, 0, 0})
#define _strbuf_    _cleanup_(strbuf_free)

void strbuf_add(struct strbuf *b, const void *p, size_t n);
void strbuf_adds(struct strbuf *b, const char *s);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) _printf_(2, 3);
char *strbuf_steal(struct strbuf *b); /* never NULL: an empty buffer gives "" */
void strbuf_free(struct strbuf *b);

/* A list of owned strings that is also a valid argv: ITEMS[N] is NULL. */
struct strv {
    char **items;
    size_t n;
};

#define STRV_INIT ((struct strv){NULL, 0})
#define _strv_    _cleanup_(strv_free)

void strv_add(struct strv *v, const char *s);
void strv_addf(struct strv *v, const char *fmt, ...) _printf_(2, 3);
bool strv_contains(const struct strv *v, const char *s);
void strv_free(struct strv *v);

/* Closest of N candidates to WORD for a "did you mean", or NULL when none is close. */
const char *closest_word(const char *word, const char *const *candidates, size_t n);

#endif
