/* Finding scenarios by name and by path, and listing them. Each test makes folders of its own. */
#include "scenario/model.h"
#include "util/fs.h"
#include <criterion/criterion.h>
#include <limits.h>

static char root[] = "/tmp/labrun-test-XXXXXX";

/* Makes the scenario folder ROOT/REL; only its being there is looked at. */
static void make(const char *rel)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = path_join(root, rel);
    _free_ char *file = path_join(dir, "scenario.yaml");
    cr_assert(dir_make(dir, 0755, &err), "%s", err.message);
    cr_assert(file_write_atomic(file, "x\n", 2, 0644, &err), "%s", err.message);
}

static void setup(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(mkdtemp(root));
    make("one/ceph-degraded");
    make("one/bgp-session-down");
    make("two/ceph-degraded");
    make("two/tls-chain");
    make("two/Not_a_name");
    make("here/scenarios/here-only");
    _free_ char *empty = path_join(root, "two/no-file");
    cr_assert(dir_make(empty, 0755, &err));
    _free_ char *path = xasprintf(":%s/one:%s/nowhere::%s/two:", root, root, root);
    setenv("LABRUN_SCENARIO_PATH", path, 1);
    _free_ char *here = path_join(root, "here");
    cr_assert_eq(chdir(here), 0);
}

static void teardown(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(tree_remove(root, &err), "%s", err.message);
}

TestSuite(find, .init = setup, .fini = teardown);

static void must_find(const char *ref, const char *rel)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = NULL;
    _free_ char *want = path_join(root, rel);
    cr_assert(scenario_find(ref, &dir, &err), "%s: %s", ref, err.message);
    cr_assert_str_eq(dir, want);
}

Test(find, by_name_the_first_on_the_path_wins)
{
    must_find("scenario/ceph-degraded", "one/ceph-degraded");
    must_find("scenario/tls-chain", "two/tls-chain");
    must_find("scenario/here-only", "here/scenarios/here-only");
}

Test(find, by_path)
{
    must_find("../two/ceph-degraded", "two/ceph-degraded");
    must_find("../two/ceph-degraded/", "two/ceph-degraded");
    must_find("../two/ceph-degraded/scenario.yaml", "two/ceph-degraded");
    must_find("scenarios/here-only", "here/scenarios/here-only");
    cr_assert_eq(chdir("scenarios/here-only"), 0);
    must_find("scenario.yaml", "here/scenarios/here-only");
    must_find(".", "here/scenarios/here-only");
}

Test(find, by_bare_name_unless_a_folder_here_has_it)
{
    must_find("tls-chain", "two/tls-chain");
}

static void must_not_find(const char *ref, const char *message)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char *dir = NULL;
    cr_assert(!scenario_find(ref, &dir, &err), "%s", ref);
    cr_assert_eq(err.code, LR_EUSAGE);
    cr_assert_str_eq(err.message, message);
    cr_assert(
        strstr(err.hint, "scenario/bgp-session-down, scenario/ceph-degraded, "), "%s", err.hint);
}

Test(find, unknown_names_say_what_was_meant_and_what_is_known)
{
    must_not_find("scenario/ceph-degrade",
        "no scenario 'scenario/ceph-degrade': did you mean 'scenario/ceph-degraded'?");
    must_not_find("tls-chian", "no scenario 'tls-chian': did you mean 'scenario/tls-chain'?");
    must_not_find("scenario/zzz", "no scenario 'scenario/zzz'");
    must_not_find("scenario/no-file", "no scenario 'scenario/no-file'");
    must_not_find("scenario/", "no scenario 'scenario/'");
    must_not_find("", "no scenario ''");
}

Test(find, a_name_does_not_lead_out_of_the_folder)
{
    must_not_find("scenario/../two/tls-chain", "no scenario 'scenario/../two/tls-chain'");
}

Test(list, is_sorted_by_name_and_names_each_once, .init = setup, .fini = teardown)
{
    static const char *const want[] = {
        "one/bgp-session-down", "one/ceph-degraded", "here/scenarios/here-only", "two/tls-chain"};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv dirs = STRV_INIT;
    cr_assert(scenario_list(&dirs, &err), "%s", err.message);
    cr_assert_eq(dirs.n, 4);
    for (size_t i = 0; i < 4; i++) {
        _free_ char *path = path_join(root, want[i]);
        cr_assert_str_eq(dirs.items[i], path);
    }
}

Test(list, with_nothing_found_there_is_advice, .init = setup, .fini = teardown)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char *dir = NULL;
    unsetenv("LABRUN_SCENARIO_PATH");
    cr_assert_eq(chdir("/"), 0);
    cr_assert(!scenario_find("scenario/x", &dir, &err));
    cr_assert(err.hint);
}
