#include "util/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void *or_abort(void *p)
{
    if (!p) {
        static const char text[] = "labrun: out of memory\n";
        ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
        (void)ignored;
        abort();
    }
    return p;
}

void *xmalloc(size_t size)
{
    return or_abort(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t count, size_t size)
{
    return or_abort(reallocarray(p, count ? count : 1, size));
}

char *xstrdup(const char *s)
{
    return s ? or_abort(strdup(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
    return or_abort(strndup(s, n));
}

void *xmemdup(const void *p, size_t n)
{
    void *copy = xmalloc(n);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

char *xvasprintf(const char *fmt, va_list ap)
{
    char *s;
    if (vasprintf(&s, fmt, ap) < 0)
        s = NULL;
    return or_abort(s);
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = xvasprintf(fmt, ap);
    va_end(ap);
    return s;
}

void strbuf_add(struct strbuf *b, const void *p, size_t n)
{
    if (b->len + n + 1 > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < b->len + n + 1)
            cap *= 2;
        b->data = xreallocarray(b->data, cap, 1);
        b->cap = cap;
    }
    if (n)
        memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *s)
{
    strbuf_add(b, s, strlen(s));
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *s = xvasprintf(fmt, ap);
    va_end(ap);
    strbuf_adds(b, s);
}

char *strbuf_steal(struct strbuf *b)
{
    char *s = b->data ? b->data : xstrdup("");
    *b = STRBUF_INIT;
    return s;
}

void strbuf_free(struct strbuf *b)
{
    free(b->data);
    *b = STRBUF_INIT;
}

static void strv_take(struct strv *v, char *s)
{
    v->items = xreallocarray(v->items, v->n + 2, sizeof *v->items);
    v->items[v->n++] = s;
    v->items[v->n] = NULL;
}

void strv_add(struct strv *v, const char *s)
{
    strv_take(v, xstrdup(s));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    strv_take(v, xvasprintf(fmt, ap));
    va_end(ap);
}

bool strv_contains(const struct strv *v, const char *s)
{
    for (size_t i = 0; i < v->n; i++)
        if (streq(v->items[i], s))
            return true;
    return false;
}

void strv_free(struct strv *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->items[i]);
    free(v->items);
    *v = STRV_INIT;
}

/* Levenshtein's distance, over one row; words longer than the row are never close. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { MAX = 64 };
    size_t row[MAX + 1];
    size_t la = strlen(a), lb = strlen(b);
    if (la > MAX || lb > MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[lb];
}

const char *closest_word(const char *word, const char *const *candidates, size_t n)
{
    const char *best = NULL;
    size_t limit = strlen(word) / 3 + 1;
    for (size_t i = 0; i < n; i++) {
        size_t d = edit_distance(word, candidates[i]);
        if (d <= limit && d < strlen(candidates[i])) {
            best = candidates[i];
            limit = d ? d - 1 : 0;
            if (d == 0)
                break;
        }
    }
    return best;
}
