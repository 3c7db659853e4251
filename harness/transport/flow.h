/* Inside transport: bytes between a local descriptor and the node, for terminal.c. */
#ifndef LABRUN_TRANSPORT_FLOW_H
#define LABRUN_TRANSPORT_FLOW_H

#include <stdbool.h>
#include <stddef.h>

/* Read at a time; sshd is ten times slower on small packets. */
enum { FLOW_CHUNK = 32 * 1024 };

/* One direction. There is nothing in it or a part of one chunk: the next chunk is fetched when the
 * last one has gone. */
struct flow {
    int fd;          /* the local end */
    size_t pos, len; /* what is still to go */
    bool shut;       /* EOF was read, or the reader has gone */
    char data[FLOW_CHUNK];
};

/* Reads a chunk into the empty F; poll() must have said that there is something. */
void flow_read(struct flow *f);
/* Writes what the descriptor takes; poll() must have said that it takes something. */
void flow_write(struct flow *f);

/* As in ssh, "~." at the beginning of a line leaves, for when the node answers no more; "~~" is one
 * tilde. */
struct escape {
    bool line_start; /* start with true */
    bool held;       /* a tilde of which is not yet known what it means */
    bool left;
};

/* Filters N bytes at P in place, where one byte more has room for a tilde held before; returns how
 * many there are now. */
size_t escape_filter(struct escape *e, char *p, size_t n);

#endif
