/* struct score_report -> score.json, by the tables of members.c. */
#include "graders/report/members.h"
#include "graders/report/report.h"
#include "util/deadline.h"
#include "util/utf8.h"
#include <math.h>

/* Whole numbers are written as such; others keep what a person would write, not 0.30000000000004.
 */
static json_t *number(double v)
{
    double rounded = round(v * 1e6) / 1e6;
    if (rounded == floor(rounded) && fabs(rounded) < 1e15)
        return json_integer((json_int_t)rounded);
    return json_real(rounded);
}

static json_t *text(const char *s)
{
    _free_ char *clean = utf8_clean(s);
    return json_string(clean);
}

static json_t *write_member(const struct member *m, const void *from)
{
    const void *p = (const char *)from + m->offset;
    _free_ char *time = NULL;
    switch (m->type) {
    case M_STRING:
        return text(*(char *const *)p ? *(char *const *)p : "");
    case M_STRING_OR_NULL:
        return *(char *const *)p ? text(*(char *const *)p) : json_null();
    case M_INT:
        return json_integer(*(const int64_t *)p);
    case M_NUMBER:
        return number(*(const double *)p);
    case M_BOOL:
        return json_boolean(*(const bool *)p);
    case M_TIME:
        time = format_time(*(const int64_t *)p);
        return json_string(time);
    case M_SECONDS:
        return number((double)*(const int64_t *)p / 1000);
    case M_STAGE:
        return json_string(result_stage_name(*(const enum result_stage *)p));
    case M_VERDICT:
        return json_string(verdict_name(*(const enum verdict *)p));
    }
    return json_null();
}

static json_t *write_members(const struct members *table, const void *from)
{
    json_t *j = json_object();
    for (size_t i = 0; i < table->n; i++)
        json_object_set_new(j, table->items[i].key, write_member(&table->items[i], from));
    return j;
}

static json_t *write_list(const struct members *table, const void *items, size_t n, size_t size)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, write_members(table, (const char *)items + i * size));
    return list;
}

static json_t *write_results(const struct check_results *r, const struct members *table)
{
    json_t *list = write_list(table, r->items, r->n, sizeof *r->items);
    for (size_t i = 0; i < r->n; i++)
        json_object_set_new(
            json_array_get(list, i), "evidence", write_members(&evidence_members, &r->items[i]));
    return list;
}

json_t *score_to_json(const struct score_report *r)
{
    json_t *j = json_object();
    json_object_set_new(j, "format", json_integer(SCORE_FORMAT));
    _json_ json_t *flat = write_members(&report_members, r);
    json_object_update(j, flat);
    if (r->draw)
        json_object_set(j, "draw", r->draw);
    json_object_set_new(j, "checks", write_results(&r->checks, &result_members));
    json_object_set_new(j, "guards", write_results(&r->guards, &guard_members));
    json_object_set_new(
        j, "hints", write_list(&hint_members, r->hints, r->n_hints, sizeof *r->hints));
    json_object_set_new(
        j, "events", write_list(&event_members, r->events, r->n_events, sizeof *r->events));
    json_object_set_new(j, "recordings",
        write_list(&recording_members, r->recordings, r->n_recordings, sizeof *r->recordings));
    json_object_set_new(j, "topology", topology_to_json(&r->topology));
    json_object_set_new(j, "collateral", collateral_to_json(&r->collateral));
    json_object_set_new(j, "stages",
        json_pack("{s:o, s:o}", "now", write_members(&stage_members, &r->now), "after_reboot",
            write_members(&stage_members, &r->after)));
    json_t *skills = json_object();
    for (size_t i = 0; i < r->n_skills; i++)
        json_object_set_new(
            skills, r->skills[i].name, write_members(&skill_members, &r->skills[i]));
    json_object_set_new(j, "skills", skills);
    return j;
}
