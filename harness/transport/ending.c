#include "transport/ending.h"

#define LINGER_MS 5000

static void on_eof(ssh_session session, ssh_channel channel, void *data)
{
    (void)session;
    (void)channel;
    ((struct ending *)data)->eof = true;
}

static void on_close(ssh_session session, ssh_channel channel, void *data)
{
    (void)session;
    (void)channel;
    ((struct ending *)data)->closed = true;
}

/* The first word counts: a node can send both kinds, and as often as it likes. */
static bool note_exit(struct ending *e)
{
    if (e->exited)
        return false;
    e->exited = true;
    e->last_heard = now_ms();
    return true;
}

static void on_exit_status(ssh_session session, ssh_channel channel, int status, void *data)
{
    (void)session;
    (void)channel;
    struct ending *e = data;
    if (note_exit(e))
        e->status = status;
}

static void on_exit_signal(ssh_session session, ssh_channel channel, const char *signal, int core,
    const char *message, const char *lang, void *data)
{
    (void)session;
    (void)channel;
    (void)core;
    (void)message;
    (void)lang;
    struct ending *e = data;
    if (note_exit(e))
        e->signal = xstrdup(signal);
}

void ending_watch(struct ending *e, ssh_channel channel)
{
    e->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = e,
        .channel_eof_function = on_eof,
        .channel_close_function = on_close,
        .channel_exit_status_function = on_exit_status,
        .channel_exit_signal_function = on_exit_signal,
    };
    ssh_callbacks_init(&e->callbacks);
    ssh_add_channel_callbacks(channel, &e->callbacks);
}

void ending_unwatch(struct ending *e, ssh_channel channel)
{
    ssh_remove_channel_callbacks(channel, &e->callbacks);
}

bool ending_is_over(const struct ending *e)
{
    return e->closed || (e->exited && (e->eof || now_ms() - e->last_heard >= LINGER_MS));
}

struct deadline ending_wakeup(const struct ending *e)
{
    return e->exited ? (struct deadline){e->last_heard + LINGER_MS} : DEADLINE_NEVER;
}

void ending_clear(struct ending *e)
{
    free(e->signal);
    e->signal = NULL;
}
