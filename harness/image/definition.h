/* An image definition: images/NAME.yaml with the package sets it includes (images/sets/), checked
 * against the scripts in images/hooks/. Const after loading. */
#ifndef LABRUN_IMAGE_DEFINITION_H
#define LABRUN_IMAGE_DEFINITION_H

#include "util/error.h"
#include "util/hash.h"
#include "util/mem.h"

struct definition {
    char *name;           /* of the file, without .yaml */
    char *dir;            /* the folder images/ it was found in; absolute */
    char *suite;          /* of the distribution: trixie */
    struct strv packages; /* in the order they were named, sets first, each once */
    struct strv hooks;    /* names of files in DIR/hooks, in order */
    struct strv preseed;  /* answers for debconf, one a line */
};

/* Loads and checks DIR/NAME.yaml. Mistakes in it are LR_ESCENARIO with all of them in the message,
 * one "file:line:col: …" a line. */
bool definition_load(const char *yaml, struct definition *ret, struct lr_error *err) _must_check_;
void definition_free(struct definition *d);
#define _definition_ _cleanup_(definition_free)

/* Adds to H all that the definition contributes to what is built: names and contents, not comments.
 */
bool definition_digest(const struct definition *d, struct hasher *h, struct lr_error *err)
    _must_check_;

#endif
