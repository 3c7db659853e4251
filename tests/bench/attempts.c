/* attempts STATE N: keeps N attempts in a state folder, each with the events, the grades and the
 * end that an attempt of an hour has, through the library that labrun itself writes with. */
#include "record/attempt.h"
#include "record/state.h"

static json_t *a_grade(double percent)
{
    json_t *checks = json_array();
    for (int i = 0; i < 10; i++) {
        _free_ char *id = xasprintf("check-%d", i);
        json_array_append_new(checks,
            json_pack("{s:s, s:s, s:i, s:s, s:{s:s, s:s, s:s}}", "id", id, "title",
                "A check that a candidate was judged by", "points", 10, "verdict",
                i % 2 ? "pass" : "fail", "evidence", "asked", "systemctl is-active a.service",
                "expected", "active", "seen", "inactive: the unit was stopped 5 min ago"));
    }
    return json_pack("{s:f, s:f, s:f, s:b, s:b, s:o}", "score", percent, "max", 100.0, "percent",
        percent, "passed", percent >= 70, "gradable", 1, "checks", checks);
}

static bool keep_one(const char *state, int i, struct lr_error *err)
{
    _free_ char *lab = xasprintf("bench-%04d", i);
    _free_ char *candidate = xasprintf("Candidate %d", i % 97);
    struct attempt_new what = {.lab = lab,
        .scenario = i % 3 ? "tiny" : "ceph-degraded",
        .scenario_digest = "0000000000000000000000000000000000000000000000000000000000000000",
        .candidate = candidate,
        .driver = "lxc",
        .version = "0.1.0",
        .time_limit_ms = 2700000};
    _attempt_ struct attempt *a = NULL;
    _json_ json_t *first = a_grade(i % 60), *last = a_grade(i % 101);
    _json_ json_t *node = json_pack("{s:s, s:s}", "node", "box", "recording", "recordings/x.cast");
    static const char *const kinds[] = {"ready", "terminal", "terminal", "hold", "resume"};
    if (!attempt_create(state, &what, &a, err))
        return false;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (!attempt_event(a, kinds[k], *kinds[k] == 't' ? node : NULL, err))
            return false;
    return attempt_save_grade(a, first, NULL, err) && attempt_save_grade(a, last, NULL, err) &&
        attempt_close(a, i % 2 ? ATTEMPT_FINISHED : ATTEMPT_STOPPED, err);
}

int main(int argc, char **argv)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    bool ok = argc == 3 && state_init(argv[1], &err);
    int n = ok ? atoi(argv[2]) : 0;
    for (int i = 0; i < n && ok; i++)
        ok = keep_one(argv[1], i, &err);
    if (!ok)
        fprintf(stderr, "attempts: %s\n", err.message ? err.message : "usage: attempts STATE N");
    return ok ? 0 : 1;
}
