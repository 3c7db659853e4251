/* From verdicts to a score, and everything a report says. Pure: no clock, no network, no globals.
 *
 *   grade.c -> struct check_result -> score_report (filled by lab/) -> score_compute() -> report/
 *
 * One struct score_report holds all of the score file, so that a stored score.json can be read back
 * (report/json.c) and shown in any form later. */
#ifndef LABRUN_GRADERS_SCORE_H
#define LABRUN_GRADERS_SCORE_H

#include "graders/collateral/compare.h"
#include "graders/evidence.h"
#include "graders/topology.h"
#include <stdint.h>

#define SCORE_FORMAT 1 /* version of score.json */

/* Sums of points and shares of them are compared with marks: let 0.1 + 0.2 reach 0.3. */
#define SCORE_EPSILON 1e-9

/* When a check is due, as in harness/scenario/model.h. */
enum result_stage { STAGE_NOW, STAGE_AFTER_REBOOT, STAGE_THROUGHOUT };
const char *result_stage_name(enum result_stage s); /* "now", "after-reboot", "throughout" */
bool result_stage_from_name(const char *name, enum result_stage *ret);

/* One check or guard, judged. All strings owned. */
struct check_result {
    char *id;
    char *title;
    char *skill;   /* NULL for a guard without one */
    char *node;    /* name */
    double points; /* 0 for guards */
    double earned; /* by score_compute() */
    double caps;   /* guards: the highest percentage when broken */
    enum result_stage stage;
    enum verdict verdict; /* the worse of the next two; the evidence belongs to it */
    enum verdict now;     /* before a power cut; VERDICT_SKIPPED when not judged then */
    enum verdict after;   /* after it; likewise */
    int64_t attempts;     /* tries of the probe */
    int64_t duration_ms;  /* from the first try to the verdict */
    struct evidence evidence;
};

struct check_results {
    struct check_result *items;
    size_t n;
};

struct hint_taken {
    int64_t number; /* from 1 */
    double cost;    /* points */
    char *text;
    int64_t at_ms; /* on the candidate's clock; -1 if not known */
};

struct skill_score {
    char *name;
    double earned;
    double judged;   /* points of checks that were due and could be judged */
    double possible; /* points of checks that were due */
};

/* What the checks of one stage give, whatever hints and guards then do to the score. */
struct stage_score {
    double earned;
    double judged;
    double possible; /* 0: nothing was judged at this stage */
};

/* For the time line: what happened when. */
struct score_event {
    int64_t at_ms;    /* on the candidate's clock */
    int64_t since_ms; /* real time since the lab was ready; pauses and power cuts included */
    char *kind;       /* "hint", "grade", … as in record/attempt.h */
    char *text;       /* for people */
    double value;     /* of a grade the percentage, of a hint its price; else 0 */
};

/* A terminal that was recorded. */
struct recording {
    int64_t at_ms; /* on the candidate's clock, when it began */
    char *node;
    char *file; /* in the attempt's folder */
};

struct score_report {
    /* Filled by the caller. */
    char *lab;
    char *attempt;
    char *candidate; /* NULL if not said */
    char *scenario;  /* name */
    char *title;
    char *digest; /* of the scenario */
    json_t *draw; /* seed and values of its parameters, not for candidates; NULL: it has none */
    char *version;
    char *driver;
    int64_t started_ms; /* wall time, ms since the epoch */
    int64_t graded_ms;
    int64_t used_ms; /* on the candidate's clock, monotonic */
    int64_t time_limit_ms;
    double pass_mark;
    struct check_results checks;
    struct check_results guards;
    struct hint_taken *hints;
    size_t n_hints;
    struct score_event *events;
    size_t n_events;
    struct recording *recordings;
    size_t n_recordings;
    struct topology topology;
    struct collateral collateral; /* what is changed on the nodes beside what is checked */

    /* Filled by score_compute(). */
    double score;          /* points after hints and guards, never below 0 */
    double max;            /* points of all checks that were due */
    double percent;        /* of max; a check that could not be judged counts as not earned */
    double judged;         /* points of the checks that could be judged */
    double percent_judged; /* of judged: what the percentage would be if the rest did not exist */
    double total;          /* points of the whole scenario, due or not */
    double hint_cost;
    double cap;               /* per cent; 100 when no guard is broken */
    bool gradable;            /* something was due, and every check and guard due could be judged */
    bool complete;            /* no check was left out (skipped) */
    bool passed;              /* gradable, and at or over the pass mark */
    struct stage_score now;   /* checks judged before a power cut */
    struct stage_score after; /* and after it; one check may be in both */
    struct skill_score *skills;
    size_t n_skills;
};

/* Computes the second half from the first. May be called again after a change. */
void score_compute(struct score_report *r);

/* The score in per cent if all that is not judged yet passes. Of a computed report. */
double score_percent_at_most(const struct score_report *r);

/* The exit status of `labrun grade`: 0 passed, 1 not passed, 2 nothing to grade, 4 a check or guard
 * could not be judged. */
int score_exit_status(const struct score_report *r);

/* Adds what a later stage of the same grading found: a check that was skipped in INTO takes the
 * later result; of two results the worse one stands (fail, then error, then pass), and what each
 * stage saw is kept beside it. LATER is for the same scenario, in the same order, and is emptied.
 */
void check_results_merge(struct check_results *into, struct check_results *later);
void check_results_free(struct check_results *r);

/* The time line and the recordings, e.g. to take them anew from an attempt. */
void score_history_free(struct score_report *r);

void score_report_free(struct score_report *r); /* what it holds, not R itself */
#define _score_report_ _cleanup_(score_report_free)

#endif
