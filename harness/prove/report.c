#include "graders/report/junit_writer.h"
#include "prove/prove.h"

static const char *const verdict_names[] = {
    [BRANCH_PROVEN] = "proven",
    [BRANCH_REFUTED] = "refuted",
    [BRANCH_NOT_RUN] = "error",
};

static json_t *branch_json(const struct branch *b, const struct branch_result *r)
{
    return json_pack("{s:s, s:s, s:I, s:f, s:s*, s:s*}", "branch", b->name, "verdict",
        verdict_names[r->verdict], "duration_ms", (json_int_t)r->duration_ms, "percent",
        r->report.percent, "why", r->why, "kept_in", r->kept_in);
}

json_t *prove_json(const struct proof *p)
{
    json_t *branches = json_array();
    for (size_t i = 0; i < p->branches.n; i++)
        json_array_append_new(branches, branch_json(&p->branches.items[i], &p->results[i]));
    return json_pack("{s:s, s:s, s:O*, s:b, s:o}", "scenario", p->scenario, "driver", p->driver,
        "draw", p->draw, "proven", p->n_refuted + p->n_not_run == 0, "branches", branches);
}

static char *suite_name(const struct proof *p)
{
    json_int_t seed = json_integer_value(json_object_get(p->draw, "seed"));
    return p->draw ? xasprintf("%s seed %lld", p->scenario, (long long)seed) : xstrdup(p->scenario);
}

static void test_case(struct junit *j, const struct proof *p, size_t i)
{
    const struct branch_result *r = &p->results[i];
    _free_ char *name = suite_name(p);
    junit_case_begin(j, name, p->branches.items[i].name, r->duration_ms);
    if (r->verdict != BRANCH_PROVEN)
        junit_finding(j, r->verdict == BRANCH_REFUTED ? "failure" : "error",
            verdict_names[r->verdict],
            r->verdict == BRANCH_REFUTED ? "refuted" : "could not be run", r->why ? r->why : "");
    junit_case_end(j);
}

static void suite(struct junit *j, const struct proof *p)
{
    _free_ char *name = suite_name(p);
    struct junit_suite s = {.name = name,
        .wall_ms = p->began_wall_ms,
        .tests = p->branches.n,
        .failures = p->n_refuted,
        .errors = p->n_not_run};
    for (size_t i = 0; i < p->branches.n; i++)
        s.duration_ms += p->results[i].duration_ms;
    junit_suite_begin(j, &s);
    junit_property(j, "driver", p->driver);
    junit_properties_end(j);
    for (size_t i = 0; i < p->branches.n; i++)
        test_case(j, p, i);
    junit_suite_end(j);
}

char *prove_junit(const struct proof *proofs, size_t n)
{
    struct junit j;
    junit_begin(&j);
    for (size_t i = 0; i < n; i++)
        suite(&j, &proofs[i]);
    return junit_end(&j);
}
