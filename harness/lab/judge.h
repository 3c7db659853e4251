/* Grading a running lab: sessions, power cut, and the report with all that the attempt knows. */
#ifndef LABRUN_LAB_JUDGE_H
#define LABRUN_LAB_JUDGE_H

#include "graders/grade.h"
#include "lab/nodes.h"
#include "record/attempt.h"

/* Cuts the power of all nodes, boots them, judges STAGE (what is due after a power cut, or all) and
 * merges the results into R. */
bool judge_power_cut(const struct host *h, struct lab *lab, const struct scenario *sc,
    struct nodes *nodes, const struct grade_env *env, enum grade_stage stage,
    struct score_report *r, struct lr_error *err) _must_check_;

struct judge_opts {
    bool after_reboot;   /* also cut the power of all nodes and judge what is due afterwards */
    const char *version; /* of labrun */
    /* As in struct grade_env; DATA goes to it. NULL if nobody asks. */
    void (*progress)(
        const struct check *check, bool guard, const struct check_result *result, void *data);
    void *data;
};

/* What the graders' environment stands on; it must outlive the environment. */
struct judge_reach {
    struct nodes *nodes;
    const struct judge_opts *opts; /* for progress; NULL if nobody asks */
};

/* The environment in which graders reach a lab's nodes. */
void judge_env(struct judge_reach *reach, struct grade_env *ret);

/* What is connected to what, as a report shows it. RET is to be freed with topology_free(). */
void judge_topology(const struct plan *p, struct topology *ret);

/* Fills what a report says of the lab and the scenario, graded now. Of the attempt the caller
 * knows: its id, the candidate, when it started. */
void judge_describe(
    const struct lab *lab, const struct scenario *sc, const char *version, struct score_report *r);

/* Judges the lab and keeps the grade in its attempt. The caller holds the lab's lock. RET is filled
 * and owned by the caller (score_report_free). */
bool judge_lab(const struct host *h, struct lab *lab, const struct scenario *sc, struct attempt *a,
    const struct judge_opts *opts, struct score_report *ret, struct lr_error *err) _must_check_;

#endif
