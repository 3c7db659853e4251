/* attempt.json: to and from a struct attempt, and JSON files in general. */
#include "record/internal.h"
#include "util/deadline.h"
#include "util/fs.h"

#define ATTEMPT_CAP (64UL << 10)

static const char *const state_names[] = {"open", "finished", "stopped"};

const char *attempt_state_name(enum attempt_state s)
{
    return state_names[s];
}

void attempt_free(struct attempt *a)
{
    if (!a)
        return;
    free(a->dir);
    free(a->id);
    free(a->lab);
    free(a->scenario);
    free(a->scenario_digest);
    free(a->candidate);
    free(a->driver);
    free(a->version);
    free(a->boot_id);
    json_decref(a->draw);
    free(a);
}

bool write_json(const char *path, const json_t *j, struct lr_error *err)
{
    _free_ char *text = json_dumps(j, JSON_INDENT(2) | JSON_ENCODE_ANY);
    if (!text)
        return lr_error_set(err, LR_EINFRA, "'%s': the data has no JSON form", path);
    _free_ char *whole = xasprintf("%s\n", text);
    return file_write_atomic(path, whole, strlen(whole), 0600, err);
}

bool read_json(const char *path, size_t cap, json_t **ret, struct lr_error *err)
{
    _free_ char *text = NULL;
    size_t len;
    if (!file_read(path, cap, &text, &len, err))
        return false;
    json_error_t e;
    json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
    if (!j)
        return lr_error_set(err, LR_EINFRA, "%s:%d:%d: %s", path, e.line, e.column, e.text);
    *ret = j;
    return true;
}

static json_t *to_json(const struct attempt *a)
{
    _free_ char *started = format_time(a->started_wall_ms);
    json_t *j = json_pack("{si ss ss ss ss ss? ss ss ss sI sI ss sI ss sI sI}", "format", 1, "id",
        a->id, "lab", a->lab, "scenario", a->scenario, "scenario_digest", a->scenario_digest,
        "candidate", a->candidate, "driver", a->driver, "version", a->version, "started", started,
        "started_wall_ms", (json_int_t)a->started_wall_ms, "started_mono_ms",
        (json_int_t)a->started_mono_ms, "boot_id", a->boot_id, "time_limit_ms",
        (json_int_t)a->time_limit_ms, "state", state_names[a->state], "closed_wall_ms",
        (json_int_t)a->closed_wall_ms, "used_ms", (json_int_t)a->used_ms);
    json_object_set_new(j, "grades", json_integer(a->n_grades));
    if (a->draw)
        json_object_set(j, "draw", a->draw);
    if (a->n_grades)
        json_object_set_new(j, "last_grade",
            json_pack("{sf sf sf sb sb sb}", "score", a->score, "max", a->max, "percent",
                a->percent, "passed", (int)a->passed, "gradable", (int)a->gradable, "complete",
                (int)a->complete));
    return j;
}

static bool state_from_name(const char *name, enum attempt_state *ret)
{
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++) {
        if (streq(name, state_names[i])) {
            *ret = (enum attempt_state)i;
            return true;
        }
    }
    return false;
}

/* Members of a summary that is not there, or is of an older version, stay zero. */
void attempt_read_summary(struct attempt *a, const json_t *j)
{
    a->score = json_number_value(json_object_get(j, "score"));
    a->max = json_number_value(json_object_get(j, "max"));
    a->percent = json_number_value(json_object_get(j, "percent"));
    a->passed = json_is_true(json_object_get(j, "passed"));
    a->gradable = json_is_true(json_object_get(j, "gradable"));
    a->complete = !json_is_false(json_object_get(j, "complete")); /* older ones do not say */
}

static bool from_json(const char *dir, const json_t *j, struct attempt **ret, struct lr_error *err)
{
    const char *id, *lab, *scenario, *digest, *driver, *version, *boot, *state;
    json_int_t wall, mono, limit, closed, used, grades;
    json_error_t e;
    if (json_unpack_ex((json_t *)j, &e, 0, "{ss ss ss ss ss ss ss sI sI sI ss sI sI sI}", "id", &id,
            "lab", &lab, "scenario", &scenario, "scenario_digest", &digest, "driver", &driver,
            "version", &version, "boot_id", &boot, "started_wall_ms", &wall, "started_mono_ms",
            &mono, "time_limit_ms", &limit, "state", &state, "closed_wall_ms", &closed, "used_ms",
            &used, "grades", &grades) < 0)
        return lr_error_set(err, LR_EINFRA, "%s/attempt.json: %s", dir, e.text);
    const char *candidate = json_string_value(json_object_get(j, "candidate"));
    struct attempt *a = xnew(struct attempt);
    *a = (struct attempt){.dir = xstrdup(dir),
        .id = xstrdup(id),
        .lab = xstrdup(lab),
        .scenario = xstrdup(scenario),
        .scenario_digest = xstrdup(digest),
        .candidate = xstrdup(candidate),
        .driver = xstrdup(driver),
        .version = xstrdup(version),
        .boot_id = xstrdup(boot),
        .started_wall_ms = wall,
        .started_mono_ms = mono,
        .draw = json_incref(json_object_get(j, "draw")),
        .time_limit_ms = limit,
        .closed_wall_ms = closed,
        .used_ms = used,
        .n_grades = grades};
    if (!state_from_name(state, &a->state)) {
        attempt_free(a);
        return lr_error_set(err, LR_EINFRA, "%s/attempt.json: unknown state '%s'", dir, state);
    }
    attempt_read_summary(a, json_object_get(j, "last_grade"));
    *ret = a;
    return true;
}

bool attempt_load(const char *dir, struct attempt **ret, struct lr_error *err)
{
    _free_ char *path = path_join(dir, "attempt.json");
    _json_ json_t *j = NULL;
    return read_json(path, ATTEMPT_CAP, &j, err) && from_json(dir, j, ret, err);
}

bool attempt_save(const struct attempt *a, struct lr_error *err)
{
    _free_ char *path = path_join(a->dir, "attempt.json");
    _json_ json_t *j = to_json(a);
    return write_json(path, j, err);
}
