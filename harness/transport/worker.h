/* Inside transport: what client.c (any thread) and worker.c (one thread) share. */
#ifndef LABRUN_TRANSPORT_WORKER_H
#define LABRUN_TRANSPORT_WORKER_H

#include "transport/command.h"

enum { MAX_CHANNELS = 8 }; /* sshd's MaxSessions is 10 unless set; somebody may look in by hand */

struct client {
    char *node; /* for messages */
    pthread_t thread;
    int wake_fd; /* eventfd: something was queued, or the client is closing */

    pthread_mutex_t lock;               /* for the members of this paragraph */
    pthread_cond_t idle;                /* CALLERS became 0 */
    struct command *queue, **queue_end; /* in order of arrival */
    size_t callers;                     /* threads inside client_run() */
    bool closing;                       /* client_close() was called */
    bool dead;                          /* no command can be begun any more, for this reason: */
    char *why_dead;

    /* The worker's own from here on. */
    struct link link;
    struct command *active[MAX_CHANNELS];
    size_t n_active;
    size_t limit;            /* channels at a time; fewer when the node allows fewer */
    size_t peak;             /* the most that the node ever had open at a time */
    struct deadline retry;   /* after a refusal: no channel before this; 0: at once */
    int64_t refused_since;   /* it refuses even a single channel; 0: it does not */
    struct leaving *leaving; /* channels that cannot be closed yet */
    size_t n_leaving;
    int cancel; /* the cancel_fd() that is being polled, or -1 */
    bool woken; /* by one of the two descriptors, in some dopoll */
};

/* Gives up the connection and all descriptors; may be called again. */
void client_disconnect(struct client *c);

/* The thread. The link is open and its event polls WAKE_FD through worker_on_wake(). It returns
 * when the client is closing or dead, with no command left. */
void *worker_main(void *client);
int worker_on_wake(socket_t fd, int revents, void *client);

#endif
