#include "record/attempt.h"
#include "record/state.h"
#include "record_fixture.h"
#include "util/deadline.h"
#include "util/log.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

static struct attempt *make(const char *state, const char *lab)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct attempt_new what = {.lab = lab,
        .scenario = "ceph-degraded",
        .scenario_digest = "abc",
        .candidate = "Ada L\xc3\xb6velace \xff",
        .driver = "lxc",
        .version = "0.1.0",
        .time_limit_ms = 45 * 60000};
    struct attempt *a = NULL;
    cr_assert(attempt_create(state, &what, &a, &err), "%s", err.message);
    return a;
}

static void event(struct attempt *a, const char *kind)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(attempt_event(a, kind, NULL, &err), "%s", err.message);
}

static void append_raw(struct attempt *a, const char *text)
{
    _free_ char *path = path_join(a->dir, "events.jsonl");
    _close_ int fd = open(path, O_WRONLY | O_APPEND);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

Test(attempt, is_read_back_as_it_was_made)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab-1");
    _attempt_ struct attempt *b = NULL;
    cr_assert(attempt_open(dir, a->id, &b, &err), "%s", err.message);
    cr_expect_str_eq(b->id, a->id);
    cr_expect_str_eq(b->lab, "lab-1");
    cr_expect_str_eq(b->candidate, "Ada L\xc3\xb6velace \xef\xbf\xbd");
    cr_expect_eq(b->started_wall_ms, a->started_wall_ms);
    cr_expect_eq(b->time_limit_ms, 45 * 60000);
    cr_expect_eq(b->state, ATTEMPT_OPEN);
    cr_expect_eq(b->n_grades, 0);
    cr_expect_eq(mode_of(a->dir, "attempt.json"), 0600);
    drop(dir);
}

Test(attempt, ids_are_unique_and_found)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct attempt *same[12];
    for (size_t i = 0; i < 12; i++)
        same[i] = make(dir, "lab");
    _attempt_ struct attempt *other = make(dir, "lab-b");
    _attempt_ struct attempt *newest = NULL, *by_id = NULL, *by_prefix = NULL, *none = NULL;
    cr_assert(attempt_find(dir, "lab", &newest, &err), "%s", err.message);
    cr_expect_str_eq(newest->id, same[11]->id);
    cr_assert(attempt_find(dir, same[3]->id, &by_id, &err), "%s", err.message);
    cr_expect_str_eq(by_id->id, same[3]->id);
    cr_assert(attempt_find(dir, "lab-b-", &by_prefix, &err), "%s", err.message);
    cr_expect_str_eq(by_prefix->id, other->id);
    cr_assert(!attempt_find(dir, "la", &none, &err));
    cr_expect_eq(err.code, LR_EUSAGE);
    cr_expect(strstr(err.message, "may be attempt"), "%s", err.message);
    cr_assert(!attempt_find(dir, "zzz", &none, &err));
    cr_assert(!attempt_find(dir, "", &none, &err));
    cr_assert(!attempt_find(dir, "../attempts", &none, &err));
    for (size_t i = 0; i < 12; i++) {
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(same[i]->id, same[j]->id);
    }
    for (size_t i = 0; i < 12; i++)
        attempt_free(same[i]);
    drop(dir);
}

Test(attempt, folders_of_a_lab_that_hold_no_record_are_removed)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *state = scratch();
    _attempt_ struct attempt *kept = make(state, "lab");
    static const char *const bare[] = {"lab-20261124T132512Z", "lab-20261124T132512Z-2"};
    static const char *const other[] = {"lab-2-20261124T132512Z", "lab2-20261124T132512Z", "lab-x"};
    for (size_t i = 0; i < 2; i++) {
        _free_ char *dir = state_path(state, STATE_ATTEMPTS, bare[i]);
        _free_ char *sub = path_join(dir, "grades");
        cr_assert(dir_make(sub, 0700, &err), "%s", err.message);
    }
    for (size_t i = 0; i < 3; i++) {
        _free_ char *dir = state_path(state, STATE_ATTEMPTS, other[i]);
        cr_assert(dir_make(dir, 0700, &err), "%s", err.message);
    }
    cr_assert(attempt_forget_bare(state, "lab", &err), "%s", err.message);
    for (size_t i = 0; i < 2; i++) {
        _free_ char *dir = state_path(state, STATE_ATTEMPTS, bare[i]);
        cr_assert_not(path_exists(dir), "%s", dir);
    }
    for (size_t i = 0; i < 3; i++) {
        _free_ char *dir = state_path(state, STATE_ATTEMPTS, other[i]);
        cr_assert(path_exists(dir), "%s", dir);
    }
    cr_assert(path_exists(kept->dir));
    drop(state);
}

Test(events, torn_line_is_left_out_and_ended_by_the_next_writer)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab");
    event(a, "ready");
    append_raw(a, "{\"time\":\"2026-1");
    size_t torn;
    _json_ json_t *before = NULL, *after = NULL, *pauses = NULL;
    cr_assert(attempt_events(a, NULL, &before, &torn, &err), "%s", err.message);
    cr_expect_eq(json_array_size(before), 2);
    cr_expect_eq(torn, 1);
    event(a, "pause");
    cr_assert(attempt_events(a, NULL, &after, &torn, &err), "%s", err.message);
    cr_expect_eq(json_array_size(after), 3);
    cr_expect_eq(torn, 1);
    cr_assert(attempt_events(a, "pause", &pauses, NULL, &err), "%s", err.message);
    cr_assert_eq(json_array_size(pauses), 1);
    json_t *e = json_array_get(pauses, 0);
    cr_expect_str_eq(json_string_value(json_object_get(e, "kind")), "pause");
    cr_expect(json_is_integer(json_object_get(e, "mono_ms")));
    cr_expect(json_is_integer(json_object_get(e, "wall_ms")));
    cr_expect(json_is_string(json_object_get(e, "boot")));
    drop(dir);
}

Test(events, larger_than_the_cap_is_refused)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab");
    _free_ char *big = xmalloc(300000);
    memset(big, 'x', 299999);
    big[299999] = '\0';
    _json_ json_t *data = json_pack("{ss}", "big", big);
    cr_assert(!attempt_event(a, "note", data, &err));
    cr_expect(strstr(err.message, "larger than"), "%s", err.message);
    drop(dir);
}

enum { WRITERS = 6, ROUNDS = 16 };

/* Appends until it is killed; counts in shared memory what was acknowledged. */
static void write_until_killed(struct attempt *a, int writer, atomic_int *done)
{
    for (int i = 0;; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _json_ json_t *data = json_pack("{si si ss}", "writer", writer, "n", i, "fill",
            "a line that is long enough to be torn somewhere in the middle of its write, perhaps");
        if (!attempt_event(a, "storm", data, &err))
            _exit(1);
        atomic_store(done, i + 1);
    }
}

Test(events, kill_9_storm_loses_nothing_that_was_acknowledged, .timeout = 100)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab");
    size_t size = WRITERS * ROUNDS * sizeof(atomic_int);
    atomic_int *done = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(done != MAP_FAILED);
    for (int round = 0; round < ROUNDS; round++) {
        pid_t pids[WRITERS];
        for (int w = 0; w < WRITERS; w++) {
            int id = round * WRITERS + w;
            if ((pids[w] = fork()) == 0)
                write_until_killed(a, id, &done[id]);
        }
        /* Kill each once it has got somewhere: at another instant of its work every time. */
        for (int w = 0; w < WRITERS; w++) {
            struct deadline d = deadline_in(5000);
            while (!atomic_load(&done[round * WRITERS + w]) && !deadline_passed(d))
                sched_yield();
            for (int spin = 0; spin < (round * 7919 + w * 104729) % 20000; spin++)
                atomic_load(&done[0]);
            kill(pids[w], SIGKILL);
            int status;
            cr_assert_eq(waitpid(pids[w], &status, 0), pids[w]);
            cr_assert(WIFSIGNALED(status), "a writer failed by itself");
        }
        if (round % 8 == 0)
            append_raw(a, "{\"torn\":");
    }
    event(a, "end");

    size_t torn;
    _json_ json_t *storm = NULL, *end = NULL;
    cr_assert(attempt_events(a, "storm", &storm, &torn, &err), "%s", err.message);
    cr_assert(attempt_events(a, "end", &end, NULL, &err), "%s", err.message);
    cr_expect_eq(json_array_size(end), 1);
    int seen[WRITERS * ROUNDS] = {0};
    size_t i;
    json_t *e;
    json_array_foreach (storm, i, e) {
        json_t *data = json_object_get(e, "data");
        int w = (int)json_integer_value(json_object_get(data, "writer"));
        cr_assert_eq(json_integer_value(json_object_get(data, "n")), seen[w], "writer %d", w);
        seen[w]++;
    }
    int acknowledged = 0;
    for (int w = 0; w < WRITERS * ROUNDS; w++) {
        cr_expect_geq(seen[w], atomic_load(&done[w]), "writer %d lost events", w);
        acknowledged += atomic_load(&done[w]);
    }
    cr_expect_geq(acknowledged, WRITERS * ROUNDS);
    cr_expect_geq(torn, (size_t)ROUNDS / 8);
    munmap(done, size);
    drop(dir);
}

static json_t *at(const char *kind, int64_t mono, const char *boot)
{
    return json_pack("{ss sI ss}", "kind", kind, "mono_ms", (json_int_t)mono, "boot", boot);
}

Test(clock, leaves_out_pauses_and_the_time_before_ready)
{
    _json_ json_t *e = json_pack("[o o o o o o]", at("created", 0, "A"), at("ready", 1000, "A"),
        at("grade", 2000, "A"), at("pause", 5000, "A"), at("ssh", 7000, "A"),
        at("resume", 9000, "A"));
    cr_expect_eq(events_used_ms(e, 10000, "A"), 4000 + 1000);
    json_array_append_new(e, at("close", 12000, "A"));
    cr_expect_eq(events_used_ms(e, 99000, "A"), 4000 + 3000);
}

Test(clock, goes_on_over_a_reboot_of_the_host)
{
    _json_ json_t *e = json_pack(
        "[o o o]", at("ready", 1000000, "A"), at("ssh", 1060000, "A"), at("ssh", 5000, "B"));
    /* 60 s in boot A; then nobody knows; then from the first sign of life in boot B. */
    cr_expect_eq(events_used_ms(e, 15000, "B"), 60000 + 10000);
    cr_expect_eq(events_used_ms(e, 15000, "C"), 60000);
    json_array_append_new(e, at("pause", 9000, "B"));
    cr_expect_eq(events_used_ms(e, 15000, "B"), 60000 + 4000);
}

Test(clock, of_an_open_and_a_closed_attempt)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab");
    int64_t used = -1, later = -1;
    cr_assert(attempt_used_ms(a, &used, &err), "%s", err.message);
    cr_expect_eq(used, 0);
    event(a, "ready");
    int64_t began = now_ms();
    while (now_ms() < began + 20)
        sched_yield();
    cr_assert(attempt_used_ms(a, &used, &err), "%s", err.message);
    cr_expect_geq(used, 20);
    cr_assert(attempt_close(a, ATTEMPT_FINISHED, &err), "%s", err.message);
    cr_assert(attempt_close(a, ATTEMPT_STOPPED, &err), "%s", err.message);
    _attempt_ struct attempt *b = NULL;
    cr_assert(attempt_open(dir, a->id, &b, &err), "%s", err.message);
    cr_expect_eq(b->state, ATTEMPT_FINISHED);
    cr_expect_neq(b->closed_wall_ms, 0);
    cr_assert(attempt_used_ms(b, &later, &err), "%s", err.message);
    cr_expect_geq(later, used);
    drop(dir);
}

static json_t *score(double points)
{
    return json_pack("{sf sf sf sb sb sb}", "score", points, "max", 50.0, "percent", points * 2,
        "passed", points > 30, "gradable", 1, "complete", points > 30);
}

Test(grades, every_one_is_kept_and_the_last_is_the_score)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab");
    _json_ json_t *none = NULL, *low = score(10), *high = score(40), *last = NULL;
    cr_assert(!attempt_score(a, &none, &err));
    cr_expect_eq(err.code, LR_ENOTHING);
    int64_t n;
    cr_assert(attempt_save_grade(a, low, &n, &err), "%s", err.message);
    cr_expect_eq(n, 1);
    cr_assert(attempt_save_grade(a, high, &n, &err), "%s", err.message);
    cr_expect_eq(n, 2);
    cr_assert(attempt_score(a, &last, &err), "%s", err.message);
    cr_expect(json_equal(last, high));
    cr_expect_eq(mode_of(a->dir, "grades/0001.json"), 0600);
    _attempt_ struct attempt *b = NULL;
    cr_assert(attempt_open(dir, a->id, &b, &err), "%s", err.message);
    cr_expect_eq(b->n_grades, 2);
    cr_expect_float_eq(b->percent, 80, 1e-9);
    cr_expect(b->passed && b->gradable);
    cr_assert(attempt_close(a, ATTEMPT_FINISHED, &err), "%s", err.message);
    cr_assert(!attempt_save_grade(b, low, &n, &err));
    cr_expect_eq(err.code, LR_ENOTHING);
    drop(dir);
}

Test(grades, one_that_was_cut_short_is_completed)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab");
    _json_ json_t *first = score(10), *last = NULL;
    cr_assert(attempt_save_grade(a, first, NULL, &err), "%s", err.message);
    /* Killed after the grade's own file; and one killed while it wrote that. */
    _free_ char *path = path_join(a->dir, "grades/0002.json");
    _free_ char *half = path_join(a->dir, "grades/0003.json.tmp-abcdef");
    static const char text[] = "{\"score\": 44, \"max\": 50, \"percent\": 88, \"passed\": true}";
    cr_assert(file_write_atomic(path, text, strlen(text), 0600, &err), "%s", err.message);
    cr_assert(file_write_atomic(half, "{", 1, 0600, &err), "%s", err.message);
    cr_assert(attempt_close(a, ATTEMPT_STOPPED, &err), "%s", err.message);
    cr_expect_eq(a->n_grades, 2);
    cr_expect_float_eq(a->percent, 88, 1e-9);
    cr_assert(attempt_score(a, &last, &err), "%s", err.message);
    cr_expect_float_eq(json_number_value(json_object_get(last, "score")), 44, 1e-9);
    drop(dir);
}

Test(grades, many_graders_at_once_number_them_without_gaps)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(dir, "lab");
    enum { N = 8, EACH = 5 };
    pid_t pids[N];
    for (int i = 0; i < N; i++) {
        if ((pids[i] = fork()) == 0) {
            struct attempt *mine;
            if (!attempt_open(dir, a->id, &mine, &err))
                _exit(1);
            for (int k = 0; k < EACH; k++)
                if (!attempt_save_grade(mine, score(k), NULL, &err))
                    _exit(2);
            _exit(0);
        }
    }
    for (int i = 0; i < N; i++) {
        int status;
        cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
        cr_expect_eq(status, 0);
    }
    _attempt_ struct attempt *b = NULL;
    cr_assert(attempt_open(dir, a->id, &b, &err), "%s", err.message);
    cr_expect_eq(b->n_grades, N * EACH);
    _free_ char *grades = path_join(a->dir, "grades");
    _strv_ struct strv names = STRV_INIT;
    cr_assert(dir_list(grades, &names, &err));
    cr_expect_eq(names.n, N * EACH);
    drop(dir);
}

static int warnings;

static void count_warning(enum log_level level, const char *line, void *data)
{
    (void)line;
    (void)data;
    warnings += level == LOG_LEVEL_WARNING;
}

Test(list, a_thousand_attempts_and_what_is_not_one)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *first = make(dir, "lab");
    _free_ char *source = path_join(first->dir, "attempt.json");
    _free_ char *text = NULL;
    size_t len;
    cr_assert(file_read(source, 65536, &text, &len, &err), "%s", err.message);
    for (int i = 0; i < 999; i++) {
        _free_ char *sub = xasprintf("%s/attempts/lab%d-20250101T0000%02dZ", dir, i, i % 60);
        _free_ char *file = path_join(sub, "attempt.json");
        cr_assert_eq(mkdir(sub, 0700), 0);
        _fclose_ FILE *f = fopen(file, "w");
        fputs(text, f);
    }
    /* Being made; broken; not an attempt at all. */
    _free_ char *empty = xasprintf("%s/attempts/lab-20240101T000000Z", dir);
    _free_ char *broken = xasprintf("%s/attempts/lab-20240101T000001Z", dir);
    _free_ char *stray = xasprintf("%s/attempts/lost+found", dir);
    cr_assert(mkdir(empty, 0700) == 0 && mkdir(broken, 0700) == 0 && mkdir(stray, 0700) == 0);
    _free_ char *bad = path_join(broken, "attempt.json");
    cr_assert(file_write_atomic(bad, "{\"id\":", 6, 0600, &err));
    log_set_sink(count_warning, NULL);
    int64_t began = now_ms();
    _attempts_ struct attempts list = {NULL, 0};
    cr_assert(attempt_list(dir, &list, &err), "%s", err.message);
    int64_t took = now_ms() - began;
    fprintf(stderr, "listing %zu attempts took %lld ms\n", list.n, (long long)took);
    cr_expect_eq(list.n, 1000);
    cr_expect_eq(warnings, 1);
    for (size_t i = 1; i < list.n; i++)
        cr_expect_leq(list.items[i - 1]->started_wall_ms, list.items[i]->started_wall_ms);
    drop(dir);
}
