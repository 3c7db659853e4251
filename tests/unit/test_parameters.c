/* Parameters in a scenario: where their values go, what scripts are given, and what a stage is
 * addressed by. */
#include "plan/plan.h"
#include "stage/stage.h"
#include "tests/unit/scenario_kinds.h"
#include "util/fs.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <sys/stat.h>

#define DATA TEST_DATA "/data/scenarios"

static char dir[] = "/tmp/labrun-parameters-XXXXXX";
static char *lab;

static void setup(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(mkdtemp(dir));
    lab = path_join(dir, "lab");
    const char *const argv[] = {"cp", "-a", DATA "/base", lab, NULL};
    cr_assert(proc_check(argv, &(struct proc_opts){0}, &err), "%s", err.message);
    _free_ char *target = path_join(lab, "scenario.yaml");
    const char *const copy[] = {"cp", DATA "/good/parameters.yaml", target, NULL};
    cr_assert(proc_check(copy, &(struct proc_opts){0}, &err), "%s", err.message);
}

static void teardown(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(tree_remove(dir, &err));
    free(lab);
}

TestSuite(parameters, .init = setup, .fini = teardown);

static void put(const char *name, const char *text, mode_t mode)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *path = path_join(lab, name);
    cr_assert(file_write_atomic(path, text, strlen(text), mode, &err), "%s", err.message);
}

static struct scenario *load(int64_t seed)
{
    struct scenario_opts opts = {
        .kinds = test_kinds, .n_kinds = N_FIELDS(test_kinds), .seed = seed};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _problems_ struct problems problems = {0};
    problems_init(&problems, "F");
    struct scenario *sc = NULL;
    bool ok = scenario_load(lab, &opts, &problems, &sc, &err);
    _free_ char *text = problems_text(&problems);
    cr_assert(ok, "seed %lld: %s", (long long)seed, text);
    return sc;
}

static const char *value(const struct scenario *sc, const char *name)
{
    const char *v = scenario_parameter(sc, name);
    cr_assert_not_null(v, "%s", name);
    return v;
}

Test(parameters, the_variant_is_the_remainder_of_the_seed)
{
    for (int64_t seed = 0; seed < 5; seed++) {
        _scenario_ struct scenario *a = load(seed), *b = load(seed + 5000000000005);
        cr_assert_eq(a->variants, 5);
        cr_assert_eq(a->variant, seed);
        cr_assert_eq(b->variant, seed);
        cr_assert_eq(b->seed, seed + 5000000000005);
        for (size_t i = 0; i < a->n_parameters; i++)
            cr_expect_str_eq(a->parameters[i].value, b->parameters[i].value);
    }
}

static void stand_where_they_should(const struct scenario *sc)
{
    int victim = scenario_node(sc, value(sc, "victim"));
    cr_assert_geq(victim, 0);
    cr_expect_eq(sc->healthy.items[0].node, (size_t)victim);
    _free_ char *timeout = xasprintf("%lld", (long long)sc->healthy.items[0].timeout_ms / 1000);
    cr_expect_str_eq(timeout, value(sc, "seconds"));
    cr_expect_eq(sc->faults[0].steps.items[0].node, (size_t)victim);
    _free_ char *title = xasprintf("At %s", value(sc, "victim"));
    _free_ char *script = xasprintf("faults/%s.sh", value(sc, "script"));
    cr_expect_str_eq(sc->faults[0].title, title);
    cr_expect_str_eq(sc->faults[0].steps.items[0].script, script);
    _free_ char *hint = xasprintf("Not %s, not %s: %s %s", value(sc, "other"), value(sc, "third"),
        value(sc, "text"), value(sc, "secret"));
    cr_expect_str_eq(sc->hints[0].text, hint);
    _free_ char *address = xasprintf("%s/24", value(sc, "address"));
    cr_expect_str_eq(sc->nodes[0].nics[0].addresses[0].text, address);
    cr_expect_eq(sc->networks[0].mtu, atoll(value(sc, "mtu")));
    cr_expect_str_eq(sc->checks.items[0].title, value(sc, "word"));
    const struct test_command *c = sc->checks.items[0].probe.params;
    cr_expect_eq(c->expect.exit, victim + 1);
    const struct test_command *r = sc->ready.broken.items[0].probe.params;
    cr_expect_str_eq(r->run.items[1], value(sc, "text"));
    cr_expect_str_eq(r->run.items[2], "${x}");
    cr_expect_str_eq(r->run.items[3], "$${word}");
    cr_expect_str_eq(sc->title, "What differs is drawn, and ${this} is not");
}

Test(parameters, values_stand_wherever_the_file_says_so)
{
    for (int64_t seed = 0; seed < 5; seed++) {
        _scenario_ struct scenario *sc = load(seed);
        stand_where_they_should(sc);
    }
}

Test(parameters, the_briefing_has_them_too)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    put("briefing.md", "# On ${victim}\n$${victim} is `${word}`.\n", 0644);
    _scenario_ struct scenario *sc = load(1);
    _free_ char *text = NULL;
    cr_assert(scenario_briefing(sc, &text, &err));
    _free_ char *expected =
        xasprintf("# On %s\n${victim} is `%s`.\n", value(sc, "victim"), value(sc, "word"));
    cr_expect_str_eq(text, expected);
}

static char *findings(bool all_variants)
{
    struct scenario_opts opts = {.kinds = test_kinds, .n_kinds = N_FIELDS(test_kinds)};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _problems_ struct problems problems = {0};
    problems_init(&problems, "F");
    _scenario_ struct scenario *sc = NULL;
    if (scenario_load(lab, &opts, &problems, &sc, &err) && all_variants)
        cr_assert(scenario_check_variants(sc, &opts, &problems, &err), "%s", err.message);
    return problems_text(&problems);
}

Test(parameters, a_briefing_that_names_none_is_found_with_its_line)
{
    put("briefing.md", "# A page\n\nAsk ${vctim}.\n", 0644);
    _free_ char *text = findings(false);
    cr_expect_str_eq(text,
        "F:1:1: briefing.md, line 3: unknown parameter '${vctim}': did you mean '${victim}'?\n");
}

Test(parameters, what_is_wrong_in_some_variants_only_is_found)
{
    put("scenario.yaml",
        "labrun: 1\ntitle: t\ndifficulty: junior\ntime_limit: 1m\nimage: base\n"
        "parameters: {script: {choice: [break, none]}}\n"
        "networks: {lan: {}}\nnodes: {one: {networks: {lan: []}}}\nchecks:\n"
        "- {id: x, title: t, skill: s, points: 100, node: one, probe: {command: {run: x}}}\n"
        "faults:\n- {id: f, skill: s, node: one, script: \"faults/${script}.sh\"}\n",
        0644);
    static const char first[] = "F:12:40: script 'faults/none.sh' does not exist\n";
    static const char second[] = "F:12:40: in variant 1: script 'faults/none.sh' does not exist\n";
    _free_ char *one = findings(false);
    _free_ char *all = findings(true);
    cr_expect_str_eq(all, *one ? first : second);
    cr_expect(*all);
}

Test(parameters, a_script_is_given_what_it_names_and_no_more)
{
    static const char text[] = "#!/bin/sh\necho $LABRUN_PARAM_WORD ${LABRUN_PARAM_VICTIM}x "
                               "$LABRUN_PARAM_WORD $LABRUN_PARAM_TEXTS";
    _scenario_ struct scenario *sc = load(0);
    _strv_ struct strv given = STRV_INIT;
    scenario_script_parameters(sc, text, sizeof text - 1, &given);
    cr_assert_eq(given.n, 2);
    _free_ char *word = xasprintf("LABRUN_PARAM_WORD=%s", value(sc, "word"));
    _free_ char *victim = xasprintf("LABRUN_PARAM_VICTIM=%s", value(sc, "victim"));
    cr_expect_str_eq(given.items[0], word);
    cr_expect_str_eq(given.items[1], victim);
    strv_free(&given);
    scenario_script_parameters(sc, text, 20, &given);
    cr_expect_eq(given.n, 0, "a name that is cut off is none");
}

static bool no_part(struct driver *d, struct hasher *h, struct lr_error *err)
{
    (void)d;
    (void)h;
    (void)err;
    return true;
}

static struct stage_keys keys_of(const struct scenario *sc)
{
    static const struct driver_ops ops = {.name = "test", .stage_key = no_part};
    static const char *const images[] = {"image", "image", "image"};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _plan_ struct plan *p = plan_make(sc, "/state", "key");
    _scripts_ struct scripts scripts = {0};
    struct stage_keys keys = {0};
    const struct stage_source src = {
        .scenario = sc, .plan = p, .image_keys = images, .ops = &ops, .scripts = &scripts};
    cr_assert(stage_keys_make(&src, &keys, &err), "%s", err.message);
    return keys;
}

/* The keys of variants 0 and 1 of a scenario whose healthy and faulty scripts say this. */
static void keys_with(
    const char *healthy, const char *fault, bool *ret_same_healthy, bool *ret_same_broken)
{
    put("scenario.yaml",
        "labrun: 1\ntitle: t\ndifficulty: junior\ntime_limit: 1m\nimage: base\nvariants: 2\n"
        "parameters: {a: {hex: 8}, b: {hex: 8}}\n"
        "networks: {lan: {}}\nnodes: {one: {networks: {lan: []}}}\nchecks:\n"
        "- {id: x, title: \"${a}\", skill: s, points: 100, node: one, probe: {command: {run: x}}}\n"
        "healthy:\n- {node: one, script: healthy/up.sh}\n"
        "faults:\n- {id: f, skill: s, node: one, script: faults/break.sh}\n",
        0644);
    put("healthy/up.sh", healthy, 0755);
    put("faults/break.sh", fault, 0755);
    _scenario_ struct scenario *zero = load(0), *one = load(1);
    _stage_keys_ struct stage_keys a = keys_of(zero), b = keys_of(one);
    *ret_same_healthy = streq(a.healthy, b.healthy);
    *ret_same_broken = streq(a.broken, b.broken);
}

Test(parameters, a_stage_is_of_the_values_that_went_into_it)
{
    bool healthy, broken;
    keys_with("#!/bin/sh\n", "#!/bin/sh\n", &healthy, &broken);
    cr_expect(healthy && broken, "nothing of a stage names a parameter: one stage for all");
    keys_with("#!/bin/sh\n", "#!/bin/sh\necho $LABRUN_PARAM_A\n", &healthy, &broken);
    cr_expect(healthy && !broken, "only the fault does: the healthy stage is shared");
    keys_with("#!/bin/sh\necho $LABRUN_PARAM_B\n", "#!/bin/sh\n", &healthy, &broken);
    cr_expect(!healthy && !broken);
}

Test(parameters, the_draw_as_json_has_seed_and_values)
{
    _scenario_ struct scenario *sc = load(12);
    _json_ json_t *j = scenario_draw_json(sc);
    cr_expect_eq(json_integer_value(json_object_get(j, "seed")), 12);
    cr_expect_eq(json_integer_value(json_object_get(j, "variant")), 2);
    cr_expect_eq(json_integer_value(json_object_get(j, "variants")), 5);
    const json_t *values = json_object_get(j, "parameters");
    cr_expect_eq(json_object_size(values), sc->n_parameters);
    cr_expect_str_eq(json_string_value(json_object_get(values, "word")), value(sc, "word"));
}
