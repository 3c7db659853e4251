/* A YAML document as a tree that remembers where everything stood.
 *
 * Text -> libyaml's events -> struct value, in one pass that counts as it builds, so that nothing
 * is built past the caps (libyaml's own document loader is quadratic in nested brackets, follows
 * aliases and knows no bound). Scalars stay text: what type a value has is decided by whoever reads
 * it (scenario/reader.h), so that 020 or 20junk can be refused with line and column instead of
 * being guessed at. */
#ifndef LABRUN_SCENARIO_VALUE_H
#define LABRUN_SCENARIO_VALUE_H

#include "util/error.h"
#include <stddef.h>

enum value_type { VALUE_SCALAR, VALUE_LIST, VALUE_MAP };

struct value {
    enum value_type type;
    int line;    /* from 1 */
    int col;     /* from 1 */
    char *text;  /* VALUE_SCALAR: the text; NULL otherwise */
    bool quoted; /* VALUE_SCALAR: it was written in quotes or as a block, so it is a string */
    bool drawn;  /* VALUE_SCALAR: a parameter was put in; it is whatever type it can be read as */
    size_t n;    /* VALUE_LIST, VALUE_MAP: number of members */
    struct value *items; /* the members, in the file's order */
    struct value *keys;  /* VALUE_MAP: their keys, all scalars */
};

/* A list of findings about one file, kept in the file's order: "file:line:col: message". */
struct problems {
    char *file; /* as it is to be named to the user; owned */
    struct problem {
        int line;
        int col;
        char *message; /* without the position; owned */
    } * items;
    size_t n;
    size_t dropped; /* findings past PROBLEMS_MAX, counted but not kept */
};

#define PROBLEMS_MAX 500

/* Messages are made printable and cut at 500 bytes: they quote what a user wrote. */
void problems_init(struct problems *p, const char *file);
void problems_add(struct problems *p, const struct value *at, const char *fmt, ...) _printf_(3, 4);
void problems_add_at(struct problems *p, int line, int col, const char *fmt, ...) _printf_(4, 5);
/* All findings, sorted by position, one a line, as one text; owned by the caller. */
char *problems_text(const struct problems *p);
void problems_free(struct problems *p);
#define _problems_ _cleanup_(problems_free)

#define VALUE_MAX_BYTES ((size_t)1 << 20)
#define VALUE_MAX_DEPTH 16
#define VALUE_MAX_NODES 20000

/* Parses TEXT (LEN bytes, UTF-8). Syntax errors, duplicate keys, aliases, anchors, tags,
 * directives, a second document, and more than the caps allow are added to PROBLEMS; false if there
 * were any. *ret is owned by
 * the caller: value_free(). */
bool value_parse(const char *text, size_t len, struct problems *problems, struct value *ret)
    _must_check_;
/* A tree of its own, to be freed like any other. */
struct value value_copy(const struct value *v);
void value_free(struct value *v);
#define _value_ _cleanup_(value_free)

/* The member of a map by its key, or NULL. */
const struct value *value_get(const struct value *map, const char *key);

#endif
