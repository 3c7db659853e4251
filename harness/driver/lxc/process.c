/* The first process of a node, found through libvirt and held by a pidfd, so that what is signalled
 * is that process and never one that has its number now.
 *
 * Killing init ends a node in a third of the time that virDomainDestroy takes, which waits two
 * seconds for a clean stop that a node does not understand. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>

#define NOTICE_MS    2000  /* for libvirt to notice by itself that a node has ended */
#define GONE_MS      20000 /* for a killed node to be gone */
#define POWER_OFF_MS 60000 /* for systemd to stop everything */
#define POLL_MS      15

/* Children of a process, whichever of its threads made them. */
static bool children(pid_t pid, struct strv *ret, struct lr_error *err)
{
    _free_ char *tasks = xasprintf("/proc/%d/task", (int)pid);
    _strv_ struct strv tids = STRV_INIT;
    if (!dir_list(tasks, &tids, err))
        return false;
    for (size_t i = 0; i < tids.n; i++) {
        _free_ char *path = xasprintf("%s/%s/children", tasks, tids.items[i]);
        _free_ char *text = NULL;
        _lr_error_ struct lr_error e = LR_ERROR_INIT;
        if (!file_read(path, 1 << 16, &text, NULL, &e))
            continue; /* the thread has ended */
        char *save = NULL;
        for (char *w = strtok_r(text, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
            strv_add(ret, w);
    }
    return true;
}

static pid_t parent_of(pid_t pid)
{
    _free_ char *path = xasprintf("/proc/%d/stat", (int)pid);
    _free_ char *text = NULL;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    if (!file_read(path, 4096, &text, NULL, &e))
        return -1;
    const char *after_name = strrchr(text, ')');
    int parent = -1;
    if (!after_name || sscanf(after_name, ") %*c %d", &parent) != 1)
        return -1;
    return parent;
}

static bool has_ended(int pidfd)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    return poll(&p, 1, 0) != 0;
}

bool lxc_init_find(virDomainPtr d, pid_t *ret_pid, int *ret_pidfd, struct lr_error *err)
{
    *ret_pidfd = -1;
    unsigned controller = virDomainGetID(d);
    if (controller == (unsigned)-1)
        return true;
    _strv_ struct strv pids = STRV_INIT;
    if (!children((pid_t)controller, &pids, err))
        return false;
    for (size_t i = 0; i < pids.n; i++) {
        pid_t pid = (pid_t)strtol(pids.items[i], NULL, 10);
        _close_ int fd = pidfd_open(pid, 0);
        /* The order matters: the descriptor is the child's if it lives after the look at it. */
        if (fd < 0 || parent_of(pid) != (pid_t)controller || has_ended(fd))
            continue;
        *ret_pid = pid;
        *ret_pidfd = steal_fd(&fd);
        return true;
    }
    return true;
}

void lxc_gate_clear(struct lxc_gate *g)
{
    if (g->inside >= 0)
        close(g->inside);
    if (g->outside >= 0)
        close(g->outside);
    *g = LXC_GATE_INIT;
}

bool lxc_gate_make(struct lxc_gate *ret, struct lr_error *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return lr_error_errno(err, errno, "making a pipe");
    *ret = (struct lxc_gate){fds[0], fds[1]};
    return true;
}

virDomainPtr lxc_domain_create(virConnectPtr conn, const char *xml, const struct lxc_gate *gate)
{
    int fds[] = {gate->inside};
    return virDomainCreateXMLWithFiles(conn, xml, 1, fds, 0);
}

/* A byte, and not the pipe's end: that comes when all of our children have closed it, too. Our own
 * reading end is still open, so that nobody gets a SIGPIPE for a node that has ended. */
bool lxc_gate_open(const struct lxc_gate *g, struct lr_error *err)
{
    return write(g->outside, "\n", 1) == 1 ||
        lr_error_errno(err, errno, "telling a node's first process to go on");
}

/* libvirt sends no event without an event loop; it takes tens of milliseconds to notice. Now and
 * then it does not (9.0, when a node ends just as it is resumed): after a while it is told to look.
 */
static bool wait_gone(virDomainPtr d, struct lr_error *err)
{
    char uuid[VIR_UUID_STRING_BUFLEN];
    if (virDomainGetUUIDString(d, uuid) < 0)
        return virt_error(err, "reading a domain's UUID");
    struct deadline notices = deadline_in(NOTICE_MS), gone = deadline_in(GONE_MS);
    for (;;) {
        _virt_domain_ virDomainPtr again = NULL;
        if (!virt_domain_find(virDomainGetConnect(d), virDomainGetName(d), uuid, &again, err))
            return false;
        if (!again || virDomainIsActive(again) == 0)
            return true;
        if (deadline_passed(gone))
            return lr_error_set(err, LR_ETIMEOUT, "domain '%s' does not end", virDomainGetName(d));
        if (deadline_passed(notices)) {
            log_debug("lxc: libvirt has not noticed that '%s' ended", virDomainGetName(d));
            virDomainDestroy(again);
            notices = gone;
        }
        bool ready;
        if (!wait_fd(-1, 0, deadline_sooner(gone, deadline_in(POLL_MS)), &ready, err))
            return false;
    }
}

/* A frozen process does not die, and its death while it thaws is what libvirt fails to notice: so
 * thaw first. */
static void thaw(virDomainPtr d)
{
    int state = VIR_DOMAIN_NOSTATE;
    if (virDomainGetState(d, &state, NULL, 0) == 0 && state == VIR_DOMAIN_PAUSED)
        virDomainResume(d);
}

bool lxc_domain_kill(virDomainPtr d, struct lr_error *err)
{
    pid_t pid;
    _close_ int init = -1;
    thaw(d);
    if (!lxc_init_find(d, &pid, &init, err))
        return false;
    if (init >= 0 && pidfd_send_signal(init, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
        return lr_error_errno(err, errno, "killing the init of '%s'", virDomainGetName(d));
    if (init < 0)
        virDomainDestroy(d); /* no init to kill; whether it helped is seen below */
    return wait_gone(d, err);
}

bool lxc_domain_power_off(virDomainPtr d, struct lr_error *err)
{
    pid_t pid;
    _close_ int init = -1;
    thaw(d);
    if (!lxc_init_find(d, &pid, &init, err))
        return false;
    bool ended = init < 0;
    if (!ended && pidfd_send_signal(init, SIGRTMIN + 4, NULL, 0) < 0 && errno != ESRCH)
        return lr_error_errno(err, errno, "stopping '%s'", virDomainGetName(d));
    if (!ended && !wait_fd(init, POLLIN, deadline_in(POWER_OFF_MS), &ended, err))
        return false;
    return ended ? wait_gone(d, err) : lxc_domain_kill(d, err);
}
