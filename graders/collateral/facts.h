/* What a node is like, beside what the checks ask: units, ports, firewall, mounts, users, sysctls,
 * packages, as items with a value each. Recorded of a scenario's stages and again at grading
 * (ask.h), so that what a candidate has changed in passing can be told (compare.h). */
#ifndef LABRUN_GRADERS_FACTS_H
#define LABRUN_GRADERS_FACTS_H

#include "util/error.h"
#include "util/mem.h"
#include <jansson.h>
#include <stdint.h>

enum fact_kind {
    FACT_UNITS,
    FACT_PORTS,
    FACT_FIREWALL,
    FACT_MOUNTS,
    FACT_USERS,
    FACT_SYSCTLS,
    FACT_PACKAGES,
    N_FACT_KINDS
};

extern const char *const fact_names[]; /* "units", "ports" … as in scenarios; NULL-terminated */
bool fact_kind_from_name(const char *name, enum fact_kind *ret);

#define ALL_FACTS ((1U << N_FACT_KINDS) - 1) /* a set of kinds is a bit for each */

struct fact {
    char *item;  /* "hello.service", "tcp 0.0.0.0:22" */
    char *value; /* for people: "enabled, active"; may be empty */
};

/* The reason why facts are untold that nobody can tell: a node without a firewall's program, say.
 */
#define FACTS_NO_PROGRAM "the program that tells is not on the node"

#define MAX_FACTS 20000 /* of one kind on one node */

/* All facts of one kind on one node. */
struct facts {
    char *untold; /* why they are not known; NULL: they are */
    struct fact *items;
    size_t n;
};

/* One node. */
struct node_facts {
    struct facts kinds[N_FACT_KINDS];
    /* Only when it was asked for: files that changed since (no values). */
    struct facts files;
    double clock; /* of the node, seconds since the epoch; 0 when not told */
};

/* All nodes of a scenario, in its order; N is 0 when nothing was recorded. */
struct lab_facts {
    struct node_facts *nodes;
    size_t n;
};

void facts_add(struct facts *f, const char *item, const char *value);
/* Sorts by item. Of items that are there more than once the later ones become "ITEM (2)" … */
void facts_finish(struct facts *f);
const char *facts_get(const struct facts *f, const char *item); /* finished; NULL: not there */
/* Says why they are not known, and drops what is there. */
void facts_set_untold(struct facts *f, const char *fmt, ...) _printf_(2, 3);
void facts_free(struct facts *f);
void node_facts_free(struct node_facts *n); /* what it holds */
void lab_facts_free(struct lab_facts *l);

#define _node_facts_ _cleanup_(node_facts_free)
#define _lab_facts_  _cleanup_(lab_facts_free)

/* NAMES: one a node. Reference owned by the caller. */
json_t *lab_facts_to_json(const struct lab_facts *l, const char *const *names);
/* Reads it back; the nodes must be those of NAMES, in any order. */
bool lab_facts_from_json(const json_t *j, const char *const *names, size_t n, struct lab_facts *ret,
    struct lr_error *err) _must_check_;

#endif
