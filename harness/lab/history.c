#include "lab/history.h"
#include "graders/report/report.h"

/* Events in the words of people; "%s" stands for the node. What is not here is shown by its kind.
 */
static const struct {
    const char *kind;
    const char *text;
} plain[] = {
    {"created", "the lab is being brought up"},
    {"ready", "the lab is ready: the clock runs"},
    {"hold", "power cut for a grade: the clock stands"},
    {"resume", "the clock runs again"},
    {"pause", "paused: the clock stands"},
    {"reset", "reset to the broken state: the clock stands"},
};

static char *text_of(const char *kind, const json_t *data)
{
    const char *node = json_string_value(json_object_get(data, "node"));
    const char *state = json_string_value(json_object_get(data, "state"));
    if (streq(kind, "hint")) {
        _free_ char *cost = format_points(json_number_value(json_object_get(data, "cost")));
        return xasprintf("hint %lld for %s points",
            (long long)json_integer_value(json_object_get(data, "number")), cost);
    }
    if (streq(kind, "grade")) {
        _free_ char *percent = format_points(json_number_value(json_object_get(data, "percent")));
        return xasprintf("graded: %s %%", percent);
    }
    if (streq(kind, "terminal"))
        return xasprintf("terminal on %s", node ? node : "?");
    if (streq(kind, "reset") && node)
        return xasprintf("%s reset to the broken state: the clock stands", node);
    if (streq(kind, "close"))
        return xasprintf("the attempt is closed: %s", state ? state : "?");
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (streq(kind, plain[i].kind))
            return xasprintf("%s%s%s", plain[i].text, node ? ", node " : "", node ? node : "");
    return node ? xasprintf("%s on %s", kind, node) : xstrdup(kind);
}

static void add_hint(struct score_report *r, const json_t *data, int64_t at)
{
    struct hint_taken *hint = array_append(r->hints, r->n_hints);
    hint->number = json_integer_value(json_object_get(data, "number"));
    hint->cost = json_number_value(json_object_get(data, "cost"));
    const char *text = json_string_value(json_object_get(data, "text"));
    hint->text = xstrdup(text ? text : "");
    hint->at_ms = at;
}

static void add_recording(struct score_report *r, const json_t *data, int64_t at)
{
    const char *file = json_string_value(json_object_get(data, "recording"));
    const char *node = json_string_value(json_object_get(data, "node"));
    if (!file)
        return;
    struct recording *rec = array_append(r->recordings, r->n_recordings);
    *rec = (struct recording){at, xstrdup(node ? node : ""), xstrdup(file)};
}

static double value_of(const char *kind, const json_t *data)
{
    const char *key = streq(kind, "grade") ? "percent" : streq(kind, "hint") ? "cost" : NULL;
    return key ? json_number_value(json_object_get(data, key)) : 0;
}

/* When the clock first ran; the beginning of the time line. */
static int64_t began_at(const json_t *events)
{
    size_t i;
    json_t *e;
    json_array_foreach (events, i, e) {
        const char *kind = json_string_value(json_object_get(e, "kind"));
        if (kind && streq(kind, "ready"))
            return json_integer_value(json_object_get(e, "wall_ms"));
    }
    return json_integer_value(json_object_get(json_array_get(events, 0), "wall_ms"));
}

static bool fill(struct attempt *a, struct score_report *r, bool hints, struct lr_error *err)
{
    _json_ json_t *events = NULL;
    if (!attempt_events(a, NULL, &events, NULL, err))
        return false;
    struct event_clock clock = {0};
    int64_t began = began_at(events);
    size_t i;
    json_t *event;
    json_array_foreach (events, i, event) {
        event_clock_step(&clock, event);
        const char *kind = json_string_value(json_object_get(event, "kind"));
        const json_t *data = json_object_get(event, "data");
        int64_t since = json_integer_value(json_object_get(event, "wall_ms")) - began;
        if (streq(kind, "hint") && hints)
            add_hint(r, data, clock.used_ms);
        if (streq(kind, "terminal"))
            add_recording(r, data, clock.used_ms);
        struct score_event *line = array_append(r->events, r->n_events);
        *line = (struct score_event){clock.used_ms, since > 0 ? since : 0, xstrdup(kind),
            text_of(kind, data), value_of(kind, data)};
    }
    return true;
}

bool history_fill(struct attempt *a, struct score_report *r, struct lr_error *err)
{
    return fill(a, r, true, err);
}

bool history_refresh(struct attempt *a, struct score_report *r, struct lr_error *err)
{
    score_history_free(r);
    return fill(a, r, false, err);
}
