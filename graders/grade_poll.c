/* When to try again: `within` with growing waits, `hold` and `throughout` about once a second; the
 * first two leave at least as much time as the last try took (`within` several times that much on
 * an emulated processor, unless somebody waits for a lab), so that checks on a slow node do not
 * take it from the others. Every wait ends early on ctrl-C; throughout, when the grading does. */
#include "graders/grade_internal.h"
#include <poll.h>

#define FIRST_WAIT_MS   200
#define LONGEST_WAIT_MS 2000
#define LONGEST_REST_MS 10000
#define SAMPLE_MS       1000
#define FIRST_WORD_MS   20000 /* a check that is not true by then is told of */
#define NEXT_WORD_MS    60000
#define MIN_SAMPLES     3
/* What could not be told is asked again, even where `within` is 0: a lost session is not a fact
 * about the lab. */
#define ERROR_RETRIES  2
#define ERROR_GRACE_MS 10000

/* Waits MS, or until FD (-1: none) is readable. */
static bool wait_ms(int fd, int64_t ms, bool *ret_ready, struct lr_error *err)
{
    return wait_fd(fd, POLLIN, deadline_in(ms), ret_ready, err);
}

/* One try; RET_REST_MS is the least time until the next. */
static enum verdict try_and_rest(struct grading *g, struct grade_job *job, int64_t *ret_rest_ms)
{
    int64_t start = now_ms();
    enum verdict v = grade_try(g, job->check, job->result);
    int64_t took = now_ms() - start;
    *ret_rest_ms = took > LONGEST_REST_MS ? LONGEST_REST_MS : took;
    return v;
}

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Adds to what was seen; the text stays within its cap. */
static void note(struct check_result *r, const char *fmt, ...) _printf_(2, 3);

static void note(struct check_result *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *text = xvasprintf(fmt, ap);
    va_end(ap);
    _free_ char *joined = xasprintf("%s\n%s", r->evidence.seen ? r->evidence.seen : "", text);
    free(r->evidence.seen);
    r->evidence.seen = evidence_text(joined, strlen(joined));
}

/* Tries until it passes or there is no time for another try. A FAIL after `within` is final; an
 * ERROR gets its retries in any case. */
static bool until_true(
    struct grading *g, struct grade_job *job, struct deadline within, struct lr_error *err)
{
    int64_t wait = FIRST_WAIT_MS, longest = LONGEST_WAIT_MS * g->patience;
    int errors = 0;
    struct deadline grace = deadline_in(0), word = deadline_in(FIRST_WORD_MS);
    for (;;) {
        int64_t rest;
        enum verdict v = try_and_rest(g, job, &rest);
        if (!cancel_check(err))
            return false;
        if (v == VERDICT_PASS)
            return true;
        errors = v == VERDICT_ERROR ? errors + 1 : 0;
        if (errors == 1)
            grace = deadline_in(ERROR_GRACE_MS * g->patience);
        bool retry = v == VERDICT_ERROR && errors <= ERROR_RETRIES && !deadline_passed(grace);
        if (deadline_passed(within) && !retry)
            return true;
        if (deadline_passed(word)) {
            grade_still_waiting(g, job);
            word = deadline_in(NEXT_WORD_MS);
        }
        bool ready;
        int64_t left = within.at_ms - now_ms(),
                next = longer(wait, g->again ? rest * g->patience : rest);
        if (!wait_ms(-1, left > 0 && left < next ? left : next, &ready, err))
            return false;
        /* Where there is more time to wait for, it is asked less often. */
        wait = wait * 2 > longest ? longest : wait * 2;
    }
}

/* Having passed once, does it stay true? The result of the last sample stands. */
static bool stays_true(struct grading *g, struct grade_job *job, struct lr_error *err)
{
    const struct check *c = job->check;
    struct deadline end = deadline_in(c->hold_ms);
    int64_t step = c->hold_ms / MIN_SAMPLES < SAMPLE_MS ? c->hold_ms / MIN_SAMPLES : SAMPLE_MS;
    int64_t rest = 0;
    int samples = 1, errors = 0;
    while (samples < MIN_SAMPLES || errors > 0 || !deadline_passed(end)) {
        bool ready;
        if (!wait_ms(-1, longer(step, rest), &ready, err))
            return false;
        enum verdict v = try_and_rest(g, job, &rest);
        if (!cancel_check(err))
            return false;
        errors = v == VERDICT_ERROR ? errors + 1 : 0;
        samples += v == VERDICT_PASS;
        if (v == VERDICT_FAIL || errors > ERROR_RETRIES)
            return true;
    }
    _free_ char *held = format_duration(c->hold_ms);
    note(job->result, "(and it stayed so for %s, %d times asked)", held, samples);
    return true;
}

bool grade_until(struct grading *g, struct grade_job *job, struct lr_error *err)
{
    const struct check *c = job->check;
    struct check_result *r = job->result;
    int64_t start = now_ms();
    struct deadline within = deadline_in(job->within_ms);
    for (;;) {
        if (!until_true(g, job, within, err))
            return false;
        int64_t took = now_ms() - start;
        if (r->verdict != VERDICT_PASS || c->hold_ms == 0) {
            _free_ char *waited = format_duration(took);
            if (job->within_ms > 0 && r->attempts > 1)
                note(r, "(%s %s, %lld times asked)",
                    r->verdict == VERDICT_PASS ? "after" : "still so after", waited,
                    (long long)r->attempts);
            return true;
        }
        if (!stays_true(g, job, err))
            return false;
        if (r->verdict == VERDICT_PASS)
            return true;
        /* It came and went: within `within` it may come again, and stay. */
        if (deadline_passed(within)) {
            if (r->verdict == VERDICT_FAIL)
                note(r, "(it was true before, but did not stay so)");
            return true;
        }
    }
}

bool grade_throughout(struct grading *g, struct grade_job *job, struct lr_error *err)
{
    bool ended = false;
    int errors = 0, longest = 0, told = 0;
    /* From when it is true for the first time, for which it has its `within`. */
    if (job->within_ms > 0) {
        if (!until_true(g, job, deadline_in(job->within_ms), err))
            return false;
        if (job->result->verdict != VERDICT_PASS)
            return true;
    }
    for (;;) {
        enum verdict v = grade_try(g, job->check, job->result);
        if (!cancel_check(err))
            return false;
        errors = v == VERDICT_ERROR ? errors + 1 : 0;
        longest = errors > longest ? errors : longest;
        told += v == VERDICT_PASS;
        if (v == VERDICT_FAIL) {
            note(job->result, "(seen at sample %lld)", (long long)job->result->attempts);
            return true;
        }
        if (ended && (v == VERDICT_PASS || errors > ERROR_RETRIES))
            break;
        bool ready;
        if (!wait_ms(ended ? -1 : g->done_fd, SAMPLE_MS, &ready, err))
            return false;
        ended = ended || ready;
    }
    if (job->result->verdict != VERDICT_PASS)
        return true;
    if (longest > ERROR_RETRIES) {
        job->result->verdict = VERDICT_ERROR;
        note(job->result, "(but %d samples in a row could not be told)", longest);
    } else {
        note(job->result, "(at each of %d samples)", told);
    }
    return true;
}
