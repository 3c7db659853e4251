/* A terminal on a node: the user's own terminal in raw mode, wired to a pty over ssh. */
#ifndef LABRUN_TRANSPORT_TERMINAL_H
#define LABRUN_TRANSPORT_TERMINAL_H

#include "transport/client.h"

/* What flows past, for a recorder: KIND is 'o' for output, 'i' for input, 'r' for a new size
 * ("80x24"). */
struct terminal_tap {
    void (*on_data)(char kind, const char *p, size_t n, void *data);
    void *data;
};

/* Opens its own session over FD (taken over) and runs COMMAND, or a login shell when it is NULL,
 * with a pty when stdin is a terminal. Returns when the remote side ends; *ret_status is the remote
 * command's exit status (128 + n for a signal). The local terminal is always restored; for that to
 * hold when the process is told to end, cancel_install() must have been called. ctrl-C goes to the
 * remote side while a pty is in use; "~." at the beginning of a line leaves, as in ssh
 * (LR_EINTERRUPTED). One terminal at a time in a process. */
bool terminal_run(int fd, const struct client_conf *conf, const char *command,
    const struct terminal_tap *tap, int *ret_status, struct lr_error *err) _must_check_;

/* Size of the local terminal; 80x24 when there is none. */
void terminal_size(int *ret_cols, int *ret_rows);

#endif
