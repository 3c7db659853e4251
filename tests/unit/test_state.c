#include "record/state.h"
#include "record_fixture.h"
#include <fcntl.h>
#include <time.h>

Test(state, tree_has_the_right_modes_whatever_the_umask)
{
    _free_ char *dir = scratch();
    _free_ char *state = path_join(dir, "s");
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    umask(0077);
    cr_assert(state_init(state, &err), "%s", err.message);
    cr_expect_eq(mode_of(state, "."), 0711);
    cr_expect_eq(mode_of(state, "labs"), 0711);
    cr_expect_eq(mode_of(state, "images"), 0711);
    cr_expect_eq(mode_of(state, "stages"), 0711);
    cr_expect_eq(mode_of(state, "attempts"), 0700);
    cr_expect_eq(mode_of(state, "locks"), 0700);

    /* What an administrator opened stays open; what got closed is opened again. */
    _free_ char *attempts = path_join(state, "attempts"), *labs = path_join(state, "labs");
    cr_assert_eq(chmod(attempts, 0750), 0);
    cr_assert_eq(chmod(labs, 0700), 0);
    cr_assert(state_init(state, &err), "%s", err.message);
    cr_expect_eq(mode_of(state, "attempts"), 0750);
    cr_expect_eq(mode_of(state, "labs"), 0711);
    drop(dir);
}

Test(state, resolve)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    setenv("LABRUN_STATE_DIR", "/from/env//", 1);
    char *s;
    cr_assert(state_resolve("/given", &s, &err));
    cr_expect_str_eq(s, "/given");
    free(s);
    cr_assert(state_resolve(NULL, &s, &err));
    cr_expect_str_eq(s, "/from/env");
    free(s);
    unsetenv("LABRUN_STATE_DIR");
    cr_assert(state_resolve(NULL, &s, &err));
    cr_expect_str_eq(s, "/var/lib/labrun");
    free(s);
    cr_assert_eq(chdir("/tmp"), 0);
    cr_assert(state_resolve("rel", &s, &err));
    cr_expect_str_eq(s, "/tmp/rel");
    free(s);
    cr_assert(!state_resolve("", &s, &err));
    cr_expect_eq(err.code, LR_EUSAGE);
}

Test(state, lab_lock_excludes_and_survives_its_files_removal)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(state_init(dir, &err), "%s", err.message);
    _close_ int first = -1, second = -1, third = -1;
    cr_assert(state_lock_lab(dir, "a", false, &first, &err), "%s", err.message);
    cr_assert(!state_lock_lab(dir, "a", false, &second, &err));
    cr_expect_eq(err.code, LR_EBUSY);
    cr_expect_str_eq(err.message, "another labrun command is working on lab 'a'");
    state_forget_lock(dir, "a");
    cr_assert(state_lock_lab(dir, "a", false, &second, &err), "%s", err.message);
    cr_assert(!state_lock_lab(dir, "a", false, &third, &err));
    cr_assert(!state_lock_lab(dir, "../a", false, &third, &err));
    cr_expect_eq(err.code, LR_EUSAGE);
    drop(dir);
}

static void touch(const char *state, const char *sub, time_t changed)
{
    _free_ char *path = path_join(state, sub);
    const struct timespec times[2] = {{changed, 0}, {changed, 0}};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!path_exists(path))
        cr_assert(file_write_atomic(path, "x", 1, 0600, &err), "%s", err.message);
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

Test(state, old_logs_and_proofs_expire_and_attempts_do_not)
{
    static const char *const folders[] = {"logs", "proofs/prove-a", "proofs/prove-b", "attempts/a"};
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    time_t now = time(NULL), old = now - 31 * 24 * 3600;
    cr_assert(state_init(dir, &err), "%s", err.message);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        _free_ char *path = path_join(dir, folders[i]);
        cr_assert(dir_make(path, 0700, &err), "%s", err.message);
    }
    touch(dir, "logs/old.log", old);
    touch(dir, "logs/new.log", now - 29 * 24 * 3600);
    touch(dir, "proofs/prove-a/branch.log", now);
    touch(dir, "proofs/prove-a", old);
    touch(dir, "attempts/a/meta.json", old);
    touch(dir, "attempts/a", old);
    for (int dry = 1; dry >= 0; dry--) {
        _strv_ struct strv removed = STRV_INIT;
        cr_assert(state_expire(dir, dry, &removed, &err), "%s", err.message);
        cr_assert_eq(removed.n, 2);
        cr_expect(strstr(removed.items[0], "/logs/old.log"));
        cr_expect(strstr(removed.items[1], "/proofs/prove-a"));
        for (size_t i = 0; i < removed.n; i++)
            cr_expect_eq(path_exists(removed.items[i]), dry);
    }
    static const char *const kept[] = {"logs/new.log", "proofs/prove-b", "attempts/a/meta.json"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        _free_ char *path = path_join(dir, kept[i]);
        cr_expect(path_exists(path), "%s", kept[i]);
    }
    drop(dir);
}
