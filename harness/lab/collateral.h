/* What the nodes are like beside what is checked: recorded of a scenario's stages, compared at
 * grading.
 *
 * In the folder of a stage lie facts.json, which is what the stage's first clone was like when it
 * had booted and before anybody was let in, and, for the broken stage, facts-built.json: what its
 * nodes were like when they were frozen. The first is what a candidate is given; the second fills
 * in until there is a first, and where a boot undoes what a fault did. */
#ifndef LABRUN_LAB_COLLATERAL_H
#define LABRUN_LAB_COLLATERAL_H

#include "graders/collateral/compare.h"
#include "graders/grade.h"
#include "lab/nodes.h"

#define FACTS_FILE       "facts.json"
#define FACTS_BUILT_FILE "facts-built.json"

/* How long a boot that is going on may take to end, and how long the whole may take. */
struct collateral_time {
    int64_t settle_ms;
    int64_t limit_ms;
};
extern const struct collateral_time collateral_at_grading;
extern const struct collateral_time collateral_of_stage;

/* All nodes at once. SINCE, unless it is NULL: also the files that changed since it was collected.
 * What could not be told is in RET with its reason. */
void collateral_collect(const struct scenario *sc, const struct grade_env *env,
    const struct collateral_time *time, const struct lab_facts *since, struct lab_facts *ret);

/* Records what NODES are like in DIR/FILE, unless that is there. False only on interruption: what
 * could not be recorded is a warning. What could be told in part only is recorded when KEEP_PART.
 */
bool collateral_record(struct nodes *nodes, const struct scenario *sc, const char *dir,
    const char *file, bool keep_part, struct lr_error *err) _must_check_;

/* Reads the records of the stage BROKEN and of the one it stands on; either is empty when it is not
 * there. */
void collateral_load(const char *state_dir, const struct scenario *sc, const char *broken,
    struct collateral_base *ret);

/* The names of the scenario's nodes; the list (not the names) is owned. */
const char **collateral_names(const struct scenario *sc);

/* What cannot be told of L, though the program that tells is there; NULL: nothing. Owned. */
char *collateral_gap(const struct scenario *sc, const struct lab_facts *l, bool files);

/* Grades and collects at the same time: as grade_run(), into R's checks and guards, and what is
 * different on the nodes from ENV's base into its collateral. */
bool collateral_grade(const struct scenario *sc, enum grade_stage stage,
    const struct grade_env *env, struct score_report *r, struct lr_error *err) _must_check_;

#endif
