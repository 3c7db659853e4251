/* Inside transport: the user's own terminal, raw while a remote one is in use. */
#ifndef LABRUN_TRANSPORT_TTY_H
#define LABRUN_TRANSPORT_TTY_H

#include "util/error.h"
#include <signal.h>
#include <termios.h>

/* Everything that tty_end() puts back as it was. */
struct tty {
    int resize_fd; /* readable after the window changed its size; -1 without a terminal */
    bool raw;
    struct termios termios;
    struct sigaction winch, pipe;
};

/* Ignores SIGPIPE: a reader of our output that goes away must not take the way back with it. */
void tty_begin(struct tty *t);
/* Makes stdin raw and watches its size. One terminal at a time in a process. */
bool tty_make_raw(struct tty *t, struct lr_error *err) _must_check_;
void tty_end(struct tty *t);

#endif
