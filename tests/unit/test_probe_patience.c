/* What probes wait for: longer where the nodes are slow, and never cut off by the try's time. */
#include "probe_support.h"
#include <criterion/criterion.h>
#include <sys/prctl.h>

/* With PATIENCE, and a try of a second, WORDS are in the command that YAML sends to its node. */
static void waits(const char *yaml, int patience, const char *words)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = "{}";
    f.timeout_ms = 1000;
    f.patience = patience;
    fixture_try(&f, yaml);
    cr_assert_not_null(f.command, "%s", yaml);
    cr_assert_not_null(
        strstr(f.command, words), "%s: looked for '%s' in: %s", yaml, words, f.command);
}

Test(patience, waits_are_as_many_times_longer)
{
    static const struct {
        const char *yaml, *once, *four_times;
    } rows[] = {
        {"http: {url: \"http://10.0.0.1\"}", "\"wait\":5.0}", "\"wait\":20.0}"},
        {"tls: {host: 10.0.0.1, wait: 2s}", "\"wait\":2.0}", "\"wait\":8.0}"},
        {"port: {host: 10.0.0.1, port: 22}", "\"wait\":3.0}", "\"wait\":12.0}"},
        {"nft: {open: [{to: 10.0.0.1, port: 5}]}", "\"wait\":2.0}", "\"wait\":8.0}"},
        {"ceph: {pgs: active+clean}", "\"timeout\":10,", "\"timeout\":40,"},
        {"ping: {host: 10.0.0.1}", " -W2 ", " -W8 "},
        {"command: {run: id}", " LABRUN_PATIENCE=1 ", " LABRUN_PATIENCE=4 "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        waits(rows[i].yaml, 0, rows[i].once);
        waits(rows[i].yaml, 1, rows[i].once);
        waits(rows[i].yaml, 4, rows[i].four_times);
    }
}

/* Silence is a finding only where the probe lives to see it. */
Test(patience, a_try_is_as_long_as_its_wait)
{
    static const char *const rows[][2] = {
        {"http: {url: \"http://10.0.0.1\", wait: 60s}", "/timeout -k 2 66 "},
        {"port: {host: 10.0.0.1, port: 22, wait: 20s}", "/timeout -k 2 26 "},
        {"nft: {open: [{to: 10.0.0.1, port: 5}], wait: 20s}", "/timeout -k 2 26 "},
        {"ceph: {pgs: active+clean}", "/timeout -k 2 16 "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        waits(rows[i][0], 1, rows[i][1]);
    waits("http: {url: \"http://10.0.0.1\", wait: 60s}", 4, "/timeout -k 2 261 ");
}

/* Answers everybody after MS. */
static pid_t slow_server(int ms, int *ret_port)
{
    static const char text[] = "HTTP/1.1 200 OK\r\n\r\n";
    int fd = listener(ret_port);
    pid_t pid = fork();
    cr_assert(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int c; (c = accept(fd, NULL, NULL)) >= 0; close(c)) {
            poll(NULL, 0, ms);
            /* Closing with unread bytes would reset the connection. */
            char request[4096];
            if (read(c, request, sizeof request) < 0 || write(c, text, sizeof text - 1) < 0)
                continue;
        }
        _exit(0);
    }
    close(fd);
    return pid;
}

static void slow_gives(int ms, int patience, const char *verdict, const char *seen)
{
    int port;
    pid_t server = slow_server(ms, &port);
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.timeout_ms = 500;
    f.patience = patience;
    _free_ char *yaml = xasprintf("http: {url: \"http://127.0.0.1:%d\", wait: 2s}", port);
    fixture_gives(&f, yaml, verdict, seen);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

Test(patience, a_slow_answer_is_an_answer_where_the_nodes_are_slow)
{
    slow_gives(4000, 1, "fail", "no whole answer within 2 s");
    slow_gives(4000, 10, "pass", "status 200");
}
