/* Scenario files, good and bad, as they stand under tests/data/scenarios: adding a case is adding
 * files. good/NAME.yaml must load; bad/NAME.yaml must be refused with exactly the findings in
 * bad/NAME.expected (its first line is for tests/schema). Both are read in a copy of base/, as its
 * scenario.yaml. folders/NAME is a whole folder with its expected.txt. LABRUN_TEST_BLESS=1 writes
 * the findings instead of comparing them. */
#include "tests/unit/scenario_kinds.h"
#include "util/fs.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <sys/stat.h>

#define DATA TEST_DATA "/data/scenarios"

static char *image_names[] = {"base", "mini", "other"};
static const struct strv images = {.items = image_names, .n = 3};
static const struct scenario_opts opts = {
    .kinds = test_kinds, .n_kinds = N_FIELDS(test_kinds), .images = &images};

/* A scratch folder with a copy of base/ in it as lab/; gone at the end of the scope. */
struct scratch {
    char dir[32];
    char *lab;
};

static void scratch_end(struct scratch *s)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(tree_remove(s->dir, &err), "%s", err.message);
    free(s->lab);
}

static struct scratch scratch_make(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct scratch s = {.dir = "/tmp/labrun-test-XXXXXX"};
    cr_assert(mkdtemp(s.dir));
    s.lab = path_join(s.dir, "lab");
    const char *const argv[] = {"cp", "-a", DATA "/base", s.lab, NULL};
    cr_assert(proc_check(argv, &(struct proc_opts){0}, &err), "%s", err.message);
    return s;
}
#define _scratch_ _cleanup_(scratch_end)

static char *slurp(const char *path)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char *text;
    cr_assert(file_read(path, 4 << 20, &text, NULL, &err), "%s", err.message);
    return text;
}

static void put(const char *path, const char *text)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(file_write_atomic(path, text, strlen(text), 0644, &err), "%s", err.message);
}

static void put_scenario(const struct scratch *s, const char *text)
{
    _free_ char *path = path_join(s->lab, "scenario.yaml");
    put(path, text);
}

/* Loads DIR; the findings as "line:col: message" lines, owned. *ret is NULL when there are any. */
static char *findings(const char *dir, const struct scenario_opts *o, struct scenario **ret)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _problems_ struct problems problems = {0};
    problems_init(&problems, "F");
    *ret = NULL;
    bool done = scenario_load(dir, o, &problems, ret, &err);
    cr_assert_eq(err.code, LR_OK, "%s: %s", dir, err.message ? err.message : "");
    cr_assert_eq(done, problems.n == 0);
    cr_assert_eq(done, *ret != NULL);
    _free_ char *text = problems_text(&problems);
    struct strbuf b = STRBUF_INIT;
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n") + 1;
        cr_assert(has_prefix(line, "F:"));
        strbuf_add(&b, line + 2, len - 2);
        line += len;
    }
    return strbuf_steal(&b);
}

/* TEXT with "DIR" for each time that FOLDER's absolute path stands in it; owned. */
static char *without_folder(const char *text, const char *folder)
{
    _free_ char *real = realpath(folder, NULL);
    struct strbuf b = STRBUF_INIT;
    const char *p = text;
    for (const char *hit; (hit = strstr(p, real)); p = hit + strlen(real)) {
        strbuf_add(&b, p, (size_t)(hit - p));
        strbuf_adds(&b, "DIR");
    }
    strbuf_adds(&b, p);
    return strbuf_steal(&b);
}

/* What DIR's findings are must be what FILE says after its first SKIP lines. */
static void compare(const char *dir, const char *file, int skip)
{
    _scenario_ struct scenario *sc = NULL;
    _free_ char *all = findings(dir, &opts, &sc);
    _free_ char *seen = without_folder(all, dir);
    _free_ char *want = slurp(file);
    char *body = want;
    for (int i = 0; i < skip; i++)
        body += strcspn(body, "\n") + 1;
    if (getenv("LABRUN_TEST_BLESS")) {
        _free_ char *text = xasprintf("%.*s%s", (int)(body - want), want, seen);
        put(file, text);
        return;
    }
    cr_expect_str_eq(seen, body, "%s\n--- seen:\n%s--- expected:\n%s", file, seen, body);
    cr_expect(*seen, "%s: nothing was found", file);
}

static bool has_suffix(const char *s, const char *suffix)
{
    size_t len = strlen(s), tail = strlen(suffix);
    return len > tail && streq(s + len - tail, suffix);
}

/* Calls DO for each NAME.yaml of a folder; fails when there are fewer than MIN. */
static void each_file(
    const char *dir, size_t min, void (*fn)(const struct scratch *s, const char *stem))
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv names = STRV_INIT;
    _scratch_ struct scratch s = scratch_make();
    size_t n = 0;
    cr_assert(dir_list(dir, &names, &err));
    for (size_t i = 0; i < names.n; i++) {
        if (!has_suffix(names.items[i], ".yaml"))
            continue;
        _free_ char *stem =
            xasprintf("%s/%.*s", dir, (int)strlen(names.items[i]) - 5, names.items[i]);
        _free_ char *from = xasprintf("%s.yaml", stem);
        _free_ char *text = slurp(from);
        put_scenario(&s, text);
        fn(&s, stem);
        n++;
    }
    cr_assert_geq(n, min, "%s: only %zu cases", dir, n);
}

static void must_be_refused(const struct scratch *s, const char *stem)
{
    _free_ char *expected = xasprintf("%s.expected", stem);
    compare(s->lab, expected, 1);
}

Test(scenario, bad_files_are_refused_with_what_is_wrong)
{
    each_file(DATA "/bad", 60, must_be_refused);
}

static void must_load(const struct scratch *s, const char *stem)
{
    _scenario_ struct scenario *sc = NULL;
    _free_ char *seen = findings(s->lab, &opts, &sc);
    cr_expect_str_eq(seen, "", "%s.yaml: %s", stem, seen);
}

Test(scenario, good_files_load)
{
    each_file(DATA "/good", 3, must_load);
}

Test(scenario, bad_folders_are_refused_with_what_is_wrong)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv names = STRV_INIT;
    cr_assert(dir_list(DATA "/folders", &names, &err));
    cr_assert_geq(names.n, 5);
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *dir = path_join(DATA "/folders", names.items[i]);
        _free_ char *expected = path_join(dir, "expected.txt");
        compare(dir, expected, 0);
    }
}

static struct scenario *load(const struct scratch *s, const char *good)
{
    _free_ char *from = xasprintf("%s/good/%s.yaml", DATA, good);
    _free_ char *text = slurp(from);
    put_scenario(s, text);
    struct scenario *sc;
    _free_ char *seen = findings(s->lab, &opts, &sc);
    cr_assert_str_eq(seen, "");
    return sc;
}

Test(scenario, the_head_and_the_nodes_are_read)
{
    _scratch_ struct scratch s = scratch_make();
    _scenario_ struct scenario *sc = load(&s, "full");
    cr_assert_str_eq(sc->name, "lab");
    cr_assert_str_eq(sc->dir, s.lab);
    cr_assert_str_eq(sc->title, "A storage cluster that lost its redundancy overnight");
    cr_assert(has_prefix(sc->summary, "Three storage nodes"));
    cr_assert_eq(sc->difficulty, DIFFICULTY_INTERMEDIATE);
    cr_assert_eq(sc->time_limit_ms, 45 * 60 * 1000);
    cr_assert_eq(sc->pass_mark, 60);
    cr_assert_str_eq(sc->image, "base");
    cr_assert_eq(sc->needs.n, 2);
    cr_assert_eq(sc->n_networks, 2);
    cr_assert_eq(sc->networks[0].mtu, 1500);
    cr_assert_eq(sc->networks[1].mtu, 9000);
    cr_assert_eq(sc->n_nodes, 3);
    const struct node *ceph1 = &sc->nodes[0], *client = &sc->nodes[2];
    cr_assert_eq(ceph1->memory_mib, 1024);
    cr_assert_eq(ceph1->vcpus, 2);
    cr_assert_eq(ceph1->n_disks, 2);
    cr_assert_eq(ceph1->disks_mib[0], 8192);
    cr_assert_eq(ceph1->disks_mib[1], 512);
    cr_assert_str_eq(ceph1->image, "base");
    cr_assert(!ceph1->witness);
    cr_assert_eq(ceph1->n_nics, 2);
    cr_assert_eq(ceph1->nics[1].network, 1);
    cr_assert_str_eq(ceph1->nics[0].addresses[1].text, "fd20::11/64");
    cr_assert(client->witness);
    cr_assert_eq(client->vcpus, 1);
    cr_assert_str_eq(client->image, "other");
    cr_assert_eq(sc->nodes[1].at.line, 19);
    cr_assert_eq(sc->nodes[1].at.col, 3);
    cr_assert_eq(scenario_node(sc, "client"), 2);
    cr_assert_eq(scenario_node(sc, "ceph9"), -1);
}

Test(scenario, checks_and_guards_are_read)
{
    _scratch_ struct scratch s = scratch_make();
    _scenario_ struct scenario *sc = load(&s, "full");
    cr_assert_eq(sc->checks.n, 3);
    const struct check *c = &sc->checks.items[0];
    cr_assert_str_eq(c->id, "redundancy");
    cr_assert_eq(c->points, 40);
    cr_assert_eq(c->node, 2);
    cr_assert_eq(c->when, WHEN_NOW);
    cr_assert_eq(c->within_ms, 120000);
    cr_assert_eq(c->hold_ms, 10000);
    cr_assert_eq(c->timeout_ms, 20000);
    cr_assert_eq((const char *)c->probe.kind, &test_kind_marks[0]);
    cr_assert_str_eq(((struct test_command *)c->probe.params)->script, "checks/io.sh");
    cr_assert_eq(sc->checks.items[1].when, WHEN_THROUGHOUT);
    cr_assert_eq(sc->checks.items[1].points, 30.5);
    cr_assert_eq(sc->checks.items[1].timeout_ms, 30000);
    cr_assert_eq(sc->checks.items[2].when, WHEN_AFTER_REBOOT);
    cr_assert_float_eq(sc->max_points, 100, 1e-9);
    cr_assert_eq(sc->guards.n, 2);
    cr_assert_null(sc->guards.items[0].skill);
    cr_assert_eq(sc->guards.items[0].caps, 0);
    cr_assert_eq(sc->guards.items[1].caps, 50);
    cr_assert_eq(*(int *)sc->guards.items[1].probe.params, 1);
    cr_assert(sc->baseline.given);
    cr_assert_eq(sc->baseline.fails.n, 2);
    cr_assert_str_eq(sc->ready.healthy.items[0].id, "healthy-1");
    cr_assert_str_eq(sc->ready.healthy.items[0].title, "healthy-1");
    cr_assert_str_eq(sc->ready.healthy.items[1].id, "quorum");
    cr_assert_str_eq(sc->ready.broken.items[0].id, "broken-1");
    cr_assert_eq(sc->ready.healthy.items[0].within_ms, 120000);
}

Test(scenario, scripts_are_read)
{
    _scratch_ struct scratch s = scratch_make();
    _scenario_ struct scenario *sc = load(&s, "full");
    cr_assert_eq(sc->healthy.n, 2);
    cr_assert_eq(sc->healthy.items[0].timeout_ms, 600000);
    cr_assert_eq(sc->healthy.items[1].timeout_ms, 300000);
    cr_assert_eq(sc->healthy.items[1].node, 2);
    cr_assert_eq(sc->n_faults, 2);
    cr_assert_eq(sc->faults[0].steps.n, 1);
    cr_assert_str_eq(sc->faults[0].steps.items[0].script, "faults/break.sh");
    cr_assert_null(sc->faults[1].title);
    cr_assert_eq(sc->faults[1].steps.n, 2);
    cr_assert_eq(sc->faults[1].steps.items[1].timeout_ms, 90000);
    cr_assert_eq(sc->n_hints, 2);
    cr_assert_eq(sc->hints[1].cost, 7.5);
    cr_assert(has_suffix(sc->hints[1].text, "let in with.\n"));
    cr_assert_eq(sc->n_solutions, 2);
    cr_assert_eq(sc->solutions[1].steps.items[0].timeout_ms, 3600000);
    cr_assert_eq(sc->n_cheats, 2);
    cr_assert_eq(sc->cheats[0].max_percent, 30);
    cr_assert_eq(sc->cheats[0].must_fail.n, 2);
    cr_assert_lt(sc->cheats[1].max_percent, 60);
    cr_assert_gt(sc->cheats[1].max_percent, 59.9);
}

Test(scenario, what_is_not_said_has_its_default)
{
    _scratch_ struct scratch s = scratch_make();
    _scenario_ struct scenario *sc = load(&s, "minimal");
    cr_assert_eq(sc->pass_mark, 70);
    cr_assert_null(sc->summary);
    cr_assert(!sc->baseline.given);
    cr_assert_eq(sc->nodes[0].memory_mib, 512);
    cr_assert_eq(sc->nodes[0].nics[0].n_addresses, 0);
    cr_assert_eq(sc->checks.items[0].within_ms, 0);
}

Test(scenario, the_digest_covers_every_file)
{
    _scratch_ struct scratch s = scratch_make();
    _scenario_ struct scenario *one = load(&s, "full");
    _scenario_ struct scenario *same = load(&s, "full");
    cr_assert_eq(strlen(one->digest), 64);
    cr_assert_str_eq(one->digest, same->digest);
    _free_ char *path = path_join(s.lab, "faults/break.sh");
    cr_assert_eq(chmod(path, 0755), 0);
    put(path, "#!/bin/sh\nfalse\n");
    cr_assert_eq(chmod(path, 0755), 0);
    _scenario_ struct scenario *other = load(&s, "full");
    cr_assert_str_neq(one->digest, other->digest);
}

/* A scenario of one node and one script, SCRIPT, that uses KITS. */
static void put_with_kits(const struct scratch *s, const char *kits, const char *script)
{
    _free_ char *text = xasprintf(
        "labrun: 1\ntitle: t\ndifficulty: junior\ntime_limit: 1m\nimage: base\n"
        "kits: %s\nnetworks: {lan: {}}\nnodes: {a: {networks: {lan: []}}}\n"
        "healthy:\n- {node: a, script: %s}\nchecks:\n"
        "- {id: x, title: t, skill: s, points: 100, node: a, probe: {command: {run: x}}}\n",
        kits, script);
    put_scenario(s, text);
}

static char *put_kit(const struct scratch *s, const char *text)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = path_join(s->dir, "kits/cluster");
    char *path = path_join(dir, "up.sh");
    cr_assert(dir_make(dir, 0755, &err), "%s", err.message);
    put(path, text);
    cr_assert_eq(chmod(path, 0755), 0);
    return path;
}

Test(scenario, a_kit_is_part_of_the_digest_and_lends_its_scripts)
{
    _scratch_ struct scratch s = scratch_make();
    _free_ char *path = put_kit(&s, "#!/bin/sh\ntrue\n");
    put_with_kits(&s, "[cluster]", "cluster/up.sh");
    _scenario_ struct scenario *one = NULL, *other = NULL;
    _free_ char *seen = findings(s.lab, &opts, &one);
    cr_assert_str_eq(seen, "");
    _free_ char *found = scenario_path(one, one->healthy.items[0].script);
    _free_ char *real = realpath(found, NULL);
    cr_assert_str_eq(real, path);
    _free_ char *own = scenario_path(one, "clusters/up.sh");
    cr_assert(has_prefix(own, s.lab));
    cr_assert_eq(strlen(own), strlen(s.lab) + strlen("/clusters/up.sh"));
    free(put_kit(&s, "#!/bin/sh\nfalse\n"));
    _free_ char *again = findings(s.lab, &opts, &other);
    cr_assert_str_eq(again, "");
    cr_assert_str_neq(one->digest, other->digest);
}

static void kits_refused(
    const struct scratch *s, const char *kits, const char *script, const char *want)
{
    _scenario_ struct scenario *sc = NULL;
    put_with_kits(s, kits, script);
    _free_ char *seen = findings(s->lab, &opts, &sc);
    cr_expect_str_eq(seen, want, "seen:\n%s", seen);
}

Test(scenario, bad_kits_are_refused_with_what_is_wrong)
{
    _scratch_ struct scratch s = scratch_make();
    free(put_kit(&s, "#!/bin/sh\necho $LABRUN_PARAM_WHO\n"));
    kits_refused(&s, "[clutter]", "clutter/up.sh",
        "6:8: there is no kit 'clutter': it would be the folder kits/clutter beside this "
        "scenario's folder\n");
    kits_refused(
        &s, "[cluster]", "cluster/down.sh", "10:21: script 'cluster/down.sh' does not exist\n");
    kits_refused(&s, "[cluster]", "cluster/up.sh",
        "10:21: script 'cluster/up.sh' names LABRUN_PARAM_WHO: there is no such parameter\n");
    kits_refused(
        &s, "[cluster, cluster]", "healthy/up.sh", "6:17: 'kits': 'cluster' is named twice\n");
    kits_refused(&s, "[../lab]", "healthy/up.sh",
        "6:8: 'kits': expected a name of a-z, 0-9 and '-', at most 32 characters, got '../lab'\n");
    _free_ char *own = path_join(s.lab, "cluster");
    cr_assert_eq(mkdir(own, 0755), 0);
    kits_refused(&s, "[cluster]", "healthy/up.sh",
        "6:8: 'cluster' is a kit and also a folder of the scenario: give the folder another "
        "name\n");
}

Test(scenario, without_kinds_every_probe_is_unknown_and_without_images_none_is_looked_for)
{
    _scratch_ struct scratch s = scratch_make();
    put_scenario(&s,
        "labrun: 1\ntitle: t\ndifficulty: junior\ntime_limit: 1m\nimage: nowhere\n"
        "networks: {lan: {}}\nnodes: {a: {networks: {lan: []}}}\nchecks:\n"
        "- {id: x, title: t, skill: s, points: 100, node: a, probe: {ceph: {}}}\n");
    _scenario_ struct scenario *sc = NULL;
    _free_ char *seen = findings(s.lab, &(struct scenario_opts){0}, &sc);
    cr_assert_str_eq(seen, "9:61: unknown probe kind 'ceph'\n");
}

Test(scenario, a_folder_that_is_not_there_is_an_error_and_no_finding)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _problems_ struct problems problems = {0};
    struct scenario *sc = NULL;
    cr_assert(!scenario_load("/nonexistent/x", &opts, &problems, &sc, &err));
    cr_assert_neq(err.code, LR_OK);
    cr_assert_eq(problems.n, 0);
}
