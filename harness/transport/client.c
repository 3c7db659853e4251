/* The callers' side of a client. client_run() puts a command into the queue, wakes the worker and
 * sleeps until the worker has ended the command: that is by its deadline at the latest. */
#include "transport/client.h"
#include "transport/worker.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

/* With the lock held. */
static void wake(struct client *c)
{
    if (c->wake_fd >= 0)                    /* or the worker has ended */
        (void)eventfd_write(c->wake_fd, 1); /* fails only when full, and then it is awake */
}

void client_disconnect(struct client *c)
{
    if (c->link.event && c->wake_fd >= 0)
        ssh_event_remove_fd(c->link.event, c->wake_fd);
    if (c->link.event && c->cancel >= 0)
        ssh_event_remove_fd(c->link.event, c->cancel);
    link_close(&c->link);
    cleanup_close(&c->wake_fd);
    c->wake_fd = -1;
}

static void client_free(struct client *c)
{
    client_disconnect(c);
    pthread_cond_destroy(&c->idle);
    pthread_mutex_destroy(&c->lock);
    free(c->leaving);
    free(c->why_dead);
    free(c->node);
    free(c);
}

static void cleanup_half_open(struct client **c)
{
    if (*c)
        client_free(*c);
}

static bool start_worker(struct client *c, struct lr_error *err)
{
    /* Signals are for the program's own threads. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&c->thread, NULL, worker_main, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        return lr_error_errno(err, rc, "starting a thread");
    return true;
}

bool client_open(struct client **ret, int fd, const struct client_conf *conf,
    struct deadline deadline, struct lr_error *err)
{
    _cleanup_(cleanup_half_open) struct client *c = xnew(struct client);
    c->node = xstrdup(conf->node);
    c->wake_fd = c->cancel = -1;
    c->queue_end = &c->queue;
    c->limit = MAX_CHANNELS;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->idle, NULL);
    if (!link_open(&c->link, fd, conf, deadline, err))
        return false;
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->wake_fd < 0)
        return lr_error_errno(err, errno, "eventfd");
    if (ssh_event_add_fd(c->link.event, c->wake_fd, POLLIN, worker_on_wake, c) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "cannot poll the wake-up");
    if (!start_worker(c, err))
        return false;
    *ret = STEAL(c);
    return true;
}

void client_close(struct client *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    wake(c);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_mutex_lock(&c->lock);
    while (c->callers > 0)
        pthread_cond_wait(&c->idle, &c->lock);
    pthread_mutex_unlock(&c->lock);
    client_free(c);
}

bool client_alive(struct client *c)
{
    pthread_mutex_lock(&c->lock);
    bool alive = !c->dead && !c->closing;
    pthread_mutex_unlock(&c->lock);
    return alive;
}

/* Queues CMD and waits for its end; with the lock held. */
static bool run_locked(struct client *c, struct command *cmd, struct lr_error *err)
{
    if (c->closing)
        return lr_error_set(err, LR_EINFRA, "the session was closed");
    if (c->dead)
        return lr_error_set(err, LR_EINFRA, "%s", c->why_dead);
    *c->queue_end = cmd;
    c->queue_end = &cmd->next;
    wake(c);
    while (!cmd->done)
        pthread_cond_wait(&cmd->cond, &c->lock);
    if (cmd->error.code == LR_OK)
        return true;
    lr_error_move(err, &cmd->error);
    return false;
}

bool client_run(
    struct client *c, const struct run_request *req, struct run_result *ret, struct lr_error *err)
{
    if (!cancel_check(err))
        return false;
    if (pthread_equal(c->thread, pthread_self()))
        return lr_error_set(err, LR_EINFRA, "a line callback cannot run a command");
    _cleanup_(command_clear) struct command cmd = {.req = req, .begun = now_ms()};
    pthread_cond_init(&cmd.cond, NULL);
    pthread_mutex_lock(&c->lock);
    c->callers++;
    bool ok = run_locked(c, &cmd, err) ||
        (err->code != LR_EINTERRUPTED && lr_error_prefix(err, "node '%s'", c->node));
    if (--c->callers == 0)
        pthread_cond_signal(&c->idle);
    pthread_mutex_unlock(&c->lock);
    if (!ok)
        return false;
    *ret = cmd.result;
    cmd.result = (struct run_result){.end = RUN_LOST};
    return true;
}
