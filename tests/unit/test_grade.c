/* When a check is tried again, and what stands at the end: with a probe whose answers are written
 * down, by what is asked for the how manieth time or how late. */
#include "graders/grade.h"
#include "graders/probe.h"
#include "util/deadline.h"
#include <criterion/criterion.h>
#include <stdatomic.h>

struct answers {
    const char *row; /* P, F or E; the last one again and again */
    int64_t
        fails_until; /* milliseconds from the first try, in which it is FAIL whatever ROW says */
    int64_t began;
    atomic_int asked;
};

static void answer(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    (void)ctx;
    struct answers *a = *(struct answers *const *)params;
    if (!a->began)
        a->began = now_ms();
    if (now_ms() - a->began < a->fails_until) {
        outcome_set(o, VERDICT_FAIL, "not yet");
        return;
    }
    size_t n = (size_t)atomic_fetch_add(&a->asked, 1), len = strlen(a->row);
    char c = a->row[n < len ? n : len - 1];
    outcome_set(o,
        c == 'P'       ? VERDICT_PASS
            : c == 'F' ? VERDICT_FAIL
                       : VERDICT_ERROR,
        "answer %zu", n);
}

static const struct probe_kind written_down = {.name = "written-down", .run = answer};

struct fixture {
    struct node node;
    bool booted;
    enum grade_stage stage;
    struct check checks[2];
    struct answers *rows[2];
    struct scenario sc;
    struct check_results results, guards;
};

static void add(struct fixture *f, struct answers *a, const struct check *like)
{
    size_t i = f->sc.checks.n++;
    f->rows[i] = a;
    f->checks[i] = *like;
    f->checks[i].id = (char *)(i ? "second" : "first");
    f->checks[i].title = f->checks[i].skill = (char *)"x";
    f->checks[i].points = 1;
    f->checks[i].probe.kind = &written_down;
    f->checks[i].probe.params = &f->rows[i];
}

static void grade(struct fixture *f)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct grade_env env = {.booted = f->booted};
    f->node.name = (char *)"here";
    f->sc.nodes = &f->node;
    f->sc.n_nodes = 1;
    f->sc.checks.items = f->checks;
    cr_assert(grade_run(&f->sc, f->stage, &env, &f->results, &f->guards, &err), "%s", err.message);
}

static void first_is(struct fixture *f, enum verdict want, const char *seen)
{
    const struct check_result *r = &f->results.items[0];
    cr_assert_eq(r->verdict, want, "%s: %s", verdict_name(r->verdict), r->evidence.seen);
    cr_assert_not_null(
        strstr(r->evidence.seen, seen), "looked for '%s' in: %s", seen, r->evidence.seen);
    check_results_free(&f->results);
    check_results_free(&f->guards);
}

Test(grade, a_last_sample_that_could_not_be_told_is_asked_again)
{
    struct answers a = {.row = "PPPEP"};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.hold_ms = 300});
    grade(&f);
    first_is(&f, VERDICT_PASS, "stayed so");
}

Test(grade, what_cannot_be_told_three_times_is_an_error_and_did_not_stay)
{
    struct answers a = {.row = "PE"};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.hold_ms = 300});
    grade(&f);
    cr_assert_null(strstr(f.results.items[0].evidence.seen, "stay"));
    first_is(&f, VERDICT_ERROR, "answer");
}

Test(grade, what_held_and_fails_says_that_it_was_true)
{
    struct answers a = {.row = "PF"};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.hold_ms = 300});
    grade(&f);
    first_is(&f, VERDICT_FAIL, "it was true before, but did not stay so");
}

/* However long it was a plain FAIL before. */
Test(grade, an_error_gets_its_retries_at_the_end_of_a_long_within)
{
    struct answers a = {.row = "EEP", .fails_until = 10900};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.within_ms = 11000});
    grade(&f);
    first_is(&f, VERDICT_PASS, "answer 2");
}

Test(grade, throughout_is_no_pass_when_too_little_could_be_told)
{
    struct answers a = {.row = "PEEEP"}, b = {.row = "P"};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.when = WHEN_THROUGHOUT});
    add(&f, &b, &(struct check){.hold_ms = 6000});
    grade(&f);
    first_is(&f, VERDICT_ERROR, "3 samples in a row could not be told");
}

Test(grade, throughout_bears_a_lost_session)
{
    struct answers a = {.row = "PEEP"}, b = {.row = "P"};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.when = WHEN_THROUGHOUT});
    add(&f, &b, &(struct check){.hold_ms = 5000});
    grade(&f);
    first_is(&f, VERDICT_PASS, "at each of");
}

/* As a proof does, which asks all. */
Test(grade, what_is_not_meant_for_a_power_cut_has_the_time_of_what_is)
{
    struct answers late = {.row = "P", .fails_until = 17000}, other = {.row = "P"};
    struct fixture f = {.stage = GRADE_ALL};
    add(&f, &late, &(struct check){0});
    add(&f, &other, &(struct check){.when = WHEN_AFTER_REBOOT, .within_ms = 40000});
    grade(&f);
    first_is(&f, VERDICT_PASS, "after 1");
}

/* The first has no time of its own, and the nodes booted just now; the second is for a cut. */
Test(grade, nodes_that_have_just_booted_get_the_time_of_a_power_cut)
{
    struct answers late = {.row = "P", .fails_until = 17000}, other = {.row = "P"};
    struct fixture f = {.booted = true};
    add(&f, &late, &(struct check){0});
    add(&f, &other, &(struct check){.when = WHEN_AFTER_REBOOT, .within_ms = 40000});
    grade(&f);
    first_is(&f, VERDICT_PASS, "after 1");
}

Test(grade, throughout_begins_when_it_has_come_true)
{
    struct answers a = {.row = "P", .fails_until = 3000}, b = {.row = "P"};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.when = WHEN_THROUGHOUT, .within_ms = 20000});
    add(&f, &b, &(struct check){.hold_ms = 5000});
    grade(&f);
    first_is(&f, VERDICT_PASS, "at each of");
}

Test(grade, throughout_that_never_comes_true_is_a_fail)
{
    struct answers a = {.row = "F"}, b = {.row = "P"};
    struct fixture f = {0};
    add(&f, &a, &(struct check){.when = WHEN_THROUGHOUT, .within_ms = 1000});
    add(&f, &b, &(struct check){0});
    grade(&f);
    first_is(&f, VERDICT_FAIL, "answer");
}
