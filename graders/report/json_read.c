/* score.json -> struct score_report, by the tables of members.c. A stored score may have been
 * edited or written by another version: every member is checked, and what is wrong is named. */
#include "graders/report/members.h"
#include "graders/report/report.h"
#include <math.h>
#include <time.h>

#define MAX_RESULTS 1000
#define MAX_EVENTS  100000

static bool wrong(struct lr_error *err, const char *where, const char *key, const char *expected)
{
    return lr_error_set(err, LR_EINFRA, "score file: %s'%s' is not %s", where, key, expected);
}

static bool read_time(const char *s, int64_t *ret_ms)
{
    struct tm tm = {0};
    const char *end = s ? strptime(s, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
    if (!end || *end)
        return false;
    *ret_ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

/* False when V is not of the type; *ret_expected then names what it should have been. */
static bool read_value(enum member_type type, const json_t *v, void *p, const char **ret_expected)
{
    static const char *const expected[] = {"a string", "a string or null", "a whole number",
        "a number", "true or false", "a time", "a number of seconds", "a stage", "a verdict"};
    *ret_expected = expected[type];
    switch (type) {
    case M_STRING:
    case M_STRING_OR_NULL:
        *(char **)p = xstrdup(json_string_value(v));
        return json_is_string(v) || (type == M_STRING_OR_NULL && json_is_null(v));
    case M_INT:
        *(int64_t *)p = json_integer_value(v);
        return json_is_integer(v);
    case M_NUMBER:
        *(double *)p = json_number_value(v);
        return json_is_number(v);
    case M_BOOL:
        *(bool *)p = json_is_true(v);
        return json_is_boolean(v);
    case M_TIME:
        return read_time(json_string_value(v), p);
    case M_SECONDS:
        if (!json_is_number(v) || fabs(json_number_value(v)) > 1e12)
            return false;
        *(int64_t *)p = llround(json_number_value(v) * 1000);
        return true;
    case M_STAGE:
        return json_is_string(v) && result_stage_from_name(json_string_value(v), p);
    case M_VERDICT:
        return json_is_string(v) && verdict_from_name(json_string_value(v), p);
    }
    return false;
}

static bool read_members(const struct members *table, const json_t *j, void *out, const char *where,
    struct lr_error *err)
{
    if (!json_is_object(j))
        return lr_error_set(err, LR_EINFRA, "score file: %snot an object", where);
    for (size_t i = 0; i < table->n; i++) {
        const struct member *m = &table->items[i];
        const char *expected;
        if (!read_value(m->type, json_object_get(j, m->key), (char *)out + m->offset, &expected))
            return wrong(err, where, m->key, expected);
    }
    return true;
}

/* The list KEY of J, or an error. */
static bool get_list(json_t *j, const char *key, size_t max, json_t **ret, struct lr_error *err)
{
    *ret = json_object_get(j, key);
    if (!json_is_array(*ret) || json_array_size(*ret) > max)
        return wrong(err, "", key, "a list of reasonable length");
    return true;
}

static bool read_results(json_t *j, const char *key, const struct members *table,
    struct check_results *ret, struct lr_error *err)
{
    json_t *list;
    if (!get_list(j, key, MAX_RESULTS, &list, err))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        struct check_result *c = array_append(ret->items, ret->n);
        _free_ char *where = xasprintf("%s[%zu]: ", key, i);
        if (!read_members(table, item, c, where, err) ||
            !read_members(&evidence_members, json_object_get(item, "evidence"), c, where, err))
            return false;
    }
    return true;
}

static bool read_list(json_t *j, const char *key, size_t max, const struct members *table,
    size_t size, void *ret_items, size_t *ret_n, struct lr_error *err)
{
    json_t *list;
    if (!get_list(j, key, max, &list, err))
        return false;
    size_t n = json_array_size(list);
    char *items = xcalloc(n ? n : 1, size);
    memcpy(ret_items, &items, sizeof items); /* a pointer to some struct */
    *ret_n = n;
    for (size_t i = 0; i < n; i++) {
        _free_ char *where = xasprintf("%s[%zu]: ", key, i);
        if (!read_members(table, json_array_get(list, i), items + i * size, where, err))
            return false;
    }
    return true;
}

/* What happened, in the order of struct score_report. */
static bool read_history(json_t *j, struct score_report *r, struct lr_error *err)
{
    return read_list(j, "hints", MAX_RESULTS, &hint_members, sizeof *r->hints, &r->hints,
               &r->n_hints, err) &&
        read_list(j, "events", MAX_EVENTS, &event_members, sizeof *r->events, &r->events,
            &r->n_events, err) &&
        read_list(j, "recordings", MAX_EVENTS, &recording_members, sizeof *r->recordings,
            &r->recordings, &r->n_recordings, err);
}

static bool read_stages(json_t *j, struct score_report *r, struct lr_error *err)
{
    json_t *stages = json_object_get(j, "stages");
    if (!json_is_object(stages))
        return wrong(err, "", "stages", "an object");
    return read_members(
               &stage_members, json_object_get(stages, "now"), &r->now, "stages: now: ", err) &&
        read_members(&stage_members, json_object_get(stages, "after_reboot"), &r->after,
            "stages: after_reboot: ", err);
}

static bool read_skills(json_t *j, struct score_report *r, struct lr_error *err)
{
    json_t *skills = json_object_get(j, "skills");
    if (!json_is_object(skills))
        return wrong(err, "", "skills", "an object");
    const char *name;
    json_t *value;
    json_object_foreach (skills, name, value) {
        struct skill_score *s = array_append(r->skills, r->n_skills);
        s->name = xstrdup(name);
        if (!read_members(&skill_members, value, s, "skills: ", err))
            return false;
    }
    return true;
}

/* Optional: scenarios without parameters have none, and files for candidates neither. */
static bool read_draw(json_t *j, struct score_report *r, struct lr_error *err)
{
    json_t *draw = json_object_get(j, "draw");
    if (!draw)
        return true;
    const json_t *values = json_object_get(draw, "parameters");
    if (!json_is_integer(json_object_get(draw, "seed")) || !json_is_object(values))
        return wrong(err, "", "draw", "a seed and parameters");
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)values, name, value)
        if (!json_is_string(value))
            return wrong(err, "draw: ", name, "a string");
    r->draw = json_incref(draw);
    return true;
}

bool score_from_json(json_t *j, struct score_report *ret, struct lr_error *err)
{
    _score_report_ struct score_report r = {0};
    json_t *format = json_object_get(j, "format");
    if (!json_is_integer(format))
        return wrong(err, "", "format", "a whole number");
    if (json_integer_value(format) != SCORE_FORMAT)
        return lr_error_set(err, LR_EINFRA, "score file: format %lld is not known to this version",
            (long long)json_integer_value(format));
    if (!read_members(&report_members, j, &r, "", err) ||
        !read_results(j, "checks", &result_members, &r.checks, err) ||
        !read_results(j, "guards", &guard_members, &r.guards, err) || !read_history(j, &r, err) ||
        !topology_from_json(json_object_get(j, "topology"), &r.topology, err) ||
        !collateral_from_json(json_object_get(j, "collateral"), &r.collateral, err) ||
        !read_stages(j, &r, err) || !read_skills(j, &r, err) || !read_draw(j, &r, err))
        return false;
    *ret = r;
    r = (struct score_report){0};
    return true;
}
