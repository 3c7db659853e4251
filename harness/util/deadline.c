#include "util/deadline.h"
#include "util/mem.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>

#define IGNORED_MS 1000

static int64_t clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t boot_ms(void)
{
    return clock_ms(CLOCK_BOOTTIME);
}

int64_t wall_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

struct deadline deadline_in(int64_t ms)
{
    return (struct deadline){now_ms() + ms};
}

struct deadline deadline_sooner(struct deadline a, struct deadline b)
{
    return a.at_ms < b.at_ms ? a : b;
}

bool deadline_passed(struct deadline d)
{
    return now_ms() >= d.at_ms;
}

int deadline_poll_ms(struct deadline d)
{
    if (d.at_ms == INT64_MAX)
        return -1;
    int64_t left = d.at_ms - now_ms();
    if (left <= 0)
        return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* The one signal flag of the process; the eventfd makes it visible to poll(). */
static volatile sig_atomic_t requested;
static atomic_int ignored; /* depth of cancel_ignore() */
static int event_fd = -1;

static void on_signal(int signo)
{
    (void)signo;
    int saved = errno;
    requested = 1;
    if (eventfd_write(event_fd, 1) < 0)
        requested = 1; /* a full counter is readable already */
    errno = saved;
}

bool cancel_install(struct lr_error *err)
{
    event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0)
        return lr_error_errno(err, errno, "eventfd");
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGHUP, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* Whoever started us may ignore it, and then no child's status is told. */
    signal(SIGCHLD, SIG_DFL);
    return true;
}

bool cancel_requested(void)
{
    return requested && !ignored;
}

int cancel_fd(void)
{
    return ignored ? -1 : event_fd;
}

bool cancel_check(struct lr_error *err)
{
    if (!cancel_requested())
        return true;
    return lr_error_set(err, LR_EINTERRUPTED, "interrupted");
}

void cancel_ignore(void)
{
    atomic_fetch_add(&ignored, 1);
}

void cancel_heed(void)
{
    atomic_fetch_sub(&ignored, 1);
}

bool wait_fd(int fd, short events, struct deadline d, bool *ret_ready, struct lr_error *err)
{
    for (;;) {
        if (!cancel_check(err))
            return false;
        struct pollfd p[2] = {{.fd = fd, .events = events}, {.fd = cancel_fd(), .events = POLLIN}};
        int ms = deadline_poll_ms(d);
        /* Nobody tells when requests are heeded again. */
        if (ignored && (ms < 0 || ms > IGNORED_MS))
            ms = IGNORED_MS;
        int n = poll(p, 2, ms);
        if (n < 0 && errno != EINTR)
            return lr_error_errno(err, errno, "poll");
        bool passed = deadline_passed(d);
        *ret_ready = n > 0 && p[0].revents && !passed;
        if (*ret_ready || (n >= 0 && passed))
            return true;
    }
}

char *format_duration(int64_t ms)
{
    int64_t s = (ms + 500) / 1000;
    if (ms < 10000)
        return xasprintf("%lld.%llds", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
    if (s < 60)
        return xasprintf("%llds", (long long)s);
    if (s < 3600)
        return xasprintf("%lldm %02llds", (long long)(s / 60), (long long)(s % 60));
    return xasprintf("%lldh %02lldm", (long long)(s / 3600), (long long)(s % 3600 / 60));
}

char *format_time(int64_t wall)
{
    time_t t = (time_t)(wall / 1000);
    struct tm tm;
    char text[32];
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return xstrdup(text);
}
