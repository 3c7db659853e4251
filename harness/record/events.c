/* events.jsonl: the one file that many write and nobody replaces.
 *
 * A writer holds the file's own lock from looking at its last byte to the end of its one write(),
 * so that it can tell a torn line (its writer was killed, or the disk was full) from one that is
 * being written; it ends a torn line before it adds its own. Reading takes no lock. */
#include "record/internal.h"
#include "util/deadline.h"
#include "util/fs.h"
#include "util/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define EVENT_CAP  (256UL << 10)
#define EVENTS_CAP (128UL << 20)

static const struct {
    const char *kind;
    bool runs; /* the candidate's clock, from this event on */
} clock_kinds[] = {
    {"ready", true},
    {"resume", true},
    {"pause", false},
    {"reset", false},
    {"hold", false},
    {"close", false},
};

static bool make_line(
    const char *kind, const json_t *data, struct strbuf *ret, struct lr_error *err)
{
    int64_t wall = wall_ms();
    _free_ char *time = format_time(wall);
    _free_ char *boot = host_boot_id();
    _free_ char *name = utf8_clean(kind);
    _json_ json_t *event =
        json_pack("{ss sI sI ss ss sO?}", "time", time, "wall_ms", (json_int_t)wall, "mono_ms",
            (json_int_t)now_ms(), "boot", boot, "kind", name, "data", (json_t *)data);
    _free_ char *text = event ? json_dumps(event, JSON_COMPACT) : NULL;
    if (!text)
        return lr_error_set(err, LR_EINFRA, "event '%s' has no JSON form", kind);
    strbuf_addf(ret, "%s\n", text);
    if (ret->len > EVENT_CAP)
        return lr_error_set(err, LR_EINFRA, "event '%s' is larger than %lu bytes", kind, EVENT_CAP);
    return true;
}

static bool ends_torn(int fd)
{
    struct stat st;
    char last = '\n';
    return fstat(fd, &st) == 0 && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 &&
        last != '\n';
}

static bool append(int fd, const char *kind, const json_t *data, struct lr_error *err)
{
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return lr_error_errno(err, errno, "locking the events");
    _strbuf_ struct strbuf line = STRBUF_INIT;
    if (ends_torn(fd))
        strbuf_adds(&line, "\n");
    /* Under the lock, so that the events of one boot stand in the order of their times. */
    if (!make_line(kind, data, &line, err))
        return false;
    ssize_t n;
    do
        n = write(fd, line.data, line.len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return lr_error_errno(err, errno, "writing event '%s'", kind);
    if ((size_t)n < line.len)
        return lr_error_errno(err, ENOSPC, "writing event '%s'", kind);
    flock(fd, LOCK_UN);
    if (fdatasync(fd) < 0)
        return lr_error_errno(err, errno, "syncing event '%s'", kind);
    return true;
}

bool attempt_event(struct attempt *a, const char *kind, const json_t *data, struct lr_error *err)
{
    _free_ char *path = path_join(a->dir, "events.jsonl");
    _close_ int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return lr_error_errno(err, errno, "opening '%s'", path);
    return append(fd, kind, data, err);
}

bool attempt_events(
    struct attempt *a, const char *kind, json_t **ret, size_t *ret_torn, struct lr_error *err)
{
    _free_ char *path = path_join(a->dir, "events.jsonl");
    _free_ char *text = NULL;
    size_t len = 0, torn = 0;
    if (path_exists(path) && !file_read(path, EVENTS_CAP, &text, &len, err))
        return false;
    json_t *list = json_array();
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end ? (size_t)(end - text) - at : len - at;
        json_t *event = end ? json_loadb(text + at, n, 0, NULL) : NULL;
        const char *k = json_string_value(json_object_get(event, "kind"));
        if (!k)
            torn += n > 0;
        else if (!kind || streq(k, kind))
            json_array_append(list, event);
        json_decref(event);
        at += n + 1;
    }
    if (ret_torn)
        *ret_torn = torn;
    *ret = list;
    return true;
}

bool event_moves_clock(const char *kind)
{
    for (size_t k = 0; kind && k < sizeof clock_kinds / sizeof clock_kinds[0]; k++)
        if (streq(kind, clock_kinds[k].kind))
            return true;
    return false;
}

void event_clock_step(struct event_clock *c, const json_t *event)
{
    int64_t at = json_integer_value(json_object_get(event, "mono_ms"));
    const char *boot = json_string_value(json_object_get(event, "boot"));
    const char *kind = json_string_value(json_object_get(event, "kind"));
    if (c->running && boot && c->boot && streq(boot, c->boot) && at > c->since_ms)
        c->used_ms += at - c->since_ms;
    c->since_ms = at;
    c->boot = boot;
    for (size_t k = 0; kind && k < sizeof clock_kinds / sizeof clock_kinds[0]; k++)
        if (streq(kind, clock_kinds[k].kind))
            c->running = clock_kinds[k].runs;
}

int64_t events_used_ms(const json_t *events, int64_t mono_ms, const char *boot)
{
    struct event_clock c = {0};
    size_t i;
    json_t *e;
    json_array_foreach (events, i, e)
        event_clock_step(&c, e);
    if (c.running && c.boot && streq(boot, c.boot) && mono_ms > c.since_ms)
        c.used_ms += mono_ms - c.since_ms;
    return c.used_ms;
}
