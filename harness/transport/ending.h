/* Inside transport: how what runs in a channel ends, by what the node tells of it. */
#ifndef LABRUN_TRANSPORT_ENDING_H
#define LABRUN_TRANSPORT_ENDING_H

#include "util/deadline.h"
#include "util/mem.h"
#include <libssh/callbacks.h>

struct ending {
    struct ssh_channel_callbacks_struct callbacks;
    bool eof, closed, exited; /* what the node has told so far */
    int status;               /* with EXITED, unless there is a SIGNAL */
    char *signal;             /* owned */
    int64_t last_heard;       /* when the exit status came, or output: who reads that notes it */
};

/* Both stay where they are until ending_unwatch(), or until the channel is freed. */
void ending_watch(struct ending *e, ssh_channel channel);
void ending_unwatch(struct ending *e, ssh_channel channel);

/* Nothing more will come. A command that has exited may have left a process behind that holds its
 * output open: that one is listened to for a little while. */
bool ending_is_over(const struct ending *e);
/* When it is over although nothing more is told; never, before the exit. */
struct deadline ending_wakeup(const struct ending *e);

void ending_clear(struct ending *e);

#endif
