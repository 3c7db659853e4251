/* The user's terminal, or stdin and stdout as they are, wired to one channel.
 *
 * One thread and one poll() over the connection, stdin, stdout, stderr, the change of size and the
 * interruption. What comes from the node stays in libssh until stdout has taken what came before,
 * and what comes from stdin is read only when the node has taken what came before: so a slow reader
 * on either end slows the other one down, and nothing piles up. */
#include "transport/terminal.h"
#include "transport/ending.h"
#include "transport/flow.h"
#include "transport/link.h"
#include "transport/tty.h"
#include "util/mem.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

enum {
    OPEN_MS = 60000 /* for the session and the shell */
};

struct terminal {
    struct link link;
    ssh_channel channel;
    const struct terminal_tap *tap; /* or NULL */
    bool pty;
    struct tty tty;
    struct flow in, out, err;
    bool eof_sent;
    struct escape escape;
    struct ending ending;
};

static void terminal_clear(struct terminal *t)
{
    link_close(&t->link);
    ending_clear(&t->ending);
    tty_end(&t->tty);
}

static void tap(struct terminal *t, char kind, const char *p, size_t n)
{
    if (t->tap && n > 0)
        t->tap->on_data(kind, p, n, t->tap->data);
}

static int signal_number(const char *name)
{
    for (int n = 1; n < NSIG; n++) {
        const char *abbrev = sigabbrev_np(n);
        if (abbrev && streq(abbrev, name))
            return n;
    }
    return 0;
}

/* Opening: each step is repeated until the node has answered it. */

static int step_open(struct terminal *t, const char *command)
{
    (void)command;
    return ssh_channel_open_session(t->channel);
}

static int step_pty(struct terminal *t, const char *command)
{
    (void)command;
    const char *term = getenv("TERM");
    int cols, rows;
    if (!t->pty)
        return SSH_OK;
    terminal_size(&cols, &rows);
    return ssh_channel_request_pty_size(t->channel, term && *term ? term : "xterm", cols, rows);
}

static int step_start(struct terminal *t, const char *command)
{
    return command ? ssh_channel_request_exec(t->channel, command)
                   : ssh_channel_request_shell(t->channel);
}

static bool do_step(struct terminal *t, int (*step)(struct terminal *t, const char *command),
    const char *command, struct deadline deadline, const char *what, struct lr_error *err)
{
    int rc;
    while ((rc = step(t, command)) == SSH_AGAIN && !link_lost(&t->link)) {
        bool ready;
        short events = link_congested(&t->link) ? POLLIN | POLLOUT : POLLIN;
        if (!wait_fd(ssh_get_fd(t->link.session), events, deadline, &ready, err))
            return false;
        if (!ready)
            return lr_error_set(err, LR_ETIMEOUT, "no answer to the request for %s", what);
        if (t->ending.closed)
            return lr_error_set(err, LR_EINFRA, "the node closed the channel");
    }
    if (rc == SSH_OK)
        return true;
    if (link_lost(&t->link))
        return lr_error_set(err, LR_EINFRA, "connection lost: %s", link_why(&t->link));
    return lr_error_set(err, LR_EINFRA, "the node refused %s", what);
}

static bool open_channel(
    struct terminal *t, const char *command, struct deadline deadline, struct lr_error *err)
{
    t->channel = ssh_channel_new(t->link.session);
    if (!t->channel)
        return lr_error_set(err, LR_EINFRA, "no channel");
    ending_watch(&t->ending, t->channel);
    return do_step(t, step_open, command, deadline, "a channel", err) &&
        do_step(t, step_pty, command, deadline, "a terminal", err) &&
        do_step(t, step_start, command, deadline, command ? "the command" : "a shell", err);
}

/* From the node to us. */

/* Takes what libssh holds of one stream; true when there was something. */
static bool receive(struct terminal *t, struct flow *f, bool is_stderr)
{
    if (f->len > 0)
        return false;
    int n = ssh_channel_read_nonblocking(t->channel, f->data, FLOW_CHUNK, is_stderr);
    if (n <= 0)
        return false;
    t->ending.last_heard = now_ms();
    tap(t, 'o', f->data, (size_t)n);
    f->pos = 0;
    f->len = f->shut ? 0 : (size_t)n;
    return true;
}

/* From us to the node. */

static void read_in(struct terminal *t)
{
    struct flow *f = &t->in;
    flow_read(f);
    if (t->pty)
        f->len = escape_filter(&t->escape, f->data, f->len);
    tap(t, 'i', f->data, f->len);
}

static void send_in(struct terminal *t)
{
    struct flow *f = &t->in;
    size_t window = ssh_channel_window_size(t->channel);
    if (t->eof_sent || t->ending.eof || t->ending.closed || link_congested(&t->link))
        return;
    if (f->len > 0) {
        size_t n = f->len < window ? f->len : window;
        int sent = n > 0 ? ssh_channel_write(t->channel, f->data + f->pos, (uint32_t)n) : 0;
        if (sent < 0) { /* nobody reads it any more */
            f->shut = true;
            f->len = 0;
            return;
        }
        f->pos += (size_t)sent;
        f->len -= (size_t)sent;
    }
    if (f->len == 0 && f->shut)
        t->eof_sent = ssh_channel_send_eof(t->channel) != SSH_ERROR;
}

static void tap_size(struct terminal *t, int cols, int rows)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%dx%d", cols, rows);
    tap(t, 'r', text, (size_t)n);
}

static void resize(struct terminal *t)
{
    eventfd_t count;
    int cols, rows;
    if (!t->pty || eventfd_read(t->tty.resize_fd, &count) < 0)
        return;
    terminal_size(&cols, &rows);
    ssh_channel_change_pty_size(t->channel, cols, rows);
    tap_size(t, cols, rows);
}

static short if_events(bool condition, short events)
{
    return condition ? events : 0;
}

/* A descriptor that poll() shall leave out: without events it would still report a hang-up. */
static struct pollfd watch(int fd, short events)
{
    return (struct pollfd){.fd = events ? fd : -1, .events = events};
}

/* Where our output goes. Without a terminal nobody else tells that its reader has gone, and a
 * command that says nothing would be waited for until it ends. */
static struct pollfd watch_out(const struct terminal *t)
{
    bool quiet = t->out.len == 0;
    if (!quiet || t->pty || t->out.shut)
        return watch(t->out.fd, if_events(!quiet, POLLOUT));
    return (struct pollfd){.fd = t->out.fd};
}

static bool wait_any(struct terminal *t, struct lr_error *err)
{
    short link_events = link_congested(&t->link) ? POLLIN | POLLOUT : POLLIN;
    bool want_in = t->in.len == 0 && !t->in.shut && !t->ending.eof && !t->ending.closed;
    struct pollfd p[] = {
        watch(ssh_get_fd(t->link.session), link_events),
        watch(t->in.fd, if_events(want_in, POLLIN)),
        watch_out(t),
        watch(t->err.fd, if_events(t->err.len > 0, POLLOUT)),
        watch(t->tty.resize_fd, POLLIN),
        watch(cancel_fd(), POLLIN),
    };
    struct deadline d = DEADLINE_NEVER;
    if (t->out.len == 0 && t->err.len == 0)
        d = ending_wakeup(&t->ending);
    if (poll(p, sizeof p / sizeof *p, deadline_poll_ms(d)) < 0) {
        if (errno == EINTR)
            return true;
        return lr_error_errno(err, errno, "poll");
    }
    if (p[0].revents)
        (void)ssh_event_dopoll(t->link.event, 0);
    if (p[1].revents)
        read_in(t);
    if (p[2].revents && t->out.len > 0)
        flow_write(&t->out);
    else if (p[2].revents)
        t->out.shut = true;
    if (p[3].revents)
        flow_write(&t->err);
    return true;
}

static bool pump(struct terminal *t, struct lr_error *err)
{
    for (;;) {
        if (!cancel_check(err))
            return false;
        if (link_lost(&t->link))
            return lr_error_set(err, LR_EINFRA, "connection lost: %s", link_why(&t->link));
        if (t->escape.left)
            return lr_error_set(err, LR_EINTERRUPTED, "left by ~.");
        if (t->pty && t->in.shut)
            return lr_error_set(err, LR_EINTERRUPTED, "the terminal has gone");
        if (t->out.shut)
            return true; /* as if the remote side had got the SIGPIPE; see end_status() */
        resize(t);       /* before what was typed after it */
        send_in(t);
        bool received = receive(t, &t->out, false);
        received |= receive(t, &t->err, true);
        bool idle = t->out.len == 0 && t->err.len == 0;
        /* There may be more, see link_moved(); and a link that went just now has no descriptor left
         * that could wake a poll(). */
        if (link_lost(&t->link) || link_moved(&t->link) || (received && idle))
            continue;
        if (idle && ending_is_over(&t->ending))
            return true;
        if (!wait_any(t, err))
            return false;
    }
}

static bool end_status(struct terminal *t, int *ret_status, struct lr_error *err)
{
    const struct ending *e = &t->ending;
    if (!e->exited && !t->out.shut)
        return lr_error_set(err, LR_EINFRA, "the session ended without an exit status");
    *ret_status = !e->exited ? 128 + SIGPIPE
        : e->signal          ? 128 + signal_number(e->signal)
                             : e->status;
    return true;
}

static bool converse(struct terminal *t, const char *command, struct lr_error *err)
{
    int cols, rows;
    if (!open_channel(t, command, deadline_in(OPEN_MS), err))
        return false;
    if (t->pty && !tty_make_raw(&t->tty, err))
        return false;
    if (t->pty) {
        /* Once more: it may have changed before anybody watched. */
        terminal_size(&cols, &rows);
        ssh_channel_change_pty_size(t->channel, cols, rows);
        tap_size(t, cols, rows);
    }
    return pump(t, err);
}

bool terminal_run(int fd, const struct client_conf *conf, const char *command,
    const struct terminal_tap *terminal_tap, int *ret_status, struct lr_error *err)
{
    _cleanup_(terminal_clear) struct terminal t = {
        .tap = terminal_tap,
        .pty = isatty(STDIN_FILENO),
        .in.fd = STDIN_FILENO,
        .out.fd = STDOUT_FILENO,
        .err.fd = STDERR_FILENO,
        .escape.line_start = true,
    };
    tty_begin(&t.tty);
    if (!link_open(&t.link, fd, conf, deadline_in(OPEN_MS), err))
        return false;
    if (converse(&t, command, err) && end_status(&t, ret_status, err))
        return true;
    if (err->code != LR_EINTERRUPTED)
        lr_error_prefix(err, "node '%s'", conf->node);
    return false;
}
