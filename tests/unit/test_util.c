#include "util/deadline.h"
#include "util/fs.h"
#include "util/hash.h"
#include "util/parallel.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *scratch(void)
{
    char *dir = xstrdup("/tmp/labrun-test-XXXXXX");
    cr_assert(mkdtemp(dir));
    return dir;
}

Test(error, prefix_keeps_code_and_hint)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(!lr_error_set(&err, LR_ESERVICE, "no %s", "libvirt"));
    lr_error_hint(&err, "start libvirtd");
    lr_error_hint(&err, "a later hint does not win");
    lr_error_prefix(&err, "starting node '%s'", "a");
    cr_assert_str_eq(err.message, "starting node 'a': no libvirt");
    cr_assert_str_eq(err.hint, "start libvirtd");
    cr_assert_eq(lr_error_exit_status(err.code), 69);
}

Test(mem, closest_word)
{
    static const char *const words[] = {"memory", "networks", "disks", "witness"};
    cr_assert_str_eq(closest_word("memroy", words, 4), "memory");
    cr_assert_str_eq(closest_word("witnes", words, 4), "witness");
    cr_assert_null(closest_word("zebra", words, 4));
}

Test(deadline, durations_read_well)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{400, "0.4s"}, {12000, "12s"}, {185000, "3m 05s"}, {3720000, "1h 02m"}};
    for (size_t i = 0; i < 4; i++) {
        _free_ char *s = format_duration(rows[i].ms);
        cr_assert_str_eq(s, rows[i].text);
    }
}

Test(fs, atomic_write_replaces_whole)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = scratch();
    _free_ char *path = path_join(dir, "file");
    cr_assert(file_write_atomic(path, "one", 3, 0600, &err));
    cr_assert(file_write_atomic(path, "second", 6, 0640, &err));
    _free_ char *data = NULL;
    size_t len;
    cr_assert(file_read(path, 100, &data, &len, &err));
    cr_assert_str_eq(data, "second");
    _free_ char *big = NULL;
    cr_assert(!file_read(path, 3, &big, &len, &err));
    _strv_ struct strv names = STRV_INIT;
    cr_assert(dir_list(dir, &names, &err));
    cr_assert_eq(names.n, 1, "a temporary file was left behind");
    cr_assert(tree_remove(dir, &err));
    cr_assert(!path_exists(dir));
}

/* Made step by step, as root in a node can, and far deeper than a path may be long. */
Test(fs, a_tree_too_deep_for_its_path_is_removed)
{
    char top[] = "/tmp/labrun-deep-XXXXXX";
    char name[251];
    memset(name, 'd', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_assert(mkdtemp(top));
    int at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 40; i++) {
        cr_assert_eq(mkdirat(at, name, 0700), 0);
        int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cr_assert_geq(next, 0);
        close(at);
        at = next;
    }
    close(at);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_expect(tree_remove(top, &err), "%s", err.message);
    cr_expect(!path_exists(top));
}

Test(fs, locks_exclude)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = scratch();
    _free_ char *path = path_join(dir, "lock");
    _close_ int a = -1;
    int b = -1;
    cr_assert(file_lock(path, false, &a, &err));
    cr_assert(!file_lock(path, false, &b, &err));
    cr_assert_eq(err.code, LR_EBUSY);
    cr_assert(tree_remove(dir, &err));
}

Test(hash, tree_changes_with_name_content_and_mode)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = scratch();
    _free_ char *path = path_join(dir, "a.sh");
    cr_assert(file_write_atomic(path, "x", 1, 0644, &err));
    char *seen[3];
    for (int i = 0; i < 3; i++) {
        if (i == 1)
            cr_assert_eq(chmod(path, 0755), 0);
        if (i == 2)
            cr_assert(file_write_atomic(path, "y", 1, 0755, &err));
        _hasher_ struct hasher *h = hasher_new();
        cr_assert(hasher_add_tree(h, dir, &err));
        seen[i] = hasher_finish(h);
    }
    cr_assert_str_neq(seen[0], seen[1]);
    cr_assert_str_neq(seen[1], seen[2]);
    cr_assert_eq(strlen(seen[0]), 64);
    for (int i = 0; i < 3; i++)
        free(seen[i]);
    cr_assert(tree_remove(dir, &err));
}

static void count_line(const char *line, void *data)
{
    (void)line;
    ++*(int *)data;
}

Test(hash, what_was_read_is_what_is_there)
{
    _free_ char *dir = scratch();
    _free_ char *path = path_join(dir, "script");
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    for (mode_t mode = 0644; mode <= 0755; mode += 0755 - 0644) {
        cr_assert(file_write_atomic(path, "true\n", 5, mode, &err), "%s", err.message);
        struct hasher *file = hasher_new(), *content = hasher_new();
        cr_assert(hasher_add_file(file, path, &err));
        hasher_add_content(content, "true\n", 5, mode == 0755);
        _free_ char *a = hasher_finish(file), *b = hasher_finish(content);
        cr_expect_str_eq(a, b);
        hasher_free(file);
        hasher_free(content);
    }
    cr_assert(tree_remove(dir, &err));
}

/* Pieces that meet three at a time. */
struct meeting {
    pthread_barrier_t three;
    atomic_int now, most;
    bool done[9];
};

static bool meet(size_t i, void *data, struct lr_error *err)
{
    struct meeting *m = data;
    int now = atomic_fetch_add(&m->now, 1) + 1, most = atomic_load(&m->most);
    while (now > most && !atomic_compare_exchange_weak(&m->most, &most, now))
        ;
    pthread_barrier_wait(&m->three);
    atomic_fetch_sub(&m->now, 1);
    m->done[i] = true;
    return i % 4 != 1 || lr_error_set(err, LR_EINFRA, "piece %zu", i);
}

Test(parallel, as_many_at_once_as_was_said, .timeout = 20)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct meeting m = {0};
    pthread_barrier_init(&m.three, NULL, 3);
    cr_assert(!parallel_run_few(9, 3, meet, &m, &err));
    cr_expect_str_eq(err.message, "piece 1", "the first of three by index: %s", err.message);
    cr_expect_eq(atomic_load(&m.most), 3, "%d at once", atomic_load(&m.most));
    for (size_t i = 0; i < 9; i++)
        cr_expect(m.done[i], "piece %zu was left out", i);
    pthread_barrier_destroy(&m.three);
    cr_expect(parallel_run_few(0, 3, meet, &m, &err), "nothing to do is done");
    cr_expect_geq(processors(), 1);
}

Test(proc, output_status_and_lines)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _proc_result_ struct proc_result r = {0};
    int lines = 0;
    const char *argv[] = {"sh", "-c", "echo one; echo two >&2; printf three; exit 7", NULL};
    struct proc_opts opts = {.on_line = count_line, .data = &lines};
    cr_assert(proc_run(argv, &opts, &r, &err));
    cr_assert_eq(r.status, 7);
    cr_assert_str_eq(r.output, "one\ntwo\nthree");
    cr_assert_eq(lines, 3);
}

Test(proc, deadline_kills_the_group)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _proc_result_ struct proc_result r = {0};
    const char *argv[] = {"sh", "-c", "sleep 600 & wait", NULL};
    struct proc_opts opts = {.deadline = deadline_in(150)};
    cr_assert(!proc_run(argv, &opts, &r, &err));
    cr_assert_eq(err.code, LR_ETIMEOUT);
}

Test(proc, who_never_stops_talking_is_stopped, .timeout = 20)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _proc_result_ struct proc_result r = {0};
    const char *argv[] = {"yes", NULL};
    struct proc_opts opts = {.deadline = deadline_in(150)};
    cr_assert(!proc_run(argv, &opts, &r, &err));
    cr_assert_eq(err.code, LR_ETIMEOUT);
}

Test(wait, nothing_is_ready_after_the_deadline)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    int p[2];
    bool ready = false;
    cr_assert_eq(pipe(p), 0);
    cr_assert_eq(write(p[1], "x", 1), 1);
    cr_assert(wait_fd(p[0], POLLIN, DEADLINE_NEVER, &ready, &err) && ready);
    cr_assert(wait_fd(p[0], POLLIN, deadline_in(0), &ready, &err) && !ready);
    close(p[0]);
    close(p[1]);
}

Test(proc, missing_program_is_an_error)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    const char *argv[] = {"labrun-no-such-program", NULL};
    cr_assert(!proc_check(argv, NULL, &err));
    cr_assert_eq(err.code, LR_EINFRA);
}
