/* The thread that owns a client's session: begins queued commands while there are slots, advances
 * them, and sleeps in ssh_event_dopoll() on the connection, the wake-up and the interruption. The
 * connection never blocks (link.c), so the next deadline is always met. */
#include "transport/worker.h"
#include <poll.h>
#include <sys/eventfd.h>

enum {
    RETRY_MS = 100,   /* between two requests for a channel that was refused */
    REFUSED_MS = 3000 /* a node that refuses all channels for so long is given up */
};

int worker_on_wake(socket_t fd, int revents, void *client)
{
    (void)revents;
    eventfd_t count;
    if (eventfd_read(fd, &count) == 0)
        ((struct client *)client)->woken = true;
    return 0;
}

static int on_cancel(socket_t fd, int revents, void *client)
{
    (void)fd;
    (void)revents;
    ((struct client *)client)->woken = true;
    return 0;
}

/* Polls the interruption until it has come: it stays readable, and must not keep us awake. */
static void watch_cancel(struct client *c)
{
    int want = cancel_requested() ? -1 : cancel_fd();
    if (want == c->cancel)
        return;
    if (c->cancel >= 0)
        ssh_event_remove_fd(c->link.event, c->cancel);
    c->cancel = want;
    if (want >= 0 && ssh_event_add_fd(c->link.event, want, POLLIN, on_cancel, c) != SSH_OK)
        c->cancel = -1;
}

static struct command *queue_pop(struct client *c)
{
    pthread_mutex_lock(&c->lock);
    struct command *cmd = c->queue;
    if (cmd)
        c->queue = cmd->next;
    if (!c->queue)
        c->queue_end = &c->queue;
    pthread_mutex_unlock(&c->lock);
    return cmd;
}

static void queue_push_front(struct client *c, struct command *cmd)
{
    pthread_mutex_lock(&c->lock);
    cmd->next = c->queue;
    if (!cmd->next)
        c->queue_end = &cmd->next;
    c->queue = cmd;
    pthread_mutex_unlock(&c->lock);
}

/* Hands a command that has no channel any more back to its caller. */
static void give_back(struct client *c, struct command *cmd)
{
    if (cmd->error.code == LR_OK)
        command_report(cmd);
    pthread_mutex_lock(&c->lock);
    cmd->done = true;
    pthread_cond_signal(&cmd->cond); /* under the lock: CMD goes as soon as its caller has it */
    pthread_mutex_unlock(&c->lock);
}

static struct command *take_active(struct client *c, size_t i)
{
    struct command *cmd = c->active[i];
    c->n_active--;
    memmove(&c->active[i], &c->active[i + 1], (c->n_active - i) * sizeof *c->active);
    struct leaving l = command_detach(cmd);
    /* The channels of a lost link go with the link. */
    if (!link_lost(&c->link) && !channel_leave(&l))
        *array_append(c->leaving, c->n_leaving) = l;
    return cmd;
}

static void die(struct client *c, const char *why)
{
    pthread_mutex_lock(&c->lock);
    c->dead = true;
    if (!c->why_dead)
        c->why_dead = xstrdup(why);
    pthread_mutex_unlock(&c->lock);
}

/* How many channels the node has open for us. */
static size_t count_taken(const struct client *c)
{
    size_t taken = 0;
    for (size_t i = 0; i < c->n_active; i++)
        taken += c->active[i]->step > COMMAND_OPENING;
    return taken;
}

/* The node opens no further channel: MaxSessions. The command goes back to the queue, until one of
 * ours ends or the node thinks better of it. When there is none of ours, commands that timed out
 * are still running over there and hold all sessions: only a new connection helps then. */
static void on_refused(struct client *c, size_t i)
{
    struct command *cmd = take_active(c, i);
    cmd->step = COMMAND_QUEUED;
    queue_push_front(c, cmd);
    c->limit = c->peak > 1 ? c->peak : 1;
    c->retry = deadline_in(RETRY_MS);
    if (!cmd->alone)
        return;
    if (c->refused_since == 0)
        c->refused_since = now_ms();
    if (now_ms() - c->refused_since >= REFUSED_MS)
        die(c, "the node opens no further channel (do commands that timed out hold them?)");
}

static void on_ended(struct client *c, size_t i)
{
    if (c->active[i]->step > COMMAND_OPENING)
        c->retry.at_ms = 0;
    give_back(c, take_active(c, i));
}

static void begin_queued(struct client *c)
{
    if (deadline_passed(c->retry))
        c->retry.at_ms = 0;
    while (c->n_active + c->n_leaving < c->limit && c->retry.at_ms == 0) {
        struct command *cmd = queue_pop(c);
        if (!cmd)
            return;
        if (!command_begin(cmd, &c->link)) {
            lr_error_set(&cmd->error, LR_EINFRA, "no channel: %s", ssh_get_error(c->link.session));
            give_back(c, cmd);
            continue;
        }
        cmd->alone = c->n_active + c->n_leaving == 0;
        c->active[c->n_active++] = cmd;
    }
}

static void advance_active(struct client *c)
{
    for (size_t i = 0; i < c->n_active;) {
        enum command_state state = command_advance(c->active[i], &c->link);
        if (state == COMMAND_ENDED)
            on_ended(c, i);
        else if (state == COMMAND_REFUSED)
            on_refused(c, i);
        else
            i++;
        size_t taken = count_taken(c);
        if (taken > c->peak)
            c->peak = taken;
        if (taken > 0)
            c->refused_since = 0;
    }
}

static void advance_leaving(struct client *c)
{
    for (size_t i = 0; i < c->n_leaving && !link_lost(&c->link);) {
        if (channel_leave(&c->leaving[i]))
            c->leaving[i] = c->leaving[--c->n_leaving];
        else
            i++;
    }
}

/* Queued commands time out as well; returns the next deadline among them. */
static struct deadline expire_queued(struct client *c)
{
    struct command *late = NULL;
    struct deadline next = DEADLINE_NEVER;
    pthread_mutex_lock(&c->lock);
    struct command **p = &c->queue;
    while (*p) {
        struct command *cmd = *p;
        if (!deadline_passed(cmd->req->deadline)) {
            next = deadline_sooner(next, cmd->req->deadline);
            p = &cmd->next;
            continue;
        }
        *p = cmd->next;
        cmd->next = late;
        late = cmd;
    }
    c->queue_end = p;
    pthread_mutex_unlock(&c->lock);
    while (late) {
        struct command *cmd = late;
        late = cmd->next;
        cmd->end = RUN_TIMED_OUT;
        give_back(c, cmd);
    }
    return next;
}

/* Ends all commands. Those that have a channel are lost, unless WHY is an interruption; the QUEUED
 * ones were never begun and fail with WHY. */
static void end_all(struct client *c, struct command *queued, const struct lr_error *why)
{
    while (c->n_active > 0) {
        struct command *cmd = take_active(c, 0);
        command_finish(cmd, RUN_LOST);
        if (why->code == LR_EINTERRUPTED)
            lr_error_set(&cmd->error, why->code, "%s", why->message);
        give_back(c, cmd);
    }
    while (queued) {
        struct command *cmd = queued;
        queued = cmd->next;
        lr_error_set(&cmd->error, why->code, "%s", why->message);
        give_back(c, cmd);
    }
}

/* False when the client is over. */
static bool go_on(struct client *c)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct command *queued = NULL;
    if (link_lost(&c->link)) {
        _free_ char *why = xasprintf("connection lost: %s", link_why(&c->link));
        die(c, why);
    }
    pthread_mutex_lock(&c->lock);
    bool over = c->closing || c->dead;
    if (c->closing)
        lr_error_set(&err, LR_EINFRA, "the session was closed");
    else if (c->dead)
        lr_error_set(&err, LR_EINFRA, "%s", c->why_dead);
    /* The queue is taken under the same lock: what comes after a cancel_ignore() is to run, though
     * we are still busy ending what came before. */
    if (over || !cancel_check(&err)) {
        queued = STEAL(c->queue);
        c->queue_end = &c->queue;
    }
    pthread_mutex_unlock(&c->lock);
    if (err.code != LR_OK)
        end_all(c, queued, &err);
    return !over;
}

static int next_wakeup_ms(const struct client *c, struct deadline queued)
{
    struct deadline d = queued;
    if (c->retry.at_ms != 0)
        d = deadline_sooner(d, c->retry);
    for (size_t i = 0; i < c->n_active; i++)
        d = deadline_sooner(d, command_wakeup(c->active[i]));
    return deadline_poll_ms(d);
}

void *worker_main(void *client)
{
    struct client *c = client;
    while (go_on(c)) {
        c->woken = false;
        watch_cancel(c);
        struct deadline queued = expire_queued(c);
        begin_queued(c);
        advance_active(c);
        advance_leaving(c);
        /* Any of this may have polled, and brought news of a channel that was looked at before. */
        if (link_lost(&c->link) || link_moved(&c->link) || c->woken || c->dead)
            continue;
        (void)ssh_event_dopoll(c->link.event, next_wakeup_ms(c, queued));
    }
    /* One that is dead may be held for long, and a node can make many of them. */
    pthread_mutex_lock(&c->lock);
    client_disconnect(c);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}
