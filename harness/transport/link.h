/* Inside transport: one authenticated ssh session and the event loop it is polled in. A link
 * belongs to one thread at a time; handing it to another needs a happens-before of the caller's. */
#ifndef LABRUN_TRANSPORT_LINK_H
#define LABRUN_TRANSPORT_LINK_H

#include "transport/client.h"
#include <libssh/callbacks.h>
#include <libssh/libssh.h>

struct link {
    ssh_session session;
    ssh_event event;                  /* session plus whatever the owner adds */
    struct ssh_counter_struct socket; /* bytes moved since the key exchange: see link_moved() */
    uint64_t seen; /* both counters and the congestion at the last link_moved() */
    struct ssh_counter_struct queued;  /* what was given to libssh to send, sent or not */
    uint64_t queued_clear, sent_clear; /* when last nothing was waiting to be sent */
    bool drowned;                      /* lost: far too much is waiting */
};

/* Prepares libssh, once for the process. */
bool transport_init(struct lr_error *err) _must_check_;

/* As client_open(), without a worker. L must stay where it is until link_close(). */
bool link_open(struct link *l, int fd, const struct client_conf *conf, struct deadline deadline,
    struct lr_error *err) _must_check_;

/* Closes the connection and frees all channels; a link that is all zero is fine. */
void link_close(struct link *l);

/* Also when a peer asks for answers all the time and does not read them: they would pile up. */
bool link_lost(const struct link *l);
/* Why, for people; belongs to L. */
const char *link_why(const struct link *l);

/* True when bytes came or went, or a congestion began or ended, since the last call. Nearly every
 * libssh call polls the socket and handles whatever packets are there, for all channels; so an
 * owner who is about to sleep must look at its channels once more whenever this says so. */
bool link_moved(struct link *l);

/* True until the socket is known to take more: what is written now piles up in libssh. */
bool link_congested(const struct link *l);

#endif
