/* ssh to a node over a descriptor that somebody else has connected.
 *
 * A client owns one libssh session and the one thread that may touch it. Any thread may call
 * client_run(): the command becomes a channel of that session, and the worker moves all channels
 * at once with libssh's event loop, so that a slow command does not hold up another. */
#ifndef LABRUN_TRANSPORT_CLIENT_H
#define LABRUN_TRANSPORT_CLIENT_H

#include "util/deadline.h"
#include "util/error.h"
#include <stddef.h>

struct client; /* opaque */

struct client_conf {
    const char *node;     /* for messages: "node 'ceph1'" */
    const char *user;     /* NULL: root */
    const char *key_file; /* private key, OpenSSH format */
    const char
        *host_key; /* the one accepted host key: "ssh-ed25519 AAAA…" (a comment may follow) */
};

/* Speaks ssh over FD, which the client takes over in every case. Key exchange, host key check and
 * authentication together are bound by DEADLINE. A wrong host key, a refused key, a peer that is
 * not ssh and one that stalls are told apart in the error. */
bool client_open(struct client **ret, int fd, const struct client_conf *conf,
    struct deadline deadline, struct lr_error *err) _must_check_;

/* Ends the session and the worker; commands in flight end as RUN_LOST. Returns when no thread is
 * inside client_run() any more; none may begin one after this was called. NULL is fine. */
void client_close(struct client *c);

/* False once the connection is known to be gone, or of no more use: then dial and open anew. */
bool client_alive(struct client *c);

enum run_end {
    RUN_EXITED,    /* status is its exit status */
    RUN_SIGNALLED, /* killed by a signal, named in `signal` */
    RUN_LOST,      /* the connection broke, or the channel closed without exit status */
    RUN_TIMED_OUT  /* the deadline passed; the channel was closed, and the command sent a KILL,
                      which OpenSSH before 9.8 does not pass on when root is logged in */
};

struct run_request {
    const char *command; /* for the node's shell: quote with quote.h */
    const void *input;   /* fed to its stdin, then EOF; NULL: EOF at once */
    size_t input_len;
    size_t cap; /* bytes kept of stdout and of stderr each; 0: 64 KiB. Output beyond it
                   is read and dropped, so that the command can end */
    struct deadline deadline;
    /* Called in the worker's thread for each line of stdout and stderr; NULL to only collect. All
     * commands of the client wait meanwhile: be quick, and do not call client_…(). A line of more
     * than 64 KiB comes in pieces. */
    void (*on_line)(const char *line, void *data);
    void *data;
};

struct run_result {
    enum run_end end;
    int status;   /* RUN_EXITED only */
    char *signal; /* RUN_SIGNALLED only: "TERM"; owned */
    char *out;    /* owned, terminated; may hold NUL bytes: see out_len */
    size_t out_len;
    bool out_truncated;
    char *err; /* stderr, likewise */
    size_t err_len;
    bool err_truncated;
    int64_t duration_ms;
};

/* Runs a command to one of its four ends; true for all of them. False only when it could not be
 * begun at all (session gone, or refused by the node: LR_EINFRA) or the user interrupted
 * (LR_EINTERRUPTED). Eight commands at a time run on the node, fewer when it allows fewer; more
 * wait for their turn. A command that has exited but left a process behind that holds its output
 * open ends after 5 s of silence. */
bool client_run(struct client *c, const struct run_request *req, struct run_result *ret,
    struct lr_error *err) _must_check_;
void run_result_free(struct run_result *r);
#define _run_result_ _cleanup_(run_result_free)

/* "exit status 3", "killed by signal TERM", "connection lost", "no answer within 30s"; owned. */
char *run_result_describe(const struct run_result *r);

static inline void cleanup_client(struct client **c)
{
    client_close(*c);
}
#define _client_ _cleanup_(cleanup_client)

#endif
