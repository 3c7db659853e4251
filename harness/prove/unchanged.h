/* Does grading leave the nodes as they are? What they are like before is held against what they are
 * like afterwards, and no file of theirs may have changed meanwhile. */
#ifndef LABRUN_PROVE_UNCHANGED_H
#define LABRUN_PROVE_UNCHANGED_H

#include "graders/grade.h"

/* What the nodes are like, in full; what could not be told is an error. */
bool unchanged_begin(const struct scenario *sc, const struct grade_env *env,
    struct lab_facts *ret_before, struct lr_error *err) _must_check_;

/* One line for each thing that is not as it was BEFORE, and is so when looked at once more: what
 * changes all the time is not the grading's doing. */
bool unchanged_end(const struct scenario *sc, const struct grade_env *env,
    const struct lab_facts *before, struct strv *ret_lines, struct lr_error *err) _must_check_;

#endif
