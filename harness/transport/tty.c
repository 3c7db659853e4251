#include "transport/tty.h"
#include "transport/terminal.h"
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

/* For the signal handler, which has no other way to know. A handler and not a signalfd: that would
 * have to be blocked in every thread of the process. */
static volatile sig_atomic_t resize_fd = -1;

static void on_resize(int signo)
{
    (void)signo;
    int saved = errno;
    if (eventfd_write((int)resize_fd, 1) < 0)
        errno = saved; /* full: readable already */
    errno = saved;
}

void terminal_size(int *ret_cols, int *ret_rows)
{
    struct winsize ws;
    *ret_cols = 80;
    *ret_rows = 24;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) < 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0)
        return;
    if (ws.ws_col > 0)
        *ret_cols = ws.ws_col;
    if (ws.ws_row > 0)
        *ret_rows = ws.ws_row;
}

void tty_begin(struct tty *t)
{
    *t = (struct tty){.resize_fd = -1};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, &t->pipe);
}

bool tty_make_raw(struct tty *t, struct lr_error *err)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return lr_error_errno(err, errno, "eventfd");
    t->resize_fd = fd;
    resize_fd = fd;
    struct sigaction sa = {.sa_handler = on_resize, .sa_flags = SA_RESTART};
    sigemptyset(&sa.sa_mask);
    sigaction(SIGWINCH, &sa, &t->winch);
    if (tcgetattr(STDIN_FILENO, &t->termios) < 0)
        return lr_error_errno(err, errno, "terminal settings");
    struct termios raw = t->termios;
    cfmakeraw(&raw);
    t->raw = true;
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
        return lr_error_errno(err, errno, "terminal settings");
    return true;
}

void tty_end(struct tty *t)
{
    /* Not TCSADRAIN: a terminal that has gone would never drain. */
    if (t->raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &t->termios);
    if (t->resize_fd >= 0) {
        sigaction(SIGWINCH, &t->winch, NULL);
        resize_fd = -1;
        close(t->resize_fd);
    }
    sigaction(SIGPIPE, &t->pipe, NULL);
    *t = (struct tty){.resize_fd = -1};
}
