#include "lab/history.h"
#include "util/fs.h"
#include <criterion/criterion.h>

static struct attempt *make(const char *state)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct attempt_new what = {.lab = "lab",
        .scenario = "tiny",
        .scenario_digest = "abc",
        .driver = "lxc",
        .version = "0.1.0",
        .time_limit_ms = 60000};
    struct attempt *a = NULL;
    cr_assert(attempt_create(state, &what, &a, &err), "%s", err.message);
    return a;
}

/* An event as it stands in the file, at an instant of our choosing. */
static void add(struct attempt *a, const char *kind, int64_t ms, const char *data)
{
    _free_ char *path = path_join(a->dir, "events.jsonl");
    _free_ char *line = xasprintf("{\"time\":\"\",\"wall_ms\":%lld,\"mono_ms\":%lld,\"boot\":\"A\","
                                  "\"kind\":\"%s\",\"data\":%s}\n",
        (long long)(1000000 + ms), (long long)ms, kind, data);
    FILE *f = fopen(path, "a");
    cr_assert(f && fputs(line, f) >= 0 && fclose(f) == 0);
}

static void forget_events(struct attempt *a)
{
    _free_ char *path = path_join(a->dir, "events.jsonl");
    cr_assert_eq(truncate(path, 0), 0);
}

Test(history, of_an_attempt)
{
    char state[] = "/tmp/labrun-history-XXXXXX";
    cr_assert(mkdtemp(state));
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _attempt_ struct attempt *a = make(state);
    forget_events(a);
    add(a, "created", 1000, "null");
    add(a, "ready", 9000, "null");
    add(a, "terminal", 10000, "{\"node\":\"box\",\"recording\":\"recordings/x-box.cast\"}");
    add(a, "hint", 11000, "{\"number\":1,\"cost\":2.5,\"text\":\"Look\"}");
    add(a, "hold", 12000, "null");
    add(a, "resume", 22000, "null");
    add(a, "grade", 23000, "{\"percent\":42.5}");
    add(a, "unheard-of", 24000, "{\"node\":\"box\"}");
    add(a, "reset", 25000, "{\"node\":\"box\"}");
    add(a, "ready", 27000, "null");
    _score_report_ struct score_report r = {0};
    cr_assert(history_fill(a, &r, &err), "%s", err.message);

    static const struct {
        int64_t at;
        int64_t since;
        const char *text;
    } due[] = {
        {0, 0, "the lab is being brought up"},
        {0, 0, "the lab is ready: the clock runs"},
        {1000, 1000, "terminal on box"},
        {2000, 2000, "hint 1 for 2.5 points"},
        {3000, 3000, "power cut for a grade: the clock stands"},
        {3000, 13000, "the clock runs again"},
        {4000, 14000, "graded: 42.5 %"},
        {5000, 15000, "unheard-of on box"},
        {6000, 16000, "box reset to the broken state: the clock stands"},
        {6000, 18000, "the lab is ready: the clock runs"},
    };
    cr_assert_eq(r.n_events, sizeof due / sizeof *due);
    for (size_t i = 0; i < r.n_events; i++) {
        cr_expect_eq(r.events[i].at_ms, due[i].at, "event %zu", i);
        cr_expect_eq(r.events[i].since_ms, due[i].since, "event %zu", i);
        cr_expect_str_eq(r.events[i].text, due[i].text);
    }
    cr_assert_eq(r.n_hints, 1);
    cr_expect_eq(r.hints[0].at_ms, 2000);
    cr_expect_float_eq(r.hints[0].cost, 2.5, 1e-9);
    cr_assert_eq(r.n_recordings, 1);
    cr_expect_str_eq(r.recordings[0].file, "recordings/x-box.cast");

    /* A hint taken after the grade is not in its score. */
    add(a, "hint", 28000, "{\"number\":2,\"cost\":5,\"text\":\"There\"}");
    cr_assert(history_refresh(a, &r, &err), "%s", err.message);
    cr_expect_eq(r.n_events, sizeof due / sizeof *due + 1);
    cr_expect_eq(r.n_hints, 1);
    cr_expect_eq(r.n_recordings, 1);
    cr_assert(tree_remove(state, &err), "%s", err.message);
}
