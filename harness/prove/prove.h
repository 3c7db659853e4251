/* The proof that a scenario is fair: by running it.
 *
 * A proof is a list of branches. Each clones a stage, runs some of the scenario's scripts, grades,
 * and holds the result against what the scenario declares:
 *   healthy              the system before any fault has full marks, also after a power cut
 *   fault/ID             each fault alone is noticed: some check or guard does not pass
 *   broken               all faults together fail exactly the checks of `baseline`
 *   idle                 broken and left alone, the same after some minutes
 *   twice                grading twice gives the same verdicts and changes nothing on the nodes
 *   solution/ID          full marks, and still after a power cut
 *   solution/ID/without-N   the solution with one step left out has fewer points
 *   cheat/ID             at most its declared score, and the named checks do not pass */
#ifndef LABRUN_PROVE_PROVE_H
#define LABRUN_PROVE_PROVE_H

#include "graders/score.h"
#include "lab/build.h"

enum branch_kind {
    BRANCH_HEALTHY,
    BRANCH_FAULT,
    BRANCH_BROKEN,
    BRANCH_IDLE,
    BRANCH_TWICE,
    BRANCH_SOLUTION,
    BRANCH_PARTIAL,
    BRANCH_CHEAT
};

/* One branch, planned. Pure. */
struct branch {
    char *name;
    enum branch_kind kind;
    size_t index; /* of the fault, solution or cheat */
    size_t skip;  /* BRANCH_PARTIAL: the step that is left out */
};

struct branches {
    struct branch *items;
    size_t n;
};

/* All branches of a scenario, in the order of the list above. */
void prove_plan(const struct scenario *sc, struct branches *ret);
void branches_free(struct branches *b);

enum branch_verdict { BRANCH_PROVEN, BRANCH_REFUTED, BRANCH_NOT_RUN /* infrastructure error */ };

struct branch_result {
    enum branch_verdict verdict;
    char *why;     /* refuted or not run: one or more lines for a person; NULL when proven */
    char *kept_in; /* folder with logs and evidence; NULL when nothing was kept */
    int64_t duration_ms;
    bool graded;                /* REPORT is filled */
    struct score_report report; /* the grade that was judged */
};

/* Has any check or guard failed? */
bool branch_noticed(const struct score_report *r);

/* Is the grade what the branch declares? Pure. *ret_why (owned) tells what is wrong, and is NULL
 * when all is as declared. */
void branch_judge(const struct scenario *sc, const struct branch *b,
    const struct score_report *report, char **ret_why);

struct prove_opts {
    const char *const *only; /* names (or their beginnings up to a slash) of branches; NULL: all */
    size_t n_only;
    size_t jobs;     /* branches at once; 0: 1 */
    int64_t idle_ms; /* how long the branch `idle` leaves the lab alone; 0: 5 minutes */
    const char *version;
    /* Told when a branch starts (RESULT NULL) and ends; never twice at once. */
    void (*progress)(const struct branch *b, const struct branch_result *result, void *data);
    void *data;
};

struct proof {
    char *scenario; /* name */
    char *driver;
    json_t *draw; /* what was drawn: scenario_draw_json(); NULL: nothing */
    struct branches branches;
    struct branch_result *results; /* one a branch */
    size_t n_refuted;
    size_t n_not_run;
    int64_t began_wall_ms;
};

/* Can the scenario be proven, and has it the branches that are asked for? LR_ESCENARIO, LR_EUSAGE.
 */
bool prove_check(const struct scenario *sc, const struct prove_opts *opts, struct lr_error *err)
    _must_check_;

/* Makes the stages warm and runs the branches. False only for what keeps the proof from being
 * attempted at all (stages that cannot be built, interruption). */
bool prove_run(const struct host *h, const struct scenario *sc, const struct prove_opts *opts,
    struct proof *ret, struct lr_error *err) _must_check_;
void proof_free(struct proof *p);
#define _proof_ _cleanup_(proof_free)

/* One branch on a lab of its own. RET is always filled. */
void branch_run(const struct host *h, const struct scenario *sc, const struct warm *w,
    const struct branch *b, const struct prove_opts *opts, struct branch_result *ret);

/* JUnit XML of proofs, one suite for each, with the seed in its name; owned. */
char *prove_junit(const struct proof *proofs, size_t n);
json_t *prove_json(const struct proof *p); /* reference owned by the caller */

#endif
