/* Scripts that are read once, however many nodes, checks and variants of a scenario run them. */
#ifndef LABRUN_SCENARIO_SCRIPTS_H
#define LABRUN_SCENARIO_SCRIPTS_H

#include "util/cleanup.h"
#include "util/error.h"
#include <stddef.h>

struct script {
    char *path;
    char *text;
    size_t len; /* bytes of the text */
    bool executable;
};

/* {0} holds none; for one thread. */
struct scripts {
    struct script *items;
    size_t n;
};

/* NULL: it was not read yet. Good until the next script is read, as *ret is. */
const struct script *scripts_find(const struct scripts *s, const char *path);
/* The script in this file, which is read unless it was before. */
bool scripts_get(struct scripts *s, const char *path, const struct script **ret,
    struct lr_error *err) _must_check_;
void scripts_free(struct scripts *s);
#define _scripts_ _cleanup_(scripts_free)

#endif
