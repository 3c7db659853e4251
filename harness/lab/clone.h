/* From a warm stage to a lab whose nodes answer and are as the stage was. */
#ifndef LABRUN_LAB_CLONE_H
#define LABRUN_LAB_CLONE_H

#include "lab/build.h"
#include "lab/nodes.h"

/* Creates LAB's nodes from KIND with the keys in LAB_DIR/keys (made here when missing), waits until
 * all answer ssh, and holds them against READY. *ret_nodes are kept sessions with the lab's keys.
 */
bool clone_up(const struct host *h, struct lab *lab, const struct scenario *sc,
    const struct warm *w, enum stage_kind kind, const struct checks *ready,
    struct nodes **ret_nodes, struct lr_error *err) _must_check_;

#endif
