/* JUnit XML in the form that Ant and Jenkins share: a suite of guards and one of checks; a failed
 * check is a failure, one that could not be judged an error, one not due is skipped. */
#include "graders/report/junit_writer.h"
#include "graders/report/report.h"

static void property_points(struct junit *j, const char *name, double points)
{
    _free_ char *s = format_points(points);
    junit_property(j, name, s);
}

static size_t count(const struct check_results *r, enum verdict v)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->items[i].verdict == v;
    return n;
}

static void finding(struct junit *j, const struct check_result *c, const char *element)
{
    const struct evidence *e = &c->evidence;
    const char *seen = e->seen ? e->seen : "";
    _free_ char *text = xasprintf("node: %s\nasked: %s\nexpected: %s\nseen: %s\n", c->node,
        e->asked ? e->asked : "", e->expected ? e->expected : "", seen);
    junit_finding(j, element, verdict_name(c->verdict), seen, text);
}

static void testcase(
    struct junit *j, const struct score_report *r, const struct check_result *c, bool guard)
{
    _free_ char *class = xasprintf("labrun.%s.%s", r->scenario,
        guard          ? "guard"
            : c->skill ? c->skill
                       : "none");
    junit_case_begin(j, class, c->id, c->duration_ms);
    if (c->verdict == VERDICT_SKIPPED)
        junit_finding(j, "skipped", NULL, "not due in this grading", NULL);
    if (c->verdict == VERDICT_FAIL)
        finding(j, c, "failure");
    if (c->verdict == VERDICT_ERROR)
        finding(j, c, "error");
    junit_case_end(j);
}

/* Points are properties of the suite, one a check: a test case has no properties in the schema. */
static void properties(
    struct junit *j, const struct score_report *r, const struct check_results *results, bool guards)
{
    if (!guards) {
        property_points(j, "score", r->score);
        property_points(j, "max", r->max);
        property_points(j, "percent", r->percent);
        junit_property(j, "passed", r->passed ? "true" : "false");
        junit_property(j, "gradable", r->gradable ? "true" : "false");
        junit_property(j, "scenario_digest", r->digest);
    }
    for (size_t i = 0; i < results->n; i++) {
        const struct check_result *c = &results->items[i];
        _free_ char *worth = xasprintf("%s.%s", c->id, guards ? "caps" : "points");
        _free_ char *earned = xasprintf("%s.earned", c->id);
        property_points(j, worth, guards ? c->caps : c->points);
        if (!guards)
            property_points(j, earned, c->earned);
    }
    junit_properties_end(j);
}

static void suite(struct junit *j, const struct score_report *r, const char *name,
    const struct check_results *results, bool guards)
{
    struct junit_suite s = {.name = name,
        .host = r->lab,
        .wall_ms = r->graded_ms,
        .tests = results->n,
        .failures = count(results, VERDICT_FAIL),
        .errors = count(results, VERDICT_ERROR),
        .skipped = count(results, VERDICT_SKIPPED)};
    for (size_t i = 0; i < results->n; i++)
        s.duration_ms += results->items[i].duration_ms;
    junit_suite_begin(j, &s);
    properties(j, r, results, guards);
    for (size_t i = 0; i < results->n; i++)
        testcase(j, r, &results->items[i], guards);
    junit_suite_end(j);
}

char *report_junit(const struct score_report *r)
{
    struct junit j;
    junit_begin(&j);
    _free_ char *guards = xasprintf("%s guards", r->scenario);
    if (r->guards.n > 0)
        suite(&j, r, guards, &r->guards, true);
    suite(&j, r, r->scenario, &r->checks, false);
    return junit_end(&j);
}
