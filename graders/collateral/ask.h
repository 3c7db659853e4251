/* Asks a node for its facts: one command, one answer. */
#ifndef LABRUN_GRADERS_ASK_H
#define LABRUN_GRADERS_ASK_H

#include "graders/collateral/facts.h"
#include "transport/client.h"

struct facts_question {
    unsigned kinds;        /* a set of enum fact_kind */
    int64_t settle_ms;     /* how long a boot that is going on may take to end */
    double changed_since;  /* also the files changed since then, on the node's clock; 0: not */
    struct deadline until; /* of the whole */
};

/* How to run a command: as client_run(), on the node by its index. */
typedef bool (*facts_run_fn)(size_t node, const struct run_request *req, struct run_result *ret,
    void *data, struct lr_error *err);

/* Fills RET in any case: what could not be told says why. Nothing is written on the node. */
void facts_ask(size_t node, const struct facts_question *q, facts_run_fn run, void *data,
    struct node_facts *ret);

#endif
