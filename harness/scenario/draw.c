#include "scenario/draw.h"
#include "util/hash.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

#define MAX_TRIES                                                                                  \
    200 /* until a variant is unlike the others, a value unlike those it differs from */

void stream_init(struct stream *s, int64_t variant, int64_t try, const char *name)
{
    *s = (struct stream){.used = 4,
        .head = xasprintf(
            "labrun-parameters-1\n%lld\n%lld\n%s\n", (long long)variant, (long long)try, name)};
}

void stream_end(struct stream *s)
{
    free(s->head);
    *s = (struct stream){0};
}

/* The digest of a block is four numbers of 16 hexadecimal digits. */
static void next_block(struct stream *s)
{
    _free_ char *text = xasprintf("%s%llu", s->head, (unsigned long long)s->block++);
    _hasher_ struct hasher *h = hasher_new();
    hasher_add(h, text, strlen(text));
    _free_ char *digest = hasher_finish(h);
    for (size_t i = 0; i < 4; i++) {
        _free_ char *digits = xstrndup(digest + 16 * i, 16);
        s->words[i] = strtoull(digits, NULL, 16);
    }
    s->used = 0;
}

uint64_t stream_next(struct stream *s)
{
    if (s->used == 4)
        next_block(s);
    return s->words[s->used++];
}

/* Of the 2^64 numbers the highest are left out, so that those left are a multiple of N. */
uint64_t stream_below(struct stream *s, uint64_t n)
{
    uint64_t spare = (UINT64_MAX % n + 1) % n;
    for (;;) {
        uint64_t x = stream_next(s);
        if (x <= UINT64_MAX - spare)
            return x % n;
    }
}

void declaration_free(struct declaration *d)
{
    free(d->name);
    strv_free(&d->choices);
    strv_free(&d->when);
    strv_free(&d->as);
    free(d->differs_from);
}

/* Consonants and vowels in turn: a word that can be said on the telephone. */
static char *draw_name(const struct declaration *d, struct stream *s)
{
    static const char consonants[] = "bdfghklmnprstvwz", vowels[] = "aeiou";
    struct strbuf b = STRBUF_INIT;
    for (int64_t i = 0; i < d->length; i++)
        strbuf_add(&b, i % 2 ? &vowels[stream_below(s, 5)] : &consonants[stream_below(s, 16)], 1);
    return strbuf_steal(&b);
}

static char *draw_hex(const struct declaration *d, struct stream *s)
{
    struct strbuf b = STRBUF_INIT;
    for (int64_t i = 0; i < d->length; i++)
        strbuf_add(&b, &"0123456789abcdef"[stream_below(s, 16)], 1);
    return strbuf_steal(&b);
}

/* The last four bytes of an address as a number: a range does not go beyond them. */
static uint32_t tail_of(const struct address *a)
{
    uint32_t n;
    memcpy(&n, a->bytes + (a->family == AF_INET ? 0 : 12), sizeof n);
    return ntohl(n);
}

static char *draw_address(const struct declaration *d, struct stream *s)
{
    uint32_t first = tail_of(&d->from);
    uint64_t span = (uint64_t)tail_of(&d->to) - first + 1;
    uint32_t n = htonl(first + (uint32_t)stream_below(s, span));
    struct address a = d->from;
    memcpy(a.bytes + (a.family == AF_INET ? 0 : 12), &n, sizeof n);
    char text[INET6_ADDRSTRLEN];
    if (!inet_ntop(a.family, a.bytes, text, sizeof text))
        abort();
    return xstrdup(text);
}

char *draw_value(const struct declaration *d, struct stream *s)
{
    switch (d->kind) {
    case PARAMETER_CHOICE:
    case PARAMETER_NODE:
        return xstrdup(d->choices.items[stream_below(s, d->choices.n)]);
    case PARAMETER_INTEGER:
        return xasprintf("%lld",
            (long long)(d->min + (int64_t)stream_below(s, (uint64_t)(d->max - d->min) + 1)));
    case PARAMETER_NAME:
        return draw_name(d, s);
    case PARAMETER_HEX:
        return draw_hex(d, s);
    case PARAMETER_ADDRESS:
        return draw_address(d, s);
    case PARAMETER_FOLLOWS:
        break;
    }
    return NULL;
}

static bool is_taken(const struct declaration *d, char *const *values, const char *value)
{
    for (size_t i = 0; i < d->n_differs_from; i++)
        if (streq(values[d->differs_from[i]], value))
            return true;
    return false;
}

static char *follow(const struct declaration *d, const char *value)
{
    for (size_t i = 0; i < d->when.n; i++)
        if (streq(d->when.items[i], value))
            return xstrdup(d->as.items[i]);
    abort(); /* the reader has seen to it that there is one for each */
}

/* NULL when no value is left. */
static char *draw_one(
    const struct declaration *d, int64_t variant, int64_t try, char *const *values)
{
    if (d->kind == PARAMETER_FOLLOWS)
        return follow(d, values[d->follows]);
    _stream_ struct stream s;
    stream_init(&s, variant, try, d->name);
    for (int i = 0; i < MAX_TRIES; i++) {
        _free_ char *value = draw_value(d, &s);
        if (!is_taken(d, values, value))
            return STEAL(value);
    }
    return NULL;
}

static void free_values(char **values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(STEAL(values[i]));
}

bool draw_all(const struct declaration *list, size_t n, int64_t variant, int64_t try, char **values,
    size_t *ret_stuck)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = draw_one(&list[i], variant, try, values);
        if (!values[i]) {
            free_values(values, i);
            *ret_stuck = i;
            return false;
        }
    }
    return true;
}

/* The values of one draw as a text; LISTS: only of what is chosen from a list. Owned. */
static char *fingerprint(const struct declaration *list, size_t n, char *const *values, bool lists)
{
    struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < n; i++)
        if (!lists || list[i].kind == PARAMETER_CHOICE || list[i].kind == PARAMETER_NODE)
            strbuf_addf(&b, "%s\n", values[i]);
    return strbuf_steal(&b);
}

/* The first try whose fingerprint is not in SEEN, which it joins. False when there is none, or a
 * parameter is stuck. */
static bool first_unlike(const struct declaration *list, size_t n, int64_t variant, bool lists,
    struct strv *seen, char **values, size_t *ret_stuck)
{
    for (int64_t try = 0; try < MAX_TRIES; try++) {
        if (!draw_all(list, n, variant, try, values, ret_stuck))
            return false;
        _free_ char *mark = fingerprint(list, n, values, lists);
        if (!strv_contains(seen, mark)) {
            strv_add(seen, mark);
            return true;
        }
        free_values(values, n);
    }
    return false;
}

bool draw_variant(const struct declaration *list, size_t n, int64_t variant, char **values,
    size_t *ret_stuck, int64_t *ret_found)
{
    _strv_ struct strv seen = STRV_INIT, seen_lists = STRV_INIT;
    bool lists = true; /* until their combinations are used up: then searching on is in vain */
    *ret_stuck = n;
    for (int64_t v = 0;; v++) {
        *ret_found = v;
        lists = lists && first_unlike(list, n, v, true, &seen_lists, values, ret_stuck);
        if (lists) {
            _free_ char *mark = fingerprint(list, n, values, false);
            strv_add(&seen, mark);
        } else if (*ret_stuck < n || !first_unlike(list, n, v, false, &seen, values, ret_stuck)) {
            return false;
        }
        if (v == variant)
            return true;
        free_values(values, n);
    }
}
