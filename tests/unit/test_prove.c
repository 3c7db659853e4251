/* What a proof declares of each branch, held against grades made by hand: every way of going red.
 */
#include "prove/prove.h"
#include "util/fs.h"
#include "util/proc.h"
#include <criterion/criterion.h>

/* Two checks, one guard, one fault, a solution of two steps, one cheat. */
static struct scenario *demo(void)
{
    struct scenario *sc = xnew(struct scenario);
    sc->name = xstrdup("demo");
    sc->pass_mark = 70;
    for (int i = 0; i < 2; i++) {
        struct check *c = array_append(sc->checks.items, sc->checks.n);
        c->id = xstrdup(i ? "second" : "first");
        c->points = 50;
    }
    struct check *guard = array_append(sc->guards.items, sc->guards.n);
    guard->id = xstrdup("data");
    struct fault *f = array_append(sc->faults, sc->n_faults);
    f->id = xstrdup("f");
    struct solution *s = array_append(sc->solutions, sc->n_solutions);
    s->id = xstrdup("ref");
    for (int i = 0; i < 2; i++)
        array_append(s->steps.items, s->steps.n)->script = xasprintf("solutions/%d.sh", i + 1);
    struct cheat *cheat = array_append(sc->cheats, sc->n_cheats);
    cheat->id = xstrdup("trick");
    cheat->max_percent = 50;
    strv_add(&cheat->must_fail, "first");
    sc->baseline.given = true;
    strv_add(&sc->baseline.fails, "first");
    return sc;
}

static void judged(struct check_results *list, const char *id, double points, enum verdict v)
{
    struct check_result *r = array_append(list->items, list->n);
    *r = (struct check_result){.id = xstrdup(id),
        .title = xstrdup(id),
        .node = xstrdup("n"),
        .points = points,
        .caps = 0,
        .verdict = v,
        .now = v,
        .after = VERDICT_SKIPPED};
}

/* Verdicts of first, second and the guard, and whether the branch is then proven. */
static char *verdict_of(
    enum branch_kind kind, enum verdict first, enum verdict second, enum verdict guard)
{
    struct scenario *sc = demo();
    _score_report_ struct score_report r = {.pass_mark = 70};
    judged(&r.checks, "first", 50, first);
    judged(&r.checks, "second", 50, second);
    judged(&r.guards, "data", 0, guard);
    score_compute(&r);
    struct branch b = {.name = (char *)"b", .kind = kind};
    char *why;
    branch_judge(sc, &b, &r, &why);
    scenario_free(sc);
    return why;
}

#define P VERDICT_PASS
#define F VERDICT_FAIL
#define E VERDICT_ERROR

static const struct {
    enum branch_kind kind;
    enum verdict first, second, guard;
    const char *why; /* part of it; NULL: proven */
} rows[] = {
    {BRANCH_HEALTHY, P, P, P, NULL},
    {BRANCH_HEALTHY, P, F, P, "'second' is fail where it should pass"},
    {BRANCH_HEALTHY, P, P, F, "'data' is fail where it should pass"},
    {BRANCH_HEALTHY, P, E, P, "'second' is error where it should be told"},
    {BRANCH_FAULT, F, P, P, NULL},
    {BRANCH_FAULT, P, P, F, NULL},
    {BRANCH_FAULT, P, P, P, "noticed by no check and no guard"},
    {BRANCH_BROKEN, F, P, P, NULL},
    {BRANCH_BROKEN, F, F, P, "'second' is fail where it should pass"},
    {BRANCH_BROKEN, P, P, P, "'first' is pass where it should fail"},
    {BRANCH_BROKEN, F, P, F, "'data' is fail where it should pass"},
    {BRANCH_IDLE, P, P, P, "'first' is pass where it should fail"},
    {BRANCH_SOLUTION, P, P, P, NULL},
    {BRANCH_SOLUTION, F, P, P, "'first' is fail where it should pass"},
    {BRANCH_PARTIAL, F, P, P, NULL},
    {BRANCH_PARTIAL, P, P, P, "full marks without its step 1 ('solutions/1.sh')"},
    {BRANCH_CHEAT, F, P, P, NULL},
    {BRANCH_CHEAT, P, P, P, "gets 100.0 %, more than its 50.0 %"},
    {BRANCH_CHEAT, P, F, P, "'first' is pass where it should fail"},
    {BRANCH_CHEAT, E, F, P, "'first' is error where it should be told"},
};

Test(prove, goes_red_for_the_right_reason)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        _free_ char *why = verdict_of(rows[i].kind, rows[i].first, rows[i].second, rows[i].guard);
        if (!rows[i].why)
            cr_assert_null(why, "row %zu: %s", i, why);
        else
            cr_assert(why && strstr(why, rows[i].why), "row %zu: %s", i, why ? why : "proven");
    }
}

/* Broken until somebody boots it: in the worse of the two verdicts nothing would be seen of that.
 */
/* A scenario of which all that is broken shows at the next boot: until then the lab is as it should
 * be, and whoever hands it in as it is does not pass all the same. */
Test(prove, what_is_broken_may_show_at_the_next_boot_alone)
{
    for (int cut = 0; cut < 2; cut++) {
        struct scenario *sc = demo();
        _score_report_ struct score_report r = {.pass_mark = 40};
        judged(&r.checks, "first", 50, cut ? P : VERDICT_SKIPPED);
        judged(&r.checks, "second", 50, P);
        if (cut) { /* the last grade is complete, and a fault that does not last is none */
            r.checks.items[0].verdict = F;
            r.checks.items[0].now = VERDICT_SKIPPED;
            r.checks.items[0].after = F;
        }
        score_compute(&r);
        cr_expect(r.passed && r.complete == (cut == 1));
        struct branch b = {.name = (char *)"b", .kind = cut ? BRANCH_BROKEN : BRANCH_IDLE};
        _free_ char *why = NULL;
        branch_judge(sc, &b, &r, &why);
        if (cut)
            cr_expect(why && strstr(why, "passes as it is"), "%s", why ? why : "proven");
        else
            cr_expect_null(why, "%s", why);
        scenario_free(sc);
    }
}

Test(prove, a_power_cut_must_not_mend)
{
    struct scenario *sc = demo();
    _score_report_ struct score_report r = {.pass_mark = 70};
    judged(&r.checks, "first", 50, F);
    judged(&r.checks, "second", 50, P);
    r.checks.items[0].after = P;
    r.checks.items[1].after = P;
    score_compute(&r);
    struct branch b = {.name = (char *)"b", .kind = BRANCH_BROKEN};
    _free_ char *why = NULL;
    branch_judge(sc, &b, &r, &why);
    cr_assert_str_eq(why, "'first' is fail, and pass after the power cut, where it should fail");
    scenario_free(sc);
}

Test(prove, plans_every_branch)
{
    static const char *const names[] = {"healthy", "fault/f", "broken", "idle", "twice",
        "solution/ref", "solution/ref/without-1", "solution/ref/without-2", "cheat/trick"};
    struct scenario *sc = demo();
    struct branches b;
    prove_plan(sc, &b);
    cr_assert_eq(b.n, sizeof names / sizeof *names);
    for (size_t i = 0; i < b.n; i++)
        cr_assert_str_eq(b.items[i].name, names[i]);
    branches_free(&b);
    scenario_free(sc);
}

/* What a branch saw comes from guests. */
Test(prove, junit_is_as_the_schema_says)
{
    struct branch branches[3] = {
        {.name = "healthy"}, {.name = "fault/f"}, {.name = "cheat/\x1b[1m<&\""}};
    struct branch_result results[3] = {{.verdict = BRANCH_PROVEN, .duration_ms = 1500},
        {.verdict = BRANCH_REFUTED, .why = "a\x01\x1b[31m ]]> <b> \xff"},
        {.verdict = BRANCH_NOT_RUN, .why = NULL}};
    struct proof proofs[2] = {{.scenario = "demo",
                                  .driver = "lxc",
                                  .branches = {branches, 3},
                                  .results = results,
                                  .n_refuted = 1,
                                  .n_not_run = 1,
                                  .began_wall_ms = 1795510800000},
        {.scenario = "other", .driver = "lxc"}};
    _free_ char *text = prove_junit(proofs, 2);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char dir[] = "/tmp/labrun-prove-XXXXXX";
    cr_assert(mkdtemp(dir));
    _free_ char *path = path_join(dir, "proof.xml");
    cr_assert(file_write_atomic(path, text, strlen(text), 0644, &err), "%s", err.message);
    const char *argv[] = {
        "xmllint", "--noout", "--schema", TEST_DATA "/data/junit.xsd", path, NULL};
    _proc_result_ struct proc_result res = {0};
    struct proc_opts opts = {.deadline = deadline_in(60000)};
    cr_assert(proc_run(argv, &opts, &res, &err), "%s", err.message);
    cr_expect_eq(res.status, 0, "%s\n%s", res.output, text);
    cr_expect_not_null(strstr(text, "failures=\"1\" errors=\"1\""));
    cr_assert(tree_remove(dir, &err), "%s", err.message);
}

Test(prove, reports_name_the_seed)
{
    struct branch branch = {.name = (char *)"healthy"};
    struct branch_result result = {.verdict = BRANCH_PROVEN};
    struct proof proofs[2] = {{.scenario = (char *)"tiny", .driver = (char *)"lxc"},
        {.scenario = (char *)"varied", .driver = (char *)"lxc"}};
    proofs[0].branches = proofs[1].branches = (struct branches){&branch, 1};
    proofs[0].results = proofs[1].results = &result;
    proofs[1].draw = json_pack("{s:i, s:{s:s}}", "seed", 12, "parameters", "home", "left");
    _free_ char *junit = prove_junit(proofs, 2);
    cr_expect_not_null(strstr(junit, "<testsuite name=\"tiny\" "), "%s", junit);
    cr_expect_not_null(strstr(junit, "<testsuite name=\"varied seed 12\" "), "%s", junit);
    cr_expect_not_null(strstr(junit, "classname=\"varied seed 12\""), "%s", junit);
    _json_ json_t *j = prove_json(&proofs[1]);
    cr_expect(json_equal(json_object_get(j, "draw"), proofs[1].draw));
    json_decref(proofs[1].draw);
}
