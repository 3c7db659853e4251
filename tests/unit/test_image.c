#include "image/artifacts.h"
#include "image/image.h"
#include "image/store.h"
#include "util/fs.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of definitions with one set and one hook, on LABRUN_IMAGE_PATH; and a state folder. */
static char *defs;
static char *state;

static void put(const char *dir, const char *name, const char *text)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *path = path_join(dir, name);
    _free_ char *parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    cr_assert(dir_make(parent, 0755, &err), "%s", err.message);
    cr_assert(file_write_atomic(path, text, strlen(text), 0644, &err), "%s", err.message);
}

static void setup(void)
{
    defs = xstrdup("/tmp/labrun-test-XXXXXX");
    cr_assert(mkdtemp(defs));
    state = path_join(defs, "state");
    setenv("LABRUN_IMAGE_PATH", defs, 1);
    unsetenv("LABRUN_SCENARIO_PATH");
    put(defs, "sets/base.yaml", "labrun-image: 1\npackages: [systemd]\nhooks: [one.sh]\n");
    put(defs, "hooks/one.sh", "#!/bin/sh\nset -eu\n");
    put(defs, "lxc/masked", "# units\nsystemd-udevd.service\n\ngetty@.service\n");
    put(defs, "lxc/root/usr/sbin/labinit", "#!/bin/sh\n");
    put(defs, "small.yaml",
        "labrun-image: 1\nsuite: trixie\ninclude: [base]\npackages: [jq, systemd]\n");
}

static void teardown(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_expect(tree_remove(defs, &err), "%s", err.message);
    free(defs);
    free(state);
}

TestSuite(image, .init = setup, .fini = teardown);

Test(image, sets_come_first_and_each_package_once)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *yaml = path_join(defs, "small.yaml");
    _definition_ struct definition d = {0};
    cr_assert(definition_load(yaml, &d, &err), "%s", err.message);
    cr_assert_str_eq(d.name, "small");
    cr_assert_str_eq(d.suite, "trixie");
    cr_assert_eq(d.packages.n, 2);
    cr_assert_str_eq(d.packages.items[0], "systemd");
    cr_assert_str_eq(d.packages.items[1], "jq");
    cr_assert_eq(d.hooks.n, 1);
}

/* The definition's text, and what must stand in the message. */
static const struct {
    const char *text;
    const char *said;
} wrong[] = {
    {"labrun-image: 1\nsuite: trixie\npackages: [ok, 'Not OK']\n", ":3:16: "},
    {"labrun-image: 1\nsuite: trixie\npackages: [a, b, a]\n", ":3:18: package 'a' is named twice"},
    {"labrun-image: 1\nsuite: trixie\npackages: jq\n", ":3:11: expected a list of packages"},
    {"labrun-image: 1\nsuite: trixie\nhooks:\n  - one.s\n", ":4:5: there is no 'one.s' in hooks/"},
    {"labrun-image: 1\nsuite: trixie\nhooks:\n  - one.s\n", "did you mean 'one.sh'?"},
    {"labrun-image: 1\nsuite: trixie\nhooks: [../small.yaml]\n", ":3:9: "},
    {"labrun-image: 1\nsuite: trixie\ninclude: [basw]\n", "did you mean 'base'?"},
    {"labrun-image: 1\nsuite: trixie\npackges: [jq]\n", ":3:1: "},
    {"labrun-image: 1\npackages: [jq]\n", "suite"},
    {"labrun-image: 2\nsuite: trixie\n", ":1:15: "},
    {"suite: trixie\n", "labrun-image"},
    {"labrun-image: 1\nsuite: trixie\nsuite: sid\n", ":3:1: "},
    {"labrun-image: 1\nsuite: trixie\npreseed: [\"a\\nb\"]\n", ":3:11: an answer"},
    {"labrun-image: 1\nsuite: 'no suite'\n", ":2:8: "},
    {"[1]\n", ":1:1: "},
};

Test(image, mistakes_have_a_place)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _free_ char *yaml = path_join(defs, "bad.yaml");
        _definition_ struct definition d = {0};
        put(defs, "bad.yaml", wrong[i].text);
        cr_expect(!definition_load(yaml, &d, &err), "row %zu was taken", i);
        cr_expect_eq(err.code, LR_ESCENARIO);
        cr_expect(err.message && strstr(err.message, wrong[i].said), "row %zu: %s", i, err.message);
    }
}

Test(image, a_set_has_no_suite)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *yaml = path_join(defs, "small.yaml");
    _definition_ struct definition d = {0};
    put(defs, "sets/base.yaml", "labrun-image: 1\nsuite: sid\n");
    cr_assert(!definition_load(yaml, &d, &err));
    cr_assert(strstr(err.message, "sets/base.yaml:2:1: "), "%s", err.message);
}

Test(image, sets_that_include_each_other_end)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *yaml = path_join(defs, "small.yaml");
    _definition_ struct definition d = {0};
    put(defs, "sets/base.yaml", "labrun-image: 1\ninclude: [more]\n");
    put(defs, "sets/more.yaml", "labrun-image: 1\ninclude: [base]\npackages: [tmux]\n");
    cr_assert(definition_load(yaml, &d, &err), "%s", err.message);
    cr_assert_eq(d.packages.n, 3);
}

static char *key(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char *k = NULL;
    cr_assert(image_key("small", &k, &err), "%s", err.message);
    cr_assert_eq(strlen(k), 64);
    return k;
}

Test(image, the_key_follows_what_is_built)
{
    static const struct {
        const char *file;
        const char *text;
        bool differs;
    } rows[] = {
        {"small.yaml",
            "# a comment\nlabrun-image: 1\nsuite: trixie\ninclude:\n  - base\npackages:\n  - jq\n",
            false},
        {"hooks/other.sh", "#!/bin/sh\n", false},
        {"hooks/one.sh", "#!/bin/sh\nset -eu\ntrue\n", true},
        {"lxc/masked", "systemd-udevd.service\n", true},
        {"sets/base.yaml", "labrun-image: 1\npackages: [systemd, udev]\nhooks: [one.sh]\n", true},
        {"small.yaml", "labrun-image: 1\nsuite: forky\ninclude: [base]\npackages: [jq]\n", true},
        {"small.yaml",
            "labrun-image: 1\nsuite: forky\ninclude: [base]\npackages: [jq]\npreseed: [a b c d]\n",
            true},
    };
    _free_ char *before = key();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put(defs, rows[i].file, rows[i].text);
        char *after = key();
        cr_expect_eq(!streq(before, after), rows[i].differs, "row %zu", i);
        free(before);
        before = after;
    }
}

Test(image, unknown_names_say_what_was_meant)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *yaml = NULL;
    cr_assert(!image_find("smal", &yaml, &err));
    cr_assert_eq(err.code, LR_EUSAGE);
    cr_assert(strstr(err.message, "did you mean 'small'"), "%s", err.message);
    cr_assert(strstr(err.hint, defs));
    cr_assert(!image_find("../small", &yaml, &err));
    cr_assert(!image_find(NULL, &yaml, &err));
}

Test(image, images_beside_the_scenarios_are_found)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *scenarios = path_join(defs, "scenarios");
    _free_ char *yaml = NULL;
    put(defs, "scenarios/x/scenario.yaml", "");
    put(defs, "images/beside.yaml", "labrun-image: 1\nsuite: trixie\n");
    setenv("LABRUN_SCENARIO_PATH", scenarios, 1);
    cr_assert(image_find("beside", &yaml, &err), "%s", err.message);
}

static char *folder_of_small(void)
{
    _free_ char *k = key();
    return xasprintf("%s/images/small-%s", state, k);
}

static char *lookup(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char *dir = NULL;
    cr_assert(image_lookup(state, "small", &dir, &err), "%s", err.message);
    return dir;
}

Test(image, what_a_killed_build_left_is_no_image)
{
    _free_ char *dir = folder_of_small();
    put(state, "images/.tmp-small-0123/image.json", "{}");
    put(dir, "root/etc/hostname", "x\n");
    put(dir, "packages.txt", "");
    cr_assert_null(lookup());
    put(dir, IMAGE_INFO, "{}");
    _free_ char *found = lookup();
    cr_assert_str_eq(found, dir);
}

Test(image, gc_takes_the_stale_and_keeps_the_rest)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv removed = STRV_INIT, keep = STRV_INIT;
    _free_ char *dir = folder_of_small();
    put(dir, IMAGE_INFO, "{}");
    put(state, "images/small-old/image.json", "{}");
    put(state, "images/gone-kept/image.json", "{}");
    put(state, "images/gone-stale/root/file", "x");
    put(state, "images/.tmp-small-1/root/file", "x");
    strv_add(&keep, "gone-kept");
    cr_assert(image_gc(state, &keep, true, &removed, &err), "%s", err.message);
    cr_assert_eq(removed.n, 3);
    strv_free(&removed);
    cr_assert(image_gc(state, &keep, false, &removed, &err), "%s", err.message);
    cr_assert_eq(removed.n, 3);
    _strv_ struct strv left = STRV_INIT;
    _free_ char *images = path_join(state, "images");
    cr_assert(dir_list(images, &left, &err));
    cr_assert_eq(left.n, 3, "%zu", left.n); /* the lock, the kept one, the current one */
    cr_assert_str_eq(left.items[0], ".lock");
    cr_assert_str_eq(left.items[1], "gone-kept");
}

Test(image, gc_leaves_a_running_build_alone)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv removed = STRV_INIT;
    _close_ int lock = -1;
    _free_ char *images = path_join(state, "images");
    put(state, "images/.tmp-small-1/root/file", "x");
    cr_assert(image_lock(images, false, &lock, &err), "%s", err.message);
    cr_assert(image_gc(state, NULL, false, &removed, &err), "%s", err.message);
    cr_assert_eq(removed.n, 0);
}

Test(image, gc_keeps_what_a_broken_definition_may_lead_to)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv removed = STRV_INIT;
    put(state, "images/small-old/image.json", "{}");
    put(defs, "small.yaml", "labrun-image: 9\n");
    cr_assert(image_gc(state, NULL, false, &removed, &err), "%s", err.message);
    cr_assert_eq(removed.n, 0);
}

Test(image, the_layer_masks_units_and_loginuid)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _definition_ struct definition d = {.dir = xstrdup(defs)};
    _free_ char *unit = xasprintf("%s/lxc/etc/systemd/system/getty@.service", state);
    _free_ char *pam = xasprintf("%s/lxc/etc/pam.d/sshd", state);
    _free_ char *other = xasprintf("%s/lxc/etc/pam.d/su", state);
    _free_ char *init = xasprintf("%s/lxc/usr/sbin/labinit", state);
    put(state, "root/etc/pam.d/sshd",
        "auth required a.so\nsession required pam_loginuid.so\n# pam_loginuid.so\n");
    put(state, "root/etc/pam.d/su", "auth required a.so\n");
    _free_ char *stub = path_join(defs, "lxc/root/usr/sbin/labinit");
    cr_assert(chmod(stub, 0755) == 0);
    cr_assert(layer_make(state, &d, &err), "%s", err.message);
    char to[64];
    ssize_t n = readlink(unit, to, sizeof to - 1);
    cr_assert(n > 0);
    to[n] = '\0';
    cr_assert_str_eq(to, "/dev/null");
    _free_ char *text = NULL;
    cr_assert(file_read(pam, 1000, &text, NULL, &err));
    cr_assert_str_eq(
        text, "auth required a.so\n# session required pam_loginuid.so\n# pam_loginuid.so\n");
    cr_assert(!path_exists(other));
    cr_assert(access(init, X_OK) == 0);
    put(defs, "lxc/masked", "../../etc/shadow\n");
    cr_assert(!layer_make(state, &d, &err));
}

/* The definitions that come with labrun. */
Test(images, all_of_ours_are_sound)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv names = STRV_INIT;
    setenv("LABRUN_IMAGE_PATH", SOURCE_DIR "/images", 1);
    cr_assert(image_names(&names, &err), "%s", err.message);
    cr_assert(strv_contains(&names, "mini") && strv_contains(&names, "ceph"));
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *k = NULL;
        cr_expect(image_key(names.items[i], &k, &err), "%s", err.message);
    }
}
