/* One command, from the request for a channel to its end.
 *
 * libssh hands over what the node sends through the callbacks below. They only take notes: they
 * may be called from within nearly any libssh call on the session, also one made for another
 * command. command_advance() then acts on the notes. */
#include "transport/command.h"

enum {
    DEFAULT_CAP = 64 * 1024,
    LINE_CAP = 64 * 1024, /* a longer line is told in pieces */
    CHUNK = 32 * 1024     /* of input at a time, so that commands take turns */
};

static void tell_line(const struct run_request *req, struct strbuf *line)
{
    req->on_line(line->data ? line->data : "", req->data);
    line->len = 0;
}

static void split_lines(const struct run_request *req, struct strbuf *line, const char *p, size_t n)
{
    while (n > 0) {
        const char *end = memchr(p, '\n', n);
        size_t part = end ? (size_t)(end - p) : n;
        size_t room = LINE_CAP - line->len;
        bool whole = end && part <= room;
        if (part > room)
            part = room;
        strbuf_add(line, p, part);
        if (whole || line->len == LINE_CAP)
            tell_line(req, line);
        p += part + whole;
        n -= part + whole;
    }
}

static void keep(const struct run_request *req, struct stream *s, const char *p, size_t n)
{
    size_t cap = req->cap ? req->cap : DEFAULT_CAP;
    size_t room = cap - s->kept.len;
    strbuf_add(&s->kept, p, n < room ? n : room);
    s->truncated |= n > room;
    if (req->on_line)
        split_lines(req, &s->line, p, n);
}

static int on_data(
    ssh_session session, ssh_channel channel, void *p, uint32_t n, int is_stderr, void *data)
{
    (void)session;
    (void)channel;
    struct command *cmd = data;
    cmd->ending.last_heard = now_ms();
    keep(cmd->req, is_stderr ? &cmd->err : &cmd->out, p, n);
    return (int)n; /* all of it, so that the window opens again */
}

bool command_begin(struct command *cmd, struct link *l)
{
    cmd->channel = ssh_channel_new(l->session);
    if (!cmd->channel)
        return false;
    cmd->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = cmd,
        .channel_data_function = on_data,
    };
    ssh_callbacks_init(&cmd->callbacks);
    ssh_set_channel_callbacks(cmd->channel, &cmd->callbacks);
    ending_watch(&cmd->ending, cmd->channel);
    cmd->step = COMMAND_OPENING;
    return true;
}

/* At most one chunk, no more than the node's window takes, and nothing while earlier bytes are
 * still on their way: so libssh never buffers much, and never waits. */
static void feed(struct command *cmd, struct link *l)
{
    const struct run_request *req = cmd->req;
    size_t left = req->input ? req->input_len - cmd->input_sent : 0;
    if (cmd->input_ended)
        return;
    if (left > 0) {
        size_t n = ssh_channel_window_size(cmd->channel);
        n = n < left ? n : left;
        n = n < CHUNK ? n : CHUNK;
        if (n == 0 || link_congested(l))
            return;
        int sent = ssh_channel_write(
            cmd->channel, (const char *)req->input + cmd->input_sent, (uint32_t)n);
        if (sent < 0) {
            cmd->input_ended = true; /* the node wants no more; its exit status tells the rest */
            return;
        }
        cmd->input_sent += (size_t)sent;
        left -= (size_t)sent;
    }
    if (left == 0) {
        /* SSH_AGAIN says that the EOF is in libssh's buffer, and that is enough. */
        cmd->input_ended = ssh_channel_send_eof(cmd->channel) != SSH_ERROR;
    }
}

static enum command_state fail(struct command *cmd, const char *why)
{
    lr_error_set(&cmd->error, LR_EINFRA, "%s", why);
    return COMMAND_ENDED;
}

static enum command_state advance_start(struct command *cmd, struct link *l)
{
    if (cmd->step == COMMAND_OPENING) {
        int rc = ssh_channel_open_session(cmd->channel);
        if (rc == SSH_AGAIN || link_lost(l))
            return COMMAND_GOES_ON;
        if (rc != SSH_OK)
            return COMMAND_REFUSED;
        cmd->step = COMMAND_STARTING;
    }
    if (cmd->step == COMMAND_STARTING) {
        int rc = ssh_channel_request_exec(cmd->channel, cmd->req->command);
        if (rc == SSH_AGAIN || link_lost(l))
            return COMMAND_GOES_ON;
        if (rc != SSH_OK)
            return fail(cmd, "the node refused to run a command");
        cmd->step = COMMAND_RUNNING;
    }
    return COMMAND_GOES_ON;
}

enum command_state command_advance(struct command *cmd, struct link *l)
{
    enum command_state state = advance_start(cmd, l);
    if (state != COMMAND_GOES_ON)
        return state;
    if (cmd->step == COMMAND_RUNNING && !cmd->ending.closed && !link_lost(l))
        feed(cmd, l);
    if (ending_is_over(&cmd->ending)) {
        command_finish(cmd, RUN_LOST);
        return COMMAND_ENDED;
    }
    if (deadline_passed(cmd->req->deadline)) {
        cmd->end = RUN_TIMED_OUT;
        return COMMAND_ENDED;
    }
    return COMMAND_GOES_ON;
}

void command_finish(struct command *cmd, enum run_end end)
{
    if (ending_is_over(&cmd->ending) && cmd->ending.exited)
        end = cmd->ending.signal ? RUN_SIGNALLED : RUN_EXITED;
    cmd->end = end;
}

struct deadline command_wakeup(const struct command *cmd)
{
    return deadline_sooner(cmd->req->deadline, ending_wakeup(&cmd->ending));
}

struct leaving command_detach(struct command *cmd)
{
    struct leaving l = {
        .channel = STEAL(cmd->channel),
        .opened = cmd->step > COMMAND_OPENING,
        .running = cmd->step == COMMAND_RUNNING && !cmd->ending.exited && !cmd->ending.closed,
    };
    if (l.channel) {
        ssh_remove_channel_callbacks(l.channel, &cmd->callbacks);
        ending_unwatch(&cmd->ending, l.channel);
    }
    return l;
}

void command_report(struct command *cmd)
{
    if (cmd->req->on_line && cmd->out.line.len > 0)
        tell_line(cmd->req, &cmd->out.line);
    if (cmd->req->on_line && cmd->err.line.len > 0)
        tell_line(cmd->req, &cmd->err.line);
    cmd->result = (struct run_result){
        .end = cmd->end,
        .status = cmd->end == RUN_EXITED ? cmd->ending.status : 0,
        .signal = cmd->end == RUN_SIGNALLED ? STEAL(cmd->ending.signal) : NULL,
        .out_len = cmd->out.kept.len,
        .out_truncated = cmd->out.truncated,
        .err_len = cmd->err.kept.len,
        .err_truncated = cmd->err.truncated,
        .duration_ms = now_ms() - cmd->begun,
    };
    cmd->result.out = strbuf_steal(&cmd->out.kept);
    cmd->result.err = strbuf_steal(&cmd->err.kept);
}

void command_clear(struct command *cmd)
{
    ending_clear(&cmd->ending);
    lr_error_clear(&cmd->error);
    run_result_free(&cmd->result);
    strbuf_free(&cmd->out.kept);
    strbuf_free(&cmd->out.line);
    strbuf_free(&cmd->err.kept);
    strbuf_free(&cmd->err.line);
    pthread_cond_destroy(&cmd->cond);
}

bool channel_leave(const struct leaving *leaving)
{
    if (!leaving->channel)
        return true;
    int rc = leaving->opened ? SSH_OK : ssh_channel_open_session(leaving->channel);
    if (rc == SSH_AGAIN)
        return false;
    if (leaving->running)
        (void)ssh_channel_request_send_signal(leaving->channel, "KILL");
    /* Not for a channel that was denied: it has no number on the node, and libssh would close
     * number 0 in its place. The first call may stop after its EOF, when the socket is full; the
     * second one goes on. */
    if (rc == SSH_OK && ssh_channel_close(leaving->channel) == SSH_AGAIN)
        (void)ssh_channel_close(leaving->channel);
    ssh_channel_free(leaving->channel);
    return true;
}
