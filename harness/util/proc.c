#include "util/proc.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

struct reader {
    const struct proc_opts *opts;
    size_t cap;
    struct strbuf all;  /* kept output, up to CAP */
    struct strbuf line; /* the line in progress, for on_line */
};

static void feed(struct reader *r, const char *p, size_t n)
{
    size_t keep = r->all.len < r->cap ? r->cap - r->all.len : 0;
    strbuf_add(&r->all, p, n < keep ? n : keep);
    if (!r->opts || !r->opts->on_line)
        return;
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '\n' && p[i] != '\r') {
            if (r->line.len < 4096)
                strbuf_add(&r->line, p + i, 1);
            continue;
        }
        if (r->line.len)
            r->opts->on_line(r->line.data, r->opts->data);
        r->line.len = 0;
    }
}

static bool start(const char *const argv[], const struct proc_opts *opts, int out, pid_t *ret_pid,
    struct lr_error *err)
{
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    posix_spawn_file_actions_init(&fa);
    posix_spawnattr_init(&at);
    if (opts && opts->stdin_fd > 0)
        posix_spawn_file_actions_adddup2(&fa, opts->stdin_fd, 0);
    else
        posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, out, 1);
    posix_spawn_file_actions_adddup2(&fa, out, 2);
    if (opts && opts->cwd)
        posix_spawn_file_actions_addchdir_np(&fa, opts->cwd);
    sigset_t none, dfl;
    sigemptyset(&none);
    sigemptyset(&dfl);
    sigaddset(&dfl, SIGPIPE);
    sigaddset(&dfl, SIGINT);
    sigaddset(&dfl, SIGTERM);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &dfl);
    posix_spawnattr_setpgroup(&at, 0);
    posix_spawnattr_setflags(
        &at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    char *const *env = opts && opts->env ? (char *const *)(uintptr_t)opts->env : environ;
    int rc = posix_spawnp(ret_pid, argv[0], &fa, &at, (char *const *)(uintptr_t)argv, env);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    if (rc)
        return lr_error_errno(err, rc, "starting '%s'", argv[0]);
    return true;
}

static void kill_group(pid_t pid)
{
    kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* Reads until end of file, deadline or interruption. */
static bool collect(
    struct reader *r, int fd, const char *name, struct deadline d, struct lr_error *err)
{
    for (;;) {
        bool ready;
        if (!wait_fd(fd, POLLIN, d, &ready, err))
            return false;
        if (!ready)
            return lr_error_set(err, LR_ETIMEOUT, "'%s' did not end in time", name);
        char chunk[16384];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lr_error_errno(err, errno, "reading the output of '%s'", name);
        if (n == 0)
            return true;
        feed(r, chunk, (size_t)n);
    }
}

bool proc_run(const char *const argv[], const struct proc_opts *opts, struct proc_result *ret,
    struct lr_error *err)
{
    int p[2];
    if (pipe2(p, O_CLOEXEC) < 0)
        return lr_error_errno(err, errno, "pipe");
    _close_ int in = p[0];
    int out = p[1];
    pid_t pid = 0;
    bool started = start(argv, opts, out, &pid, err);
    close(out);
    if (!started)
        return false;
    struct reader r = {.opts = opts, .cap = opts && opts->cap ? opts->cap : 1 << 20};
    struct deadline d = opts && opts->deadline.at_ms ? opts->deadline : DEADLINE_NEVER;
    bool ok = collect(&r, in, argv[0], d, err);
    if (ok && opts && opts->on_line && r.line.len)
        opts->on_line(r.line.data, opts->data);
    strbuf_free(&r.line);
    if (!ok) {
        kill_group(pid);
        strbuf_free(&r.all);
        return false;
    }
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        continue;
    if (ended < 0) {
        strbuf_free(&r.all);
        return lr_error_errno(err, errno, "waiting for '%s'", argv[0]);
    }
    ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ret->output_len = r.all.len;
    ret->output = strbuf_steal(&r.all);
    return true;
}

bool proc_check(const char *const argv[], const struct proc_opts *opts, struct lr_error *err)
{
    _proc_result_ struct proc_result r = {0};
    if (!proc_run(argv, opts, &r, err))
        return false;
    if (r.status == 0)
        return true;
    return lr_error_set(err, LR_EINFRA, "'%s' failed with exit status %d: %s", argv[0], r.status,
        last_lines(r.output, 5));
}

void proc_result_free(struct proc_result *r)
{
    free(r->output);
    r->output = NULL;
}

char *proc_find(const char *name)
{
    const char *path = getenv("PATH");
    _free_ char *dirs =
        xasprintf("%s:/usr/local/sbin:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin");
    char *save = NULL;
    for (char *d = strtok_r(dirs, ":", &save); d; d = strtok_r(NULL, ":", &save)) {
        _free_ char *full = xasprintf("%s/%s", d, name);
        if (access(full, X_OK) == 0)
            return STEAL(full);
    }
    return NULL;
}

const char *last_lines(const char *text, size_t n)
{
    const char *p = text + strlen(text);
    while (p > text && p[-1] == '\n')
        p--;
    for (; p > text; p--)
        if (p[-1] == '\n' && --n == 0)
            break;
    return p;
}
