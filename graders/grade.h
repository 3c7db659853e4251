/* Runs the checks and guards of one stage of grading: all nodes at once, one thread a check.
 *
 * A check is tried until it passes or its `within` is over, and must then stay true for its `hold`.
 * What could not be told (VERDICT_ERROR) is tried again: within `within`, and in any case twice
 * more within ten seconds; the last state decides. After a power cut every check and guard has at
 * least fifteen seconds, and what is not meant for that as long as the longest that is. A guard is
 * judged at the start and, when grading took longer than five seconds, once more at the end. A
 * check `throughout` is sampled about once a second from beginning to end and must pass every time.
 */
#ifndef LABRUN_GRADERS_GRADE_H
#define LABRUN_GRADERS_GRADE_H

#include "graders/probe.h"
#include "graders/score.h"

enum grade_stage {
    GRADE_NOW,          /* checks that are due now */
    GRADE_AFTER_REBOOT, /* checks that are due after the power cut */
    GRADE_ALL           /* both: for proofs, after a power cut */
};

/* What grading needs from whoever owns the lab. Every function may be called from many threads at
 * once. Either RUN, or GET_CLIENT and PUT_CLIENT. */
struct grade_env {
    /* A live session with the node, opened anew when there is none or the kept one has died. The
     * session must stay valid until put_client(). */
    bool (*get_client)(size_t node, struct deadline deadline, struct client **ret, void *data,
        struct lr_error *err);
    void (*put_client)(size_t node, struct client *c, void *data);

    /* Instead of the two above: as client_run(), on the node by its index. */
    bool (*run)(size_t node, const struct run_request *req, struct run_result *ret, void *data,
        struct lr_error *err);

    /* Told of progress; NULL if nobody asks. Called under a lock, so never twice at once. RESULT is
     * NULL when a check starts, and borrowed when it has ended. */
    void (*progress)(
        const struct check *check, bool guard, const struct check_result *result, void *data);
    /* Told, now and then, of a check that is not true yet though it has been tried for long; NULL
     * if nobody asks. Never twice at once. RESULT is of the last try, borrowed. */
    void (*waiting)(const struct check *check, const struct check_result *result, void *data);
    void *data;

    /* What guards of the kind `collateral` compare with; NULL: nothing was recorded. */
    const struct collateral_base *base;

    /* Times of checks and waits of their probes, `hold` apart, are as many times longer; 0 is 1. */
    int patience;

    /* The nodes have booted just now, without a power cut for this grade: what is judged now has as
     * much time as what is judged after a power cut. */
    bool booted;

    size_t slots; /* commands at once on one node (sshd's MaxSessions); 0: 8 */
};

/* Judges all checks and guards of STAGE. Results are in the order of the scenario; what is not due
 * is VERDICT_SKIPPED. True whatever the verdicts were; false only when the user interrupted. */
bool grade_run(const struct scenario *sc, enum grade_stage stage, const struct grade_env *env,
    struct check_results *ret_checks, struct check_results *ret_guards, struct lr_error *err)
    _must_check_;

/* How many times longer everything takes in this environment; at least 1. */
int grade_env_patience(const struct grade_env *env);

/* Runs one command on a node in this environment; a session that had died before is opened anew. */
bool grade_env_run(const struct grade_env *env, size_t node, const struct run_request *req,
    struct run_result *ret, struct lr_error *err) _must_check_;

/* The same machinery for any list of checks, whatever their `when`: readiness of a stage. */
bool grade_checks(const struct scenario *sc, const struct checks *checks,
    const struct grade_env *env, struct check_results *ret, struct lr_error *err) _must_check_;

/* Empty results for a scenario: everything skipped. For a report before any grading. */
void grade_skipped(
    const struct scenario *sc, struct check_results *ret_checks, struct check_results *ret_guards);

#endif
