/* For the tests of probes: a probe written as in scenario.yaml, and a node that is either this
 * machine (the command is really run by sh) or a recorded answer. */
#ifndef LABRUN_TESTS_PROBE_SUPPORT_H
#define LABRUN_TESTS_PROBE_SUPPORT_H

#include "graders/probe.h"
#include "graders/probes/node.h"
#include "util/fs.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

extern char **environ;

/* What a node answers to a command that has PART in it. */
struct recorded_answer {
    const char *part;
    const char *out;
    int status;
    const char *err;
};

struct probe_fixture {
    struct scenario scenario;
    struct node node;
    struct probe_ctx ctx;
    struct outcome outcome;
    /* What a recorded node answers; with NULL out, this machine is asked. */
    enum run_end end;
    int status;
    const char *out;
    const char *err;
    /* Instead of OUT: by a part of the command; ended by a NULL command. */
    const struct recorded_answer *answers;
    const char *shell[8]; /* runs commands when asked for real; default /bin/sh */
    const char *prelude;  /* Python in front of the program, when asked for real */
    const struct collateral_base *base;
    int64_t timeout_ms; /* of a try; 0: 30 s */
    int patience;
    char *command; /* the last one asked */
    char *raw;     /* its raw stdout, when asked for real */
};

static inline void fixture_init(struct probe_fixture *f, const char *dir)
{
    *f = (struct probe_fixture){0};
    f->node.name = (char *)"here";
    f->scenario.nodes = &f->node;
    f->scenario.n_nodes = 1;
    f->scenario.dir = (char *)dir;
}

static inline void drain(int fd, char **ret, size_t *ret_len)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    char part[4096];
    ssize_t n;
    while ((n = read(fd, part, sizeof part)) > 0)
        strbuf_add(&b, part, (size_t)n);
    *ret_len = b.len;
    *ret = strbuf_steal(&b);
}

/* stdin and both outputs are files: no pump, no deadlock. */
static inline int temp_file(const void *p, size_t n)
{
    char name[] = "/tmp/labrun-probe-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    unlink(name);
    if (n && write(fd, p, n) != (ssize_t)n)
        abort();
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static inline void run_here(
    struct probe_fixture *f, const struct run_request *req, struct run_result *ret)
{
    _strbuf_ struct strbuf input = STRBUF_INIT;
    strbuf_adds(&input, f->prelude ? f->prelude : "");
    if (req->input_len > 0)
        strbuf_add(&input, req->input, req->input_len);
    int in = temp_file(input.data, input.len), out = temp_file("", 0), err = temp_file("", 0);
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, in, 0);
    posix_spawn_file_actions_adddup2(&fa, out, 1);
    posix_spawn_file_actions_adddup2(&fa, err, 2);
    const char *argv[12] = {"/bin/sh"};
    size_t n = 1;
    for (size_t i = 0; f->shell[i]; i++) {
        n = i + 1;
        argv[i] = f->shell[i];
    }
    argv[n++] = "-c";
    argv[n++] = req->command;
    pid_t pid;
    int status = 0;
    if (posix_spawn(&pid, argv[0], &fa, NULL, (char *const *)argv, environ) != 0)
        abort();
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    posix_spawn_file_actions_destroy(&fa);
    lseek(out, 0, SEEK_SET);
    lseek(err, 0, SEEK_SET);
    drain(out, &ret->out, &ret->out_len);
    drain(err, &ret->err, &ret->err_len);
    ret->out_truncated = req->cap && ret->out_len > req->cap;
    ret->err_truncated = req->cap && ret->err_len > req->cap;
    close(in);
    close(out);
    close(err);
    ret->end = WIFEXITED(status) ? RUN_EXITED : RUN_SIGNALLED;
    ret->status = WEXITSTATUS(status);
    free(f->raw);
    f->raw = xstrdup(ret->out);
}

static inline bool fixture_run(struct probe_ctx *ctx, size_t node, const struct run_request *req,
    struct run_result *ret, struct lr_error *err)
{
    (void)node;
    (void)err;
    struct probe_fixture *f = ctx->data;
    free(f->command);
    f->command = xstrdup(req->command);
    *ret = (struct run_result){0};
    const struct recorded_answer *a = f->answers;
    while (a && a->part && !strstr(req->command, a->part))
        a++;
    if (a && !a->part) {
        fprintf(stderr, "no answer is recorded for: %s\n", req->command);
        abort();
    }
    if (!a && !f->out) {
        run_here(f, req, ret);
        return true;
    }
    const char *err_text = a ? a->err : f->err;
    ret->end = f->end;
    ret->status = a ? a->status : f->status;
    ret->out = xasprintf(NODE_MARKER "\n%s", a ? a->out : f->out);
    ret->out_len = strlen(ret->out);
    ret->out_truncated = req->cap && ret->out_len > req->cap;
    ret->err = xasprintf(NODE_MARKER "\n%s", err_text ? err_text : "");
    ret->err_len = strlen(ret->err);
    return true;
}

static inline bool fixture_script(struct probe_ctx *ctx, const char *script, char **ret_text,
    size_t *ret_len, struct lr_error *err)
{
    _free_ char *path = path_join(ctx->scenario->dir, script);
    return file_read(path, 1 << 20, ret_text, ret_len, err);
}

/* Parses `probe: {KIND: …}` written as "KIND: …". NULL with the problems' text when it is wrong. */
static inline void *fixture_parse(
    struct probe_fixture *f, const char *yaml, const struct probe_kind **ret, char **ret_problems)
{
    _problems_ struct problems p;
    problems_init(&p, "test");
    _value_ struct value v = {0};
    *ret = NULL;
    void *params = NULL;
    if (value_parse(yaml, strlen(yaml), &p, &v) && v.type == VALUE_MAP && v.n == 1) {
        struct reader r = {.problems = &p};
        for (size_t i = 0; probe_kinds[i]; i++)
            if (streq(probe_kinds[i]->name, v.keys[0].text))
                *ret = probe_kinds[i];
        if (*ret)
            params = (*ret)->parse(&r, &v.items[0], &f->scenario);
    }
    *ret_problems = problems_text(&p);
    if (p.n > 0 && params) {
        (*ret)->free_params(params);
        params = NULL;
    }
    return params;
}

/* One try of a probe; the outcome is in F. Returns the verdict's name, or the problems found when
 * it was read. */
static inline const char *fixture_try(struct probe_fixture *f, const char *yaml)
{
    static char problems[4096];
    _free_ char *text = NULL;
    const struct probe_kind *kind;
    void *params = fixture_parse(f, yaml, &kind, &text);
    outcome_clear(&f->outcome);
    if (!params) {
        snprintf(problems, sizeof problems, "%s", text);
        return problems;
    }
    f->ctx = (struct probe_ctx){
        .scenario = &f->scenario,
        .deadline = deadline_in(f->timeout_ms ? f->timeout_ms : 30000),
        .run = fixture_run,
        .read_script = fixture_script,
        .base = f->base,
        .patience = f->patience,
        .data = f,
    };
    kind->run(params, &f->ctx, &f->outcome);
    kind->free_params(params);
    return verdict_name(f->outcome.verdict);
}

static inline void fixture_free(struct probe_fixture *f)
{
    outcome_clear(&f->outcome);
    free(f->command);
    free(f->raw);
}
#define _fixture_ _cleanup_(fixture_free)

/* One try of YAML gives VERDICT, and what was seen has SEEN in it. */
__attribute__((unused)) static void fixture_gives(
    struct probe_fixture *f, const char *yaml, const char *verdict, const char *seen)
{
    const char *got = fixture_try(f, yaml);
    const char *text = f->outcome.evidence.seen ? f->outcome.evidence.seen : "";
    cr_assert_str_eq(got, verdict, "%s: %s: %s", yaml, got, text);
    cr_assert_not_null(strstr(text, seen), "%s: looked for '%s' in: %s", yaml, seen, text);
}

/* On this machine, with scripts from the root folder. */
__attribute__((unused)) static void here_gives(
    const char *yaml, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    fixture_gives(&f, yaml, verdict, seen);
}

/* A probe written as BEFORE, a row's first text and AFTER is refused with just the row's second
 * text. */
__attribute__((unused)) static void fixture_refuses(
    const char *before, const char *const rows[][2], size_t n, const char *after)
{
    for (size_t i = 0; i < n; i++) {
        _fixture_ struct probe_fixture f;
        fixture_init(&f, "/");
        _free_ char *yaml = xasprintf("%s%s%s", before, rows[i][0], after);
        const char *got = fixture_try(&f, yaml);
        cr_assert_str_eq(got, rows[i][1], "%s: %s", yaml, got);
    }
}

/* Listens on a free port of 127.0.0.1. */
__attribute__((unused)) static int listener(int *ret_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    cr_assert(fd >= 0 && bind(fd, (void *)&a, n) == 0 && listen(fd, 5) == 0);
    cr_assert_eq(getsockname(fd, (void *)&a, &n), 0);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

/* 10 MB of spaces, then JSON: more than any probe reads. */
__attribute__((noinline, unused)) static char *ten_megabytes(void)
{
    size_t n = (size_t)10 << 20;
    char *text = xmalloc(n + 3);
    memset(text, ' ', n);
    memcpy(text + n, "{}", 3);
    return text;
}

/* A file of tests/data. */
/* Not inline: gcc 12 would take what is returned for a pointer to the local variable. */
__attribute__((noinline, unused)) static char *recorded(const char *name)
{
    _free_ char *path = path_join(TEST_DATA "/data/probes", name);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char *text;
    size_t len;
    if (!file_read(path, 1 << 22, &text, &len, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return text;
}

#endif
