/* systemd: is a unit active, does it start at boot, and has it stayed up for a while? A service
 * that is restarted again and again enters "active" again each time, so that how long ago it last
 * did tells it from one that stays up. */
#include "graders/probes/kinds.h"
#include "graders/probes/node.h"

struct systemd_params {
    char *unit;
    bool active;
    bool has_active;
    bool enabled;
    bool has_enabled;
    char *sub;
    int64_t settled_ms;
    int64_t max_restarts; /* -1: not said */
};

static const struct field systemd_fields[] = {
    FIELD_STRING("unit", struct systemd_params, unit, FIELD_REQUIRED, .max = 256),
    FIELD_BOOL("active", struct systemd_params, active, 0,
        .help = "it is active, or is not; default true; with 'enabled' it is only asked where "
                "'settled' or 'max_restarts' is given, too"),
    FIELD_BOOL("enabled", struct systemd_params, enabled, 0,
        .help = "it starts at boot (enabled, alias, generated), or does not"),
    FIELD_STRING("sub", struct systemd_params, sub, 0, .help = "its state in detail: running"),
    FIELD_DURATION("settled", struct systemd_params, settled_ms, 0,
        .help = "it has been active for at least so long, so it is not restarting"),
    FIELD_INT("max_restarts", struct systemd_params, max_restarts, 0,
        .help = "systemd has restarted it by itself at most so many times"),
};

static void *systemd_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct systemd_params *p = xnew(struct systemd_params);
    p->max_restarts = -1;
    p->active = true;
    read_map(r, v, systemd_fields, N_FIELDS(systemd_fields), p);
    if (v->type != VALUE_MAP)
        return p;
    p->has_enabled = value_get(v, "enabled") != NULL;
    /* How long it runs, and how often it had to be started, says nothing of one that is stopped. */
    bool lasts = p->settled_ms > 0 || p->max_restarts >= 0;
    p->has_active = value_get(v, "active") || !p->has_enabled || lasts;
    if (p->unit && p->unit[0] == '-')
        problems_add(r->problems, value_get(v, "unit"), "'unit' must not begin with '-'");
    if (p->settled_ms > 0 && !p->active)
        problems_add(r->problems, value_get(v, "settled"), "'settled' needs the unit to be active");
    return p;
}

static void systemd_free(void *params)
{
    free_map(systemd_fields, N_FIELDS(systemd_fields), params);
    free(params);
}

static json_t *systemd_schema(void)
{
    return fields_schema(systemd_fields, N_FIELDS(systemd_fields));
}

enum property {
    LOAD_STATE,
    ACTIVE_STATE,
    SUB_STATE,
    UNIT_FILE_STATE,
    RESULT,
    N_RESTARTS,
    ACTIVE_ENTER,
    N_PROPERTIES
};

static const char *const names[N_PROPERTIES] = {"LoadState", "ActiveState", "SubState",
    "UnitFileState", "Result", "NRestarts", "ActiveEnterTimestampMonotonic"};

/* Asks for the clock as well: systemd's timestamps are CLOCK_MONOTONIC, /proc/uptime is not. */
static const char script[] =
    "set -eu\n"
    "/usr/bin/systemctl show --no-pager -p LoadState -p ActiveState -p SubState "
    "-p UnitFileState -p Result -p NRestarts -p ActiveEnterTimestampMonotonic -- \"$1\"\n"
    "if [ \"$2\" = clock ]; then exec /usr/bin/python3 -I -c "
    "'import time; print(\"Now=%d\" % (time.monotonic_ns() // 1000))'; fi\n";

/* Takes NAME=VALUE lines apart, in place. What is not one, or is there twice, is an error. */
static bool read_properties(char *text, const char *values[N_PROPERTIES], const char **now)
{
    for (char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        char *next = line + n + (line[n] == '\n');
        line[n] = '\0';
        char *equals = strchr(line, '=');
        if (!equals)
            return false;
        *equals = '\0';
        const char **slot = streq(line, "Now") ? now : NULL;
        for (size_t i = 0; i < N_PROPERTIES; i++)
            if (streq(line, names[i]))
                slot = &values[i];
        if (!slot || *slot)
            return false;
        *slot = equals + 1;
        line = next;
    }
    return true;
}

static bool to_number(const char *s, int64_t *ret)
{
    char *end;
    if (!s || *s < '0' || *s > '9')
        return false;
    *ret = strtoll(s, &end, 10);
    return *end == '\0';
}

static bool starts_at_boot(const char *state)
{
    return streq(state, "enabled") || streq(state, "alias") || streq(state, "generated");
}

/* False when the answer lacks what is needed to tell. */
static bool judge_settled(
    const struct systemd_params *p, const char *entered, const char *clock, struct tally *t)
{
    int64_t since, now;
    if (!to_number(entered, &since) || !to_number(clock, &now) || since > now)
        return false;
    int64_t ms = (now - since) / 1000;
    _free_ char *want = format_duration(p->settled_ms);
    _free_ char *seen = format_duration(ms);
    tally_expect(t, "it has been active for at least %s", want);
    tally_saw(t, since > 0 && ms >= p->settled_ms, "it has been active for %s",
        since > 0 ? seen : "no time");
    return true;
}

static bool judge(
    const struct systemd_params *p, const char *v[N_PROPERTIES], const char *clock, struct tally *t)
{
    if (!v[LOAD_STATE] || !v[ACTIVE_STATE] || !v[SUB_STATE])
        return false;
    bool active = streq(v[ACTIVE_STATE], "active");
    if (p->has_active) {
        tally_expect(t, "%s is %sactive", p->unit, p->active ? "" : "not ");
        tally_saw(t, active == p->active, "%s is %s (%s), loaded: %s, result: %s", p->unit,
            v[ACTIVE_STATE], v[SUB_STATE], v[LOAD_STATE], v[RESULT] ? v[RESULT] : "none");
    }
    if (p->sub) {
        tally_expect(t, "its state in detail is %s", p->sub);
        tally_saw(t, streq(p->sub, v[SUB_STATE]), "its state in detail is %s", v[SUB_STATE]);
    }
    if (p->has_enabled) {
        const char *state = v[UNIT_FILE_STATE] ? v[UNIT_FILE_STATE] : "";
        tally_expect(t, "it %s at boot", p->enabled ? "starts" : "does not start");
        tally_saw(t, starts_at_boot(state) == p->enabled, "its unit file is %s",
            *state ? state : "not there");
    }
    int64_t restarts = 0;
    if (p->max_restarts >= 0) {
        if (!to_number(v[N_RESTARTS], &restarts))
            return false;
        tally_expect(t, "restarted by systemd at most %lld times", (long long)p->max_restarts);
        tally_saw(
            t, restarts <= p->max_restarts, "restarted by systemd %lld times", (long long)restarts);
    }
    return p->settled_ms == 0 || !active || judge_settled(p, v[ACTIVE_ENTER], clock, t);
}

static void systemd_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct systemd_params *p = params;
    outcome_asked(o, "systemctl show %s", p->unit);
    outcome_expected(o, "%s is %sactive", p->unit, p->active ? "" : "not ");
    const char *argv[] = {"/bin/sh", "-s", "--", p->unit, p->settled_ms > 0 ? "clock" : "no", NULL};
    _run_result_ struct run_result r = {0};
    if (!node_run(ctx, argv, script, sizeof script - 1, &r, o))
        return;
    const char *values[N_PROPERTIES] = {NULL}, *now = NULL;
    _tally_ struct tally t = {0};
    if (r.status != 0 || strlen(r.out) != r.out_len || !read_properties(r.out, values, &now) ||
        !judge(p, values, now, &t)) {
        _free_ char *err = evidence_text(r.err, r.err_len);
        outcome_set(o, VERDICT_ERROR, "systemctl did not answer as it should (exit status %d): %s",
            r.status, err);
        return;
    }
    tally_finish(&t, o);
}

const struct probe_kind probe_systemd = {
    .name = "systemd",
    .summary = "whether a unit is active, starts at boot and stays up",
    .parse = systemd_parse,
    .free_params = systemd_free,
    .schema = systemd_schema,
    .run = systemd_run,
};
