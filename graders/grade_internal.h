/* Shared by grade.c (threads, slots, results) and grade_poll.c (when to try again). */
#ifndef LABRUN_GRADERS_GRADE_INTERNAL_H
#define LABRUN_GRADERS_GRADE_INTERNAL_H

#include "graders/grade.h"
#include <pthread.h>

struct grade_job {
    const struct check *check;
    struct check_result *result;
    bool guard;
    bool due;
    bool sampled; /* throughout: it ends when the others have */
    int64_t within_ms;
};

struct grading {
    const struct scenario *scenario;
    const struct grade_env *env;
    struct grade_job *jobs;
    size_t n_jobs;
    int patience; /* at least 1 */
    bool again;   /* a real grading: guards again at the end, samples throughout */
    pthread_mutex_t lock;
    pthread_cond_t slot_free;
    size_t *busy;   /* commands now running, by node */
    size_t working; /* checks that end by themselves and have not yet */
    int done_fd;    /* readable when working is 0 */
};

/* One try of the probe into R; counts it. */
enum verdict grade_try(struct grading *g, const struct check *c, struct check_result *r);
void grade_progress(
    struct grading *g, const struct grade_job *job, const struct check_result *result);
void grade_still_waiting(struct grading *g, const struct grade_job *job);

/* To a verdict, by the check's `within` and `hold`. False only on interruption. */
bool grade_until(struct grading *g, struct grade_job *job, struct lr_error *err) _must_check_;
/* Sampled until all others have ended. */
bool grade_throughout(struct grading *g, struct grade_job *job, struct lr_error *err) _must_check_;

#endif
