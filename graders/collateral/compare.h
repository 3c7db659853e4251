/* Collateral: what is different on the nodes from the healthy stage, and whose doing it is. Pure.
 *
 * What is now as it was in the healthy stage is no difference, whatever a fault had made of it.
 * What is not, but was so when the lab was broken, is a fault that is still there. The rest is the
 * candidate's doing, be it a way of mending or not: that is for the interviewer to judge. */
#ifndef LABRUN_GRADERS_COMPARE_H
#define LABRUN_GRADERS_COMPARE_H

#include "graders/collateral/facts.h"

/* What to compare with. BROKEN may be known twice: as the faults left it, and as it came up again
 * in the first clone; what is as in either is the faults' doing. Either may be empty (n is 0). */
struct collateral_base {
    struct lab_facts healthy;
    struct lab_facts broken[2];
};

void collateral_base_free(struct collateral_base *b);
#define _collateral_base_ _cleanup_(collateral_base_free)

enum whose { BY_CANDIDATE, BY_FAULT, BY_UNKNOWN };
const char *whose_name(enum whose w); /* "candidate", "fault", "unknown" */
bool whose_from_name(const char *name, enum whose *ret);

/* Texts are fit to be shown, without secrets; NULL: not there. */
struct difference {
    char *node;
    enum fact_kind kind;
    char *item;
    char *healthy; /* NULL with BY_UNKNOWN also: not known */
    char *now;
    enum whose whose;
};

/* The value of an item in words for people: "there" for one that has none, "not there" for NULL. */
const char *difference_value(const char *value);

/* What could not be told, and why. */
struct untold {
    char *node;
    enum fact_kind kind;
    char *reason;
};

struct collateral {
    bool compared;   /* false: nothing of it is known */
    bool hidden;     /* the lists were left out, of the counts only `changed` is there */
    int64_t changed; /* differences BY_CANDIDATE or BY_UNKNOWN, listed or not */
    struct difference *differences;
    size_t n_differences;
    struct untold *untold;
    size_t n_untold;
};

#define MAX_DIFFERENCES 500 /* listed */

/* Adds to INTO what is different on one node; KINDS: those that are looked at. */
void collateral_compare(const char *node_name, size_t node, const struct collateral_base *base,
    const struct node_facts *now, unsigned kinds, struct collateral *into);

/* All nodes; NAMES: one a node. Fills INTO, which is empty. */
void collateral_compare_all(const char *const *names, const struct collateral_base *base,
    const struct lab_facts *now, struct collateral *into);

/* What A and B differ in, for showing that nothing has changed: one line a difference, added to
 * WHY. What is not known in either is left out. Returns how many there are. */
size_t facts_changes(const char *node_name, const struct node_facts *a, const struct node_facts *b,
    struct strv *ret_lines);

/* For whoever must not see what else is wrong: leaves the count of changes only. */
void collateral_hide(struct collateral *c);
void collateral_free(struct collateral *c); /* what it holds */

/* As in score.json. Reference owned by the caller. */
json_t *collateral_to_json(const struct collateral *c);
/* Reads it back; every member is checked. RET is to be freed also after an error. */
bool collateral_from_json(const json_t *j, struct collateral *ret, struct lr_error *err)
    _must_check_;

#endif
