/* What is connected to what, as reports show it: segments, nodes, addresses, who is a witness. */
#ifndef LABRUN_GRADERS_TOPOLOGY_H
#define LABRUN_GRADERS_TOPOLOGY_H

#include "util/error.h"
#include "util/mem.h"
#include <jansson.h>
#include <stdint.h>

struct topology_segment {
    char *name;
    int64_t mtu; /* bytes */
};

struct topology_nic {
    size_t segment;        /* index into segments */
    struct strv addresses; /* "10.20.0.11/24", "fd20::11/64" */
};

struct topology_node {
    char *name;
    bool witness; /* the candidate has no access */
    struct topology_nic *nics;
    size_t n_nics;
};

struct topology {
    struct topology_segment *segments;
    size_t n_segments;
    struct topology_node *nodes;
    size_t n_nodes;
};

/* As in score.json: nodes name their segments. Reference owned by the caller. */
json_t *topology_to_json(const struct topology *t);
/* Reads it back; every member is checked. RET is to be freed also after an error. */
bool topology_from_json(const json_t *j, struct topology *ret, struct lr_error *err) _must_check_;

void topology_free(struct topology *t); /* what it holds, not T itself */
#define _topology_ _cleanup_(topology_free)

#endif
