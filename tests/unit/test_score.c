#include "graders/report/report.h"
#include "report_support.h"

static struct score_report report_of(size_t n, const double points[], const enum verdict verdicts[])
{
    struct score_report r = {.pass_mark = 70};
    for (size_t i = 0; i < n; i++) {
        _free_ char *id = xasprintf("check-%zu", i);
        add_result(&r.checks, id, points[i], verdicts[i], STAGE_NOW);
    }
    return r;
}

#define REPORT(...)                                                                                \
    report_of(sizeof((enum verdict[]){__VA_ARGS__}) / sizeof(enum verdict),                        \
        (double[]){60, 10, 30, 20}, (enum verdict[]){__VA_ARGS__})

#define P VERDICT_PASS
#define F VERDICT_FAIL
#define E VERDICT_ERROR
#define S VERDICT_SKIPPED

Test(score, sums_and_pass_mark)
{
    _score_report_ struct score_report r = REPORT(P, P, F);
    score_compute(&r);
    cr_assert_float_eq(r.score, 70, 1e-9);
    cr_assert_float_eq(r.max, 100, 1e-9);
    cr_assert_float_eq(r.percent, 70, 1e-9);
    cr_assert(r.passed && r.gradable && r.complete);
    cr_assert_eq(score_exit_status(&r), 0);
    r.pass_mark = 70.5;
    score_compute(&r);
    cr_assert(!r.passed);
    cr_assert_eq(score_exit_status(&r), 1);
}

Test(score, tenths_that_binary_cannot_hold_reach_the_mark)
{
    _score_report_ struct score_report r = {.pass_mark = 30};
    add_result(&r.checks, "a", 0.1, P, STAGE_NOW);
    add_result(&r.checks, "b", 0.2, P, STAGE_NOW);
    add_result(&r.checks, "c", 0.7, F, STAGE_NOW);
    score_compute(&r);
    cr_assert(r.passed, "%.17g", r.percent);
}

/* 16.6 + 8.3 of 24.9 are 99.99999999999999 per cent. */
Test(score, all_points_are_all_points)
{
    _score_report_ struct score_report r = report_of(
        2, (const double[]){16.6, 8.3}, (const enum verdict[]){VERDICT_PASS, VERDICT_PASS});
    score_compute(&r);
    cr_assert_eq(r.percent, 100);
    cr_assert_eq(r.percent_judged, 100);
}

Test(score, at_most_what_is_not_judged_yet_passes)
{
    _score_report_ struct score_report r = REPORT(F, P, S, S);
    score_compute(&r);
    cr_assert_float_eq(r.percent, 100.0 * 10 / 70, 1e-9);
    cr_assert_float_eq(score_percent_at_most(&r), 100.0 * 60 / 120, 1e-9);
    add_result(&r.guards, "g", 0, F, STAGE_NOW);
    r.guards.items[0].caps = 30;
    score_compute(&r);
    cr_assert_float_eq(score_percent_at_most(&r), 30, 1e-9);
}

Test(score, error_costs_nothing_silently)
{
    _score_report_ struct score_report r = REPORT(P, E, P);
    score_compute(&r);
    cr_assert(!r.gradable && !r.passed);
    cr_assert_float_eq(r.percent, 90, 1e-9);
    cr_assert_float_eq(r.judged, 90, 1e-9);
    cr_assert_float_eq(r.percent_judged, 100, 1e-9);
    cr_assert_eq(score_exit_status(&r), 4);
}

Test(score, error_of_a_guard_makes_it_ungradable)
{
    _score_report_ struct score_report r = REPORT(P, P, P);
    add_result(&r.guards, "data", 0, E, STAGE_NOW);
    score_compute(&r);
    cr_assert(!r.gradable && !r.passed);
    cr_assert_float_eq(r.percent, 100, 1e-9);
    cr_assert_eq(score_exit_status(&r), 4);
}

Test(score, skipped_is_left_out_of_the_percentage)
{
    _score_report_ struct score_report r = REPORT(P, P, P, S);
    score_compute(&r);
    cr_assert_float_eq(r.max, 100, 1e-9);
    cr_assert_float_eq(r.total, 120, 1e-9);
    cr_assert_float_eq(r.percent, 100, 1e-9);
    cr_assert(r.passed && r.gradable && !r.complete);
}

Test(score, nothing_due_is_nothing_to_grade)
{
    _score_report_ struct score_report r = REPORT(S, S);
    score_compute(&r);
    cr_assert(!r.gradable && !r.passed);
    cr_assert_eq(score_exit_status(&r), 2);
    _score_report_ struct score_report none = {0};
    score_compute(&none);
    cr_assert_eq(score_exit_status(&none), 2);
}

Test(score, lowest_broken_guard_caps)
{
    _score_report_ struct score_report r = REPORT(P, P, P);
    add_result(&r.guards, "whole", 0, P, STAGE_NOW)->caps = 0;
    add_result(&r.guards, "cephx", 0, F, STAGE_NOW)->caps = 30;
    add_result(&r.guards, "pools", 0, F, STAGE_NOW)->caps = 50;
    score_compute(&r);
    cr_assert_float_eq(r.cap, 30, 1e-9);
    cr_assert_float_eq(r.score, 30, 1e-9);
    cr_assert(!r.passed);
    cr_assert_float_eq(r.checks.items[0].earned, 60, 1e-9);
}

Test(score, a_cap_does_not_lift_a_low_score)
{
    _score_report_ struct score_report r = REPORT(F, P, F);
    add_result(&r.guards, "cephx", 0, F, STAGE_NOW)->caps = 30;
    score_compute(&r);
    cr_assert_float_eq(r.percent, 10, 1e-9);
}

Test(score, hints_cost_but_never_below_zero)
{
    _score_report_ struct score_report r = REPORT(F, P, F);
    struct hint_taken *h = array_append(r.hints, r.n_hints);
    *h = (struct hint_taken){1, 4, xstrdup("one"), 0};
    score_compute(&r);
    cr_assert_float_eq(r.score, 6, 1e-9);
    h = array_append(r.hints, r.n_hints);
    *h = (struct hint_taken){2, 40, xstrdup("two"), 0};
    score_compute(&r);
    cr_assert_float_eq(r.score, 0, 1e-9);
    cr_assert_float_eq(r.hint_cost, 44, 1e-9);
}

Test(score, skills)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    cr_assert_eq(r.n_skills, 2);
    cr_assert_str_eq(r.skills[0].name, "ceph");
    cr_assert_float_eq(r.skills[0].earned, 40, 1e-9);
    cr_assert_float_eq(r.skills[0].judged, 40, 1e-9);
    cr_assert_float_eq(r.skills[0].possible, 69.5, 1e-9);
    cr_assert_float_eq(r.skills[1].earned, 0, 1e-9);
}

Test(score, merge_keeps_the_worse_and_fills_what_was_skipped)
{
    static const struct {
        enum verdict first, later, merged;
    } rows[] = {
        {S, P, P},
        {P, S, P},
        {P, P, P},
        {P, F, F},
        {F, P, F},
        {E, P, E},
        {P, E, E},
        {E, F, F},
        {F, E, F},
        {S, S, S},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct check_results a = {0}, b = {0};
        add_result(&a, "x", 10, rows[i].first, STAGE_NOW);
        free(add_result(&b, "x", 10, rows[i].later, STAGE_NOW)->evidence.asked);
        b.items[0].evidence.asked = xstrdup("later");
        check_results_merge(&a, &b);
        cr_assert_eq(a.items[0].verdict, rows[i].merged, "row %zu", i);
        cr_assert_eq(b.n, 0);
        check_results_free(&a);
    }
}

Test(score, points_as_people_write_them)
{
    static const struct {
        double points;
        const char *text;
    } rows[] = {{40, "40"}, {12.5, "12.5"}, {33.333333, "33.33"}, {0, "0"}, {-0.0001, "0"},
        {100, "100"}, {0.1 + 0.2, "0.3"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *s = format_points(rows[i].points);
        cr_assert_str_eq(s, rows[i].text);
    }
}

/* Both columns are kept, whichever result stands; a check in both counts in both. */
Test(score, of_each_stage)
{
    _score_report_ struct score_report r = {.pass_mark = 70};
    add_result(&r.checks, "now", 50, P, STAGE_NOW);
    add_result(&r.checks, "both", 30, P, STAGE_THROUGHOUT)->after = S;
    add_result(&r.checks, "after", 20, S, STAGE_AFTER_REBOOT);
    score_compute(&r);
    cr_assert_float_eq(r.now.earned, 80, 1e-9);
    cr_assert_float_eq(r.after.possible, 0, 1e-9);
    struct check_results later = {0};
    add_result(&later, "now", 50, S, STAGE_NOW)->now = S;
    add_result(&later, "both", 30, F, STAGE_THROUGHOUT)->now = S;
    add_result(&later, "after", 20, E, STAGE_AFTER_REBOOT);
    check_results_merge(&r.checks, &later);
    score_compute(&r);
    cr_assert_eq(r.checks.items[1].now, P);
    cr_assert_eq(r.checks.items[1].after, F);
    cr_assert_eq(r.checks.items[1].verdict, F);
    cr_assert_eq(r.checks.items[2].now, S);
    cr_assert_eq(r.checks.items[2].after, E);
    cr_assert_float_eq(r.now.earned, 80, 1e-9);
    cr_assert_float_eq(r.now.possible, 80, 1e-9);
    cr_assert_float_eq(r.after.earned, 0, 1e-9);
    cr_assert_float_eq(r.after.judged, 30, 1e-9);
    cr_assert_float_eq(r.after.possible, 50, 1e-9);
}
