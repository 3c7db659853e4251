/* Dialling a node: a socket keeps the network namespace in which it was made. A thread enters the
 * node's, connects to the loopback address there, and leaves the connected socket to us; nothing of
 * the node's network is reachable from the host and nothing of the host's from the node. */
#include "driver/lxc/lxc.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#define SSH_PORT 22
#define RETRY_MS 15 /* nothing tells us when sshd begins to listen */

struct dial {
    const struct plan_node *node;
    int init; /* pidfd: readable once the node is off */
    int netns;
    struct deadline deadline;
    int fd;
};

/* True with *ret_fd -1 when nobody listens yet. */
static bool try_connect(const struct dial *c, int *ret_fd, struct lr_error *err)
{
    _close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return lr_error_errno(err, errno, "making a socket");
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons(SSH_PORT),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int e = connect(fd, (const struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
    bool ready = true;
    if (e == EINPROGRESS) {
        socklen_t len = sizeof e;
        if (!wait_fd(fd, POLLOUT, c->deadline, &ready, err))
            return false;
        if (!ready || getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0)
            e = ETIMEDOUT;
    }
    *ret_fd = -1;
    /* While the node boots: no listener, or the loopback interface is not up. */
    if (e == ECONNREFUSED || e == ENETUNREACH || e == EADDRNOTAVAIL || e == ETIMEDOUT)
        return true;
    if (e)
        return lr_error_errno(err, e, "connecting to ssh on node '%s'", c->node->name);
    if (fcntl(fd, F_SETFL, 0) < 0)
        return lr_error_errno(err, errno, "preparing a socket");
    *ret_fd = steal_fd(&fd);
    return true;
}

static bool dial_thread(void *data, struct lr_error *err)
{
    struct dial *c = data;
    if (setns(c->netns, CLONE_NEWNET) < 0)
        return lr_error_errno(err, errno, "entering the network of node '%s'", c->node->name);
    for (;;) {
        if (!try_connect(c, &c->fd, err))
            return false;
        if (c->fd >= 0)
            return true;
        if (deadline_passed(c->deadline)) {
            lr_error_set(
                err, LR_ETIMEOUT, "node '%s' does not answer on port %d", c->node->name, SSH_PORT);
            return false;
        }
        bool off;
        if (!wait_fd(
                c->init, POLLIN, deadline_sooner(c->deadline, deadline_in(RETRY_MS)), &off, err))
            return false;
        if (off)
            return lr_error_set(err, LR_EINFRA, "node '%s' went off", c->node->name);
    }
}

bool lxc_dial(struct driver *d, const struct plan *p, size_t node, const char *lab_dir,
    struct deadline deadline, int *ret_fd, struct lr_error *err)
{
    (void)lab_dir;
    const struct plan_node *n = &p->nodes[node];
    _virt_domain_ virDomainPtr dom = NULL;
    if (!virt_domain_find(d->conn, n->domain, n->uuid, &dom, err))
        return false;
    pid_t pid = -1;
    _close_ int init = -1;
    if (dom && !lxc_init_find(dom, &pid, &init, err))
        return false;
    if (init < 0)
        return lr_error_set(err, LR_EINFRA, "node '%s' is off", n->name);
    _free_ char *path = xasprintf("/proc/%d/ns/net", (int)pid);
    _close_ int netns = open(path, O_RDONLY | O_CLOEXEC);
    if (netns < 0 && errno == ENOENT)
        return lr_error_set(err, LR_EINFRA, "node '%s' is going off", n->name);
    if (netns < 0)
        return lr_error_errno(err, errno, "opening the network of node '%s'", n->name);
    struct dial c = {.node = n, .init = init, .netns = netns, .deadline = deadline, .fd = -1};
    if (!lxc_on_thread(dial_thread, &c, err))
        return false;
    *ret_fd = c.fd;
    return true;
}
