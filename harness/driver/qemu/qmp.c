/* The x-ignore-shared capability leaves out of the stream what is in a file mapped shared: source
 * and clone then share the memory file, and a few hundred KiB of device state are all that moves.
 * Descriptors are handed over, because libvirt starts emulators with spawn=deny and confines the
 * paths they may open; those of pipes, because QEMU 11 takes no regular file there any more. */
#include "driver/qemu/qmp.h"
#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt-qemu.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 5

static bool parse_reply(const char *name, const char *reply, json_t **ret, struct lr_error *err)
{
    json_error_t why;
    _json_ json_t *j = json_loads(reply, 0, &why);
    if (!j)
        return lr_error_set(err, LR_EINFRA, "monitor command '%s': reply: %s", name, why.text);
    const char *desc = NULL;
    if (json_unpack(j, "{s:{s:s}}", "error", "desc", &desc) == 0)
        return lr_error_set(err, LR_EINFRA, "monitor command '%s': %s", name, desc);
    json_t *value = json_object_get(j, "return");
    if (!value)
        return lr_error_set(err, LR_EINFRA, "monitor command '%s': no result", name);
    if (ret)
        *ret = json_incref(value);
    return true;
}

bool qmp(virDomainPtr dom, json_t *command, int fd, json_t **ret, struct lr_error *err)
{
    _json_ json_t *owned = command;
    _free_ char *name = xstrdup(json_string_value(json_object_get(owned, "execute")));
    _free_ char *text = json_dumps(owned, JSON_COMPACT);
    _free_ char *reply = NULL;
    int rc = fd < 0
        ? virDomainQemuMonitorCommand(dom, text, &reply, 0)
        : virDomainQemuMonitorCommandWithFiles(dom, text, 1, &fd, NULL, NULL, &reply, 0);
    if (rc < 0)
        return virt_error(err, "monitor command '%s'", name);
    return parse_reply(name, reply, ret, err);
}

static bool leave_out_shared(virDomainPtr dom, struct lr_error *err)
{
    json_t *command = json_pack("{s:s, s:{s:[{s:s, s:b}]}}", "execute", "migrate-set-capabilities",
        "arguments", "capabilities", "capability", "x-ignore-shared", "state", 1);
    return qmp(dom, command, -1, NULL, err);
}

static bool hand_over(virDomainPtr dom, int fd, struct lr_error *err)
{
    json_t *command =
        json_pack("{s:s, s:{s:s}}", "execute", "getfd", "arguments", "fdname", "labrun-state");
    return qmp(dom, command, fd, NULL, err);
}

/* Between a file and the emulator's end of a pipe. */
struct carrier {
    int file;
    int pipe; /* ours, which does not block; -1 once all is in */
    bool out; /* from the emulator */
    bool ended;
    size_t pos, len; /* of DATA, what is not written yet */
    char data[65536];
};

static void carrier_end(struct carrier *c)
{
    if (c->pipe >= 0)
        close(c->pipe);
    c->pipe = -1;
}

static bool fill(struct carrier *c, bool *ret_waits, struct lr_error *err)
{
    ssize_t n = read(c->out ? c->pipe : c->file, c->data, sizeof c->data);
    *ret_waits = n < 0 && errno == EAGAIN;
    if (n < 0)
        return *ret_waits || errno == EINTR || lr_error_errno(err, errno, "reading the state");
    c->pos = 0;
    c->len = (size_t)n;
    c->ended = n == 0;
    if (c->ended && !c->out)
        carrier_end(c); /* so that the emulator sees the end */
    return true;
}

static bool drain(struct carrier *c, bool *ret_waits, struct lr_error *err)
{
    ssize_t n = write(c->out ? c->file : c->pipe, c->data + c->pos, c->len - c->pos);
    *ret_waits = n < 0 && errno == EAGAIN;
    c->pos += n > 0 ? (size_t)n : 0;
    /* Why the emulator takes no more is asked of the monitor. */
    c->ended = n < 0 && errno == EPIPE && !c->out;
    return n >= 0 || c->ended || *ret_waits || errno == EINTR ||
        lr_error_errno(err, errno, "writing the state");
}

/* All of it, before the monitor is asked anything: the emulator answers only when it has got rid of
 * what it writes. The end comes too when it fails or dies. */
static bool carry(struct carrier *c, struct deadline deadline, struct lr_error *err)
{
    while (!c->ended) {
        bool waits = false, ready = !deadline_passed(deadline);
        if (ready && !(c->pos == c->len ? fill(c, &waits, err) : drain(c, &waits, err)))
            return false;
        if (!cancel_check(err) ||
            (waits && !wait_fd(c->pipe, c->out ? POLLIN : POLLOUT, deadline, &ready, err)))
            return false;
        if (!ready)
            return lr_error_set(err, LR_ETIMEOUT, "the state stream did not end in time");
    }
    return true;
}

static bool pause_ms(int64_t ms, struct deadline deadline, struct lr_error *err)
{
    bool ready;
    return wait_fd(-1, 0, deadline_sooner(deadline, deadline_in(ms)), &ready, err);
}

/* libvirt hands on no migration events without an event loop, so the monitor is asked. */
static bool wait_migrated(virDomainPtr dom, struct deadline deadline, struct lr_error *err)
{
    for (;;) {
        _json_ json_t *info = NULL;
        json_t *command = json_pack("{s:s}", "execute", "query-migrate");
        if (!qmp(dom, command, -1, &info, err))
            return false;
        const char *status = json_string_value(json_object_get(info, "status"));
        const char *why = json_string_value(json_object_get(info, "error-desc"));
        if (status && streq(status, "completed"))
            return true;
        if (status && (streq(status, "failed") || streq(status, "cancelled")))
            return lr_error_set(err, LR_EINFRA, "the state stream %s: %s", status,
                why ? why : "the emulator gave no reason");
        if (deadline_passed(deadline))
            return lr_error_set(err, LR_ETIMEOUT, "the state stream did not end in time");
        if (!pause_ms(POLL_MS, deadline, err))
            return false;
    }
}

static bool migrate(virDomainPtr dom, const char *verb, int fd, bool out, struct deadline deadline,
    struct lr_error *err)
{
    int p[2];
    if (!leave_out_shared(dom, err))
        return false;
    if (pipe2(p, O_CLOEXEC) < 0)
        return lr_error_errno(err, errno, "pipe");
    _cleanup_(carrier_end) struct carrier c = {.file = fd, .pipe = p[out ? 0 : 1], .out = out};
    int theirs = p[out ? 1 : 0];
    bool handed = fcntl(c.pipe, F_SETFL, O_NONBLOCK) < 0 ? lr_error_errno(err, errno, "fcntl")
                                                         : hand_over(dom, theirs, err);
    close(theirs);
    if (!handed)
        return false;
    json_t *command =
        json_pack("{s:s, s:{s:s}}", "execute", verb, "arguments", "uri", "fd:labrun-state");
    return qmp(dom, command, -1, NULL, err) && carry(&c, deadline, err) &&
        wait_migrated(dom, deadline, err);
}

bool qmp_state_out(virDomainPtr dom, int fd, struct deadline deadline, struct lr_error *err)
{
    return migrate(dom, "migrate", fd, true, deadline, err);
}

bool qmp_state_in(virDomainPtr dom, int fd, struct deadline deadline, struct lr_error *err)
{
    return migrate(dom, "migrate-incoming", fd, false, deadline, err);
}

bool qmp_rtc(virDomainPtr dom, int64_t *ret, struct lr_error *err)
{
    _json_ json_t *date = NULL;
    json_t *command = json_pack("{s:s, s:{s:s, s:s}}", "execute", "qom-get", "arguments", "path",
        "/machine", "property", "rtc-time");
    if (!qmp(dom, command, -1, &date, err))
        return false;
    struct tm tm = {0};
    if (json_unpack(date, "{s:i, s:i, s:i, s:i, s:i, s:i}", "tm_year", &tm.tm_year, "tm_mon",
            &tm.tm_mon, "tm_mday", &tm.tm_mday, "tm_hour", &tm.tm_hour, "tm_min", &tm.tm_min,
            "tm_sec", &tm.tm_sec) < 0)
        return lr_error_set(err, LR_EINFRA, "the machine's RTC gives no date");
    *ret = timegm(&tm);
    return true;
}
