/* What a probe kind is: one measurement on a node, with typed parameters, a typed expectation, and
 * evidence that a person understands. A new kind is one file in probes/, declared in
 * probes/kinds.h, and one line in kinds.c. */
#ifndef LABRUN_GRADERS_PROBE_H
#define LABRUN_GRADERS_PROBE_H

#include "graders/collateral/compare.h"
#include "graders/evidence.h"
#include "scenario/model.h"
#include "transport/client.h"

struct outcome {
    enum verdict verdict;
    struct evidence evidence;
};

/* What a probe can use. RUN executes a command on the check's node (or on another, by its index).
 * The probes themselves see to a clean environment: probes/node.h. */
struct probe_ctx {
    const struct scenario *scenario;
    size_t node;
    struct deadline deadline; /* of this try */
    int patience;             /* waits are as many times longer; 0 is 1 */
    /* As client_run, but on the node by index; false when the node cannot be reached at all. */
    bool (*run)(struct probe_ctx *ctx, size_t node, const struct run_request *req,
        struct run_result *ret, struct lr_error *err);
    /* Reads a script of the scenario's folder, to be fed to the node's shell. Owned. */
    bool (*read_script)(struct probe_ctx *ctx, const char *script, char **ret_text, size_t *ret_len,
        struct lr_error *err);
    const struct collateral_base *base; /* what the stages were like; NULL: not known */
    void *data;                         /* of whoever made the context */
};

struct probe_kind {
    const char *name;
    const char *summary; /* one line, for docs */
    void *(*parse)(struct reader *r, const struct value *v, const struct scenario *sc);
    void (*free_params)(void *params);
    json_t *(*schema)(void);
    /* One try. Always fills RET: what could not be told is VERDICT_ERROR with the reason in
     * evidence.seen. */
    void (*run)(const void *params, struct probe_ctx *ctx, struct outcome *ret);
};

extern const struct probe_kind *const probe_kinds[]; /* NULL-terminated */

/* The same table in the form that scenario_load wants. */
const struct probe_kind_info *probe_kind_infos(size_t *ret_n);

void outcome_clear(struct outcome *o);
/* Set one part of the evidence: made printable, capped, without secrets. */
void outcome_asked(struct outcome *o, const char *fmt, ...) _printf_(2, 3);
void outcome_expected(struct outcome *o, const char *fmt, ...) _printf_(2, 3);
/* Sets the verdict and what was seen. */
void outcome_set(struct outcome *o, enum verdict v, const char *fmt, ...) _printf_(3, 4);

#define _outcome_ _cleanup_(outcome_clear)

#endif
