#include "lab/clock.h"
#include "util/log.h"

/* Hold, reset and the close of a lab that still runs stand for a command at work, and it would have
 * the lock. */
static bool stands_for_nobody(
    const struct host *h, const struct lab *lab, const char *kind, bool *ret, struct lr_error *err)
{
    bool paused = false;
    *ret = streq(kind, "hold") || streq(kind, "reset") || streq(kind, "close");
    if (!streq(kind, "pause"))
        return true;
    if (!lab_is_paused(h, lab, &paused, err))
        return false;
    *ret = !paused;
    return true;
}

/* The last event that ASKED is about; NULL: there is none. */
static const char *last_of(const json_t *events, bool (*asked)(const char *kind))
{
    const char *last = NULL;
    size_t i;
    json_t *e;
    json_array_foreach (events, i, e) {
        const char *kind = json_string_value(json_object_get(e, "kind"));
        if (asked(kind))
            last = kind;
    }
    return last;
}

static bool is_of_a_cut(const char *kind)
{
    return streq(kind, "hold") || streq(kind, "grade");
}

static bool ends_in(struct attempt *a, const char *kind, bool (*asked)(const char *kind), bool *ret,
    struct lr_error *err)
{
    _json_ json_t *events = NULL;
    if (!attempt_events(a, NULL, &events, NULL, err))
        return false;
    const char *last = last_of(events, asked);
    *ret = last && streq(last, kind);
    return true;
}

bool clock_held(struct attempt *a, bool *ret, struct lr_error *err)
{
    return ends_in(a, "hold", event_moves_clock, ret, err);
}

bool clock_paused(struct attempt *a, bool *ret, struct lr_error *err)
{
    return ends_in(a, "pause", event_moves_clock, ret, err);
}

bool clock_cut_short(struct attempt *a, bool *ret, struct lr_error *err)
{
    return ends_in(a, "hold", is_of_a_cut, ret, err);
}

bool clock_refuse_paused(
    const struct host *h, const struct lab *lab, struct attempt *a, struct lr_error *err)
{
    bool meant, paused;
    if (!clock_paused(a, &meant, err) || !lab_is_paused(h, lab, &paused, err))
        return false;
    if (!meant || !paused)
        return true;
    lr_error_set(err, LR_EBUSY, "lab '%s' is paused", lab->name);
    return lr_error_hint(err, "`labrun resume %s` first", lab->name);
}

bool clock_mend(
    const struct host *h, const struct lab *lab, struct attempt *a, struct lr_error *err)
{
    _json_ json_t *events = NULL;
    if (!attempt_events(a, NULL, &events, NULL, err))
        return false;
    const char *last = last_of(events, event_moves_clock);
    bool forgotten;
    if (!last || !stands_for_nobody(h, lab, last, &forgotten, err))
        return !last;
    if (!forgotten)
        return true;
    log_info(
        "the clock of lab '%s' was stopped by a command that was killed: it runs again", lab->name);
    return attempt_event(a, "resume", NULL, err);
}
