/* The emulator's user network accepts a connection before the guest listens, and drops it when the
 * guest refuses. So a connection counts only once the ssh server's first bytes have come; they are
 * left in the socket for the ssh client to read. */
#include "driver/qemu/ops.h"
#include "driver/qemu/power.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#define PAUSE_MS     50          /* between tries */
#define FIRST_TRY_MS 2000        /* patience with a connection that says nothing; doubles … */
#define LAST_TRY_MS  (20 * 1000) /* … up to this: a busy emulated guest may need it */

/* False when nobody takes the connection in time. */
static bool try_connect(unsigned port, struct deadline d, int *ret_fd, struct lr_error *err)
{
    _close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return lr_error_errno(err, errno, "making a socket");
    struct sockaddr_in a = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int e = connect(fd, (struct sockaddr *)&a, sizeof a) < 0 ? errno : 0;
    if (e == EINPROGRESS) {
        bool ready;
        socklen_t len = sizeof e;
        if (!wait_fd(fd, POLLOUT, d, &ready, err))
            return false;
        if (!ready || getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0)
            e = ETIMEDOUT;
    }
    if (e)
        return lr_error_errno(err, e, "connecting to 127.0.0.1:%u", port);
    if (fcntl(fd, F_SETFL, 0) < 0)
        return lr_error_errno(err, errno, "preparing a socket");
    *ret_fd = steal_fd(&fd);
    return true;
}

/* False when the wait was interrupted; *ret_there says whether the server spoke. */
static bool await_banner(int fd, struct deadline d, bool *ret_there, struct lr_error *err)
{
    static const char banner[] = "SSH-";
    char start[sizeof banner - 1];
    *ret_there = false;
    for (ssize_t seen = 0;;) {
        bool ready = false;
        if (!wait_fd(fd, POLLIN, d, &ready, err))
            return false;
        ssize_t n = ready ? recv(fd, start, sizeof start, MSG_PEEK | MSG_DONTWAIT) : -1;
        if (n == (ssize_t)sizeof start)
            *ret_there = memcmp(start, banner, sizeof start) == 0;
        /* No more bytes than last time and yet readable: the stream has ended within the banner. */
        if (n <= seen || n == (ssize_t)sizeof start)
            return true;
        seen = n;
    }
}

/* The port of a node that is off may be another node's by now. When libvirt does not say, the node
 * is tried all the same. */
static bool is_off(struct driver *d, const struct plan *p, size_t node)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    enum node_state state;
    return qemu_node_state(d, p, node, &state, &err) && state == NODE_OFF;
}

static bool pause_between(struct deadline d, struct lr_error *err)
{
    bool ready;
    return wait_fd(-1, 0, deadline_sooner(d, deadline_in(PAUSE_MS)), &ready, err);
}

bool qemu_dial(struct driver *d, const struct plan *p, size_t node, const char *lab_dir,
    struct deadline deadline, int *ret_fd, struct lr_error *err)
{
    _lr_error_ struct lr_error last = LR_ERROR_INIT;
    for (int64_t patience = FIRST_TRY_MS;;) {
        unsigned port; /* read each time: a node that is booted again gets another */
        _close_ int fd = -1;
        bool there = false;
        if (!qemu_port_read(lab_dir, &p->nodes[node], &port, err))
            return false;
        /* It answers nobody until it is booted, and for that others stand by. */
        if (is_off(d, p, node))
            return lr_error_set(err, LR_EINFRA, "node '%s' is off", p->nodes[node].name);
        struct deadline try = deadline_sooner(deadline, deadline_in(patience));
        if (try_connect(port, try, &fd, &last)) {
            if (!await_banner(fd, try, &there, err))
                return false;
        } else if (last.code == LR_EINTERRUPTED) {
            lr_error_move(err, &last);
            return false;
        }
        if (deadline_passed(try) && patience < LAST_TRY_MS)
            patience *= 2;
        if (there) {
            *ret_fd = steal_fd(&fd);
            return true;
        }
        if (deadline_passed(deadline))
            return lr_error_set(err, LR_ETIMEOUT, "node '%s' does not answer on port 22%s%s",
                p->nodes[node].name, last.message ? ": " : "", last.message ? last.message : "");
        if (!pause_between(deadline, err))
            return false;
    }
}
