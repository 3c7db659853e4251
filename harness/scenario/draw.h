/* How the value of a parameter is drawn. Private to scenario/; pure, and the same everywhere and
 * for ever: docs/scenario-format.md tells it so that anybody can repeat it.
 *
 * Each parameter has a stream of 64-bit numbers of its own, made by SHA-256 from the variant, the
 * try and the parameter's name; its value is made from as many of them as it takes. So a parameter
 * that is added or moved changes nothing about the others. */
#ifndef LABRUN_SCENARIO_DRAW_H
#define LABRUN_SCENARIO_DRAW_H

#include "scenario/address.h"
#include "util/mem.h"

struct stream {
    char *head;        /* what each block is the digest of, but for its number */
    uint64_t block;    /* the next one */
    uint64_t words[4]; /* of the last block */
    size_t used;       /* of them; 4: all */
};

/* TRY: from 0; the next one when the variant came out like another. */
void stream_init(struct stream *s, int64_t variant, int64_t try, const char *name);
void stream_end(struct stream *s);
#define _stream_ _cleanup_(stream_end)

uint64_t stream_next(struct stream *s);
/* A number from 0 to N - 1, each as likely as the others; N > 0. */
uint64_t stream_below(struct stream *s, uint64_t n);

#define PARAMETER_PATTERN     "^[a-z][a-z0-9_]{0,31}$"
#define PARAMETER_MAX_CHOICES 64
#define PARAMETER_MAX_LENGTH  64 /* characters of `hex` */
#define PARAMETER_MAX_NAME    32 /* characters of `name` */
#define PARAMETER_MAX_INT     ((int64_t)1000000000000000)

enum parameter_kind {
    PARAMETER_CHOICE,
    PARAMETER_NODE,
    PARAMETER_INTEGER,
    PARAMETER_NAME,
    PARAMETER_HEX,
    PARAMETER_ADDRESS,
    PARAMETER_FOLLOWS
};

/* A parameter as the file declares it. */
struct declaration {
    char *name;
    enum parameter_kind kind;
    struct strv choices;     /* CHOICE, NODE */
    int64_t min, max;        /* INTEGER */
    int64_t length;          /* NAME, HEX */
    struct address from, to; /* ADDRESS: both are in */
    size_t follows;          /* FOLLOWS: the declaration it follows, an earlier one */
    struct strv when, as;    /* FOLLOWS: for each value of that one, the value of this */
    size_t *differs_from;    /* earlier declarations */
    size_t n_differs_from;
};

/* Reads one; EARLIER are the N further up. *ret is set whatever was found. */
void read_declaration(struct reader *r, const struct value *key, const struct value *v,
    const struct declaration *earlier, size_t n, struct declaration *ret);
void declaration_schema(json_t *defs);
bool is_parameter_name(const char *s);
void declaration_free(struct declaration *d);

/* One value, from as many numbers of the stream as it takes; not for FOLLOWS. Owned. */
char *draw_value(const struct declaration *d, struct stream *s);

/* Draws all N parameters: for one variant, in one try. VALUES: N pointers, filled and owned. False
 * when no value was left for one that must differ; *ret_stuck is its index, and nothing is owned.
 */
bool draw_all(const struct declaration *list, size_t n, int64_t variant, int64_t try, char **values,
    size_t *ret_stuck);

/* The values of VARIANT: those of the first try in which what is chosen from lists (`choice`,
 * `node`) is as in no variant before it; from the first variant on that has no such try, the first
 * in which anything is unlike each of those before. False when no more than *ret_found different
 * ones were found, or *ret_stuck as above (else it is N). */
bool draw_variant(const struct declaration *list, size_t n, int64_t variant, char **values,
    size_t *ret_stuck, int64_t *ret_found);

#endif
