/* Inside transport: one command in its channel. All functions run in the worker's thread. */
#ifndef LABRUN_TRANSPORT_COMMAND_H
#define LABRUN_TRANSPORT_COMMAND_H

#include "transport/ending.h"
#include "transport/link.h"
#include "util/mem.h"
#include <pthread.h>

/* One of stdout and stderr. */
struct stream {
    struct strbuf kept; /* up to the cap */
    bool truncated;
    struct strbuf line; /* the line so far, when there is somebody to tell */
};

enum command_step {
    COMMAND_QUEUED,   /* no channel yet */
    COMMAND_OPENING,  /* the channel was asked for */
    COMMAND_STARTING, /* the node took the channel and was told the command */
    COMMAND_RUNNING   /* the node took the command */
};

/* Lives on the stack of the thread in client_run(), which sleeps until DONE; until then only the
 * worker touches it. */
struct command {
    const struct run_request *req;
    int64_t begun;
    struct command *next; /* in the queue */

    enum command_step step;
    bool alone; /* no other command had a channel when this one asked for its own */
    ssh_channel channel;
    struct ssh_channel_callbacks_struct callbacks;
    size_t input_sent;
    bool input_ended; /* EOF was sent, or the node closed its end */
    struct stream out, err;
    struct ending ending;
    enum run_end end;         /* set by the command_* that returns COMMAND_ENDED */
    struct lr_error error;    /* when set, client_run() fails with this */
    struct run_result result; /* owned until client_run() hands it on */

    pthread_cond_t cond; /* with the client's lock */
    bool done;           /* under the client's lock */
};

/* A channel without a command, on its way out. */
struct leaving {
    ssh_channel channel; /* NULL: there is none */
    bool opened;         /* the node had confirmed it */
    bool running;        /* its command has not ended, and is to be killed */
};

enum command_state { COMMAND_GOES_ON, COMMAND_ENDED, COMMAND_REFUSED };

/* Opens the channel. False when libssh has none to give. */
bool command_begin(struct command *cmd, struct link *l) _must_check_;

/* Does what can be done without waiting. COMMAND_REFUSED: the node opens no further channel. */
enum command_state command_advance(struct command *cmd, struct link *l);

/* Ends it as END in any case, unless it has ended by itself just now. */
void command_finish(struct command *cmd, enum run_end end);

/* When command_advance() must be called although nothing came from the node. */
struct deadline command_wakeup(const struct command *cmd);

/* Takes the channel from the command; no callback comes after this. */
struct leaving command_detach(struct command *cmd);

/* Makes the result from what was noted. */
void command_report(struct command *cmd);
void command_clear(struct command *cmd);

/* Closes and frees a channel whose command is over. False when that must be tried again later: a
 * channel that the node has not yet confirmed cannot be closed, and dropping it would leave it open
 * on the node for as long as the session lives. */
bool channel_leave(const struct leaving *leaving) _must_check_;

#endif
