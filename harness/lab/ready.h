/* Is a lab what its stage says it is? Judged by the scenario's `ready` probes. */
#ifndef LABRUN_LAB_READY_H
#define LABRUN_LAB_READY_H

#include "lab/nodes.h"

/* Waits until every one of CHECKS holds, each within its own `within`; all at once. An error names
 * the check that did not, with what was seen. */
bool ready_wait(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct checks *checks, struct timings *t, struct lr_error *err) _must_check_;

/* The same for those of CHECKS that are asked on NODE; one that does not come true is a warning.
 * False when it could not be judged at all. */
bool ready_look(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct checks *checks, size_t node, struct timings *t, struct lr_error *err) _must_check_;

#endif
