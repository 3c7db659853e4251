#include "cli/lookup.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "lab/power.h"
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define DIAL_MS (3 * 60 * 1000)

/* One direction: what FROM gives goes to TO. False when that direction has ended. */
static bool pump(int from, int to)
{
    char buffer[65536];
    ssize_t n = read(from, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR)
        return true;
    for (ssize_t done = 0; done < n;) {
        ssize_t w = write(to, buffer + done, (size_t)(n - done));
        if (w < 0 && errno != EINTR)
            return false;
        done += w > 0 ? w : 0;
    }
    return n > 0;
}

/* Until the node's side ends. When our stdin ends, the node is told and may finish what it says. */
static bool shuttle(int fd, struct lr_error *err)
{
    bool open = true;
    for (;;) {
        struct pollfd p[3] = {{.fd = open ? STDIN_FILENO : -1, .events = POLLIN},
            {.fd = fd, .events = POLLIN}, {.fd = cancel_fd(), .events = POLLIN}};
        if (poll(p, 3, -1) < 0 && errno != EINTR)
            return lr_error_errno(err, errno, "poll");
        /* ssh ends its ProxyCommand with SIGHUP: that is how most connections end. */
        if (cancel_requested())
            return true;
        if (p[1].revents && !pump(fd, STDOUT_FILENO))
            return true;
        if (open && p[0].revents && !pump(STDIN_FILENO, fd)) {
            open = false;
            shutdown(fd, SHUT_WR);
        }
    }
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _subject_ struct subject s = {0};
    size_t node;
    int fd;
    if (!lookup_lab(c, cmd_operand(c, 0), false, &s, err) ||
        !lab_node(s.lab, cmd_operand(c, 1), true, &node, err) ||
        !power_dial(&s.host, s.lab, node, deadline_in(DIAL_MS), &fd, err))
        return false;
    _close_ int socket = fd;
    progress_hide(c->progress);
    return shuttle(socket, err);
}

const struct verb verb_proxy = {
    .name = "proxy",
    .group = "For the candidate",
    .summary = "connect stdin and stdout to a node's ssh port (ProxyCommand)",
    .help = "`labrun ssh-config` prints a configuration that uses it.",
    .operands = (const struct operand_def[]){{"LAB", "lab", 0}, {"NODE", "node", 0}, OPERANDS_END},
    .run = run,
};
