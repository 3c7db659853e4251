/* Probes of one node: files, ports and ping of this machine for real; systemd as recorded. */
#include "probe_support.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/stat.h>

static void recorded_gives(
    const char *out, int status, const char *yaml, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = out;
    f.status = status;
    f.err = status ? "Failed to connect to bus" : "";
    fixture_gives(&f, yaml, verdict, seen);
}

Test(file, as_it_is)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char dir[] = "/tmp/labrun-file-XXXXXX";
    cr_assert(mkdtemp(dir));
    _free_ char *path = path_join(dir, "f");
    _free_ char *link = path_join(dir, "l");
    cr_assert(file_write_atomic(path, "hello\n", 6, 0640, &err));
    _free_ char *nowhere = path_join(dir, "nowhere");
    _free_ char *circle = path_join(dir, "circle");
    cr_assert_eq(symlink("f", link), 0);
    cr_assert_eq(symlink("gone", nowhere), 0);
    cr_assert_eq(symlink("circle", circle), 0);
    static const struct {
        const char *name, *rule, *verdict, *seen;
    } rows[] = {
        {"f", "", "pass", "exists"},
        {"f", ", absent: true", "fail", "exists"},
        {"gone", ", absent: true", "pass", "does not exist"},
        {"gone", "", "fail", "does not exist"},
        {"f/deeper", "", "fail", "does not exist"},
        {"l", ", absent: true", "fail", "exists"},
        {"nowhere", "", "fail", "does not exist"},
        {"nowhere", ", absent: true", "fail", "exists"},
        {"circle", "", "fail", "does not exist"},
        {"circle", ", absent: true", "fail", "exists"},
        {"circle/deeper", ", absent: true", "pass", "does not exist"},
        {"f", ", mode: 0640, owner: root, group: 0, type: file", "pass", "mode is 0640"},
        {"f", ", mode: \"600\"", "fail", "mode is 0640"},
        {"f", ", owner: nobody", "fail", "owner is root"},
        {"f", ", type: directory", "fail", "type is file"},
        {"l", ", type: symlink", "pass", "type is symlink"},
        {"l", ", type: file, text: hello", "pass", "text is that"},
        {"f", ", sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", "pass",
            "5891"},
        {"f", ", sha256: 0000000000000000000000000000000000000000000000000000000000000000", "fail",
            "5891"},
        {"f", ", text: {contains: ell, matches: \"^hello$\"}", "pass", "text contains"},
        {"f", ", text: {lacks: ell}", "fail", "text contains"},
        {"", ", text: x", "fail", "not a plain file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *yaml = xasprintf("file: {path: %s/%s%s}", dir, rows[i].name, rows[i].rule);
        here_gives(yaml, rows[i].verdict, rows[i].seen);
    }
    cr_assert(tree_remove(dir, &err));
}

Test(file, bytes_that_are_no_text)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char path[] = "/tmp/labrun-file-XXXXXX";
    int fd = mkstemp(path);
    close(fd);
    static const char bytes[] = "\xff\x01";
    for (size_t i = 0; i < 3; i++) {
        _free_ char *text = xmalloc((size_t)1 << 20);
        memset(text, bytes[i], (size_t)1 << 20);
        memcpy(text, "begin", 5);
        cr_assert(file_write_atomic(path, text, (size_t)1 << 20, 0640, &err));
        _free_ char *yaml = xasprintf("file: {path: %s, text: {contains: begin}}", path);
        here_gives(yaml, "pass", "text contains");
    }
    unlink(path);
}

/* Files are only read for what is asked of them. */
Test(file, what_is_not_asked_is_not_read)
{
    static const char *const rows[][3] = {{"mode: 0644", "mode", "sha256"},
        {"text: {lacks: x}", "text", "sha256"},
        {"sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "sha256",
            "text"}};
    for (size_t i = 0; i < 3; i++) {
        _fixture_ struct probe_fixture f;
        fixture_init(&f, "/");
        _free_ char *yaml = xasprintf("file: {path: /etc/passwd, %s}", rows[i][0]);
        fixture_try(&f, yaml);
        cr_assert_not_null(strstr(f.raw, rows[i][1]), "%s: %s", yaml, f.raw);
        cr_assert_null(strstr(f.raw, rows[i][2]), "%s: %s", yaml, f.raw);
    }
}

Test(port, open_and_refused)
{
    int port;
    int fd = listener(&port);
    static const char *const states[][3] = {{"open", "pass", "fail"}, {"closed", "fail", "pass"},
        {"refused", "fail", "pass"}, {"filtered", "fail", "fail"}};
    for (int closed = 0; closed < 2; closed++) {
        for (size_t i = 0; i < 4; i++) {
            _free_ char *yaml = xasprintf(
                "port: {host: 127.0.0.1, port: %d, state: %s, family: ipv4}", port, states[i][0]);
            here_gives(
                yaml, states[i][1 + closed], closed ? "refused (127.0.0.1" : "open (127.0.0.1)");
        }
        if (!closed)
            close(fd);
    }
}

/* As if a filter or a router had sent the ICMP error that the kernel turns into this one. */
static void connect_gives(const char *error, const char *yaml, const char *verdict)
{
    _free_ char *prelude = xasprintf("import errno, os, socket\n"
                                     "def connect(s, to):\n"
                                     "    raise OSError(errno.%s, os.strerror(errno.%s))\n"
                                     "socket.socket.connect = connect\n"
                                     "socket.socket.connect_ex = lambda s, to: errno.%s\n",
        error, error, error);
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.prelude = prelude;
    fixture_gives(&f, yaml, verdict, "");
}

Test(port, every_kind_of_reject)
{
    static const char *const errors[] = {
        "EHOSTUNREACH", "ENETUNREACH", "ENOPROTOOPT", "EPROTO", "EHOSTDOWN", "ENONET", "EACCES"};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        connect_gives(errors[i], "port: {host: 127.0.0.1, port: 1, state: filtered}", "pass");
        connect_gives(errors[i], "port: {host: 127.0.0.1, port: 1, state: closed}", "pass");
        connect_gives(errors[i], "port: {host: 127.0.0.1, port: 1}", "fail");
        connect_gives(errors[i], "nft: {closed: [{to: 127.0.0.1, port: 1}]}", "pass");
        connect_gives(errors[i], "http: {url: \"http://127.0.0.1\"}", "fail");
    }
    connect_gives("ECONNREFUSED", "port: {host: 127.0.0.1, port: 1, state: refused}", "pass");
    connect_gives("EMFILE", "port: {host: 127.0.0.1, port: 1, state: closed}", "error");
    connect_gives("EMFILE", "nft: {closed: [{to: 127.0.0.1, port: 1}]}", "error");
}

Test(port, names_without_address)
{
    here_gives("port: {host: no-such-host.invalid, port: 1, wait: 1s}", "fail", "unresolved");
    here_gives("port: {host: no-such-host.invalid, port: 1, state: closed, wait: 1s}", "error",
        "has no address");
}

/* What iputils 20240905 prints. */
Test(ping, recorded)
{
#define STATISTICS                                                                                 \
    "PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.\n\n--- 10.0.0.9 ping statistics ---\n"
    static const struct {
        const char *out, *rule, *verdict, *seen;
        int status;
    } rows[] = {
        {STATISTICS
            "3 packets transmitted, 3 received, 0% packet loss, time 402ms\nrtt min/avg/max/mdev = 0.1/0.1/0.1/0.0 ms\n",
            "", "pass", "3 sent, 3 answered", 0},
        {STATISTICS "3 packets transmitted, 3 received, 0% packet loss, time 402ms\n",
            ", reachable: false", "fail", "3 sent, 3 answered", 0},
        {STATISTICS "3 packets transmitted, 2 received, 33.3333% packet loss, time 402ms\n", "",
            "fail", "3 sent, 2 answered", 0},
        {STATISTICS "3 packets transmitted, 2 received, 33.3333% packet loss, time 402ms\n",
            ", max_loss: 34", "pass", "2 answered", 0},
        {STATISTICS "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2042ms\n",
            "", "fail", "0 answered", 1},
        {STATISTICS "3 packets transmitted, 0 received, 100% packet loss, time 2042ms\n",
            ", max_loss: 100", "fail", "0 answered", 1},
        {STATISTICS "3 packets transmitted, 0 received, 100% packet loss, time 2042ms\n",
            ", reachable: false", "pass", "0 answered", 1},
        {"", "", "error", "did not answer as it should", 2},
        {"", ", reachable: false", "error", "did not answer as it should", 2},
        {STATISTICS "x packets transmitted, 3 received\n", "", "error", "", 0},
        {STATISTICS "3 packets transmitted, 4 received\n", "", "error", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *yaml = xasprintf("ping: {host: 10.0.0.9%s}", rows[i].rule);
        recorded_gives(rows[i].out, rows[i].status, yaml, rows[i].verdict, rows[i].seen);
    }
}

static void ping_says(const char *err, const char *yaml, const char *verdict)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = "";
    f.err = err;
    f.status = 2;
    fixture_gives(&f, yaml, verdict, err);
}

Test(ping, what_cannot_be_sent)
{
    /* The network lets nothing through, or there was nothing to send, or from. */
    static const char *const network[] = {"ping: connect: Network is unreachable",
        "ping: sendmsg: No route to host", "ping: sendmsg: Operation not permitted",
        "ping: local error: message too long, mtu=1400"};
    static const char *const ours[] = {"ping: a.lab: Name or service not known",
        "ping: a.lab: Temporary failure in name resolution",
        "ping: a.lab: No address associated with hostname",
        "ping: bind: Cannot assign requested address",
        "ping: fd00::1: Address family for hostname not supported"};
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++) {
        ping_says(network[i], "ping: {host: a.lab}", "fail");
        ping_says(network[i], "ping: {host: a.lab, reachable: false}", "pass");
    }
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        ping_says(ours[i], "ping: {host: a.lab}", "fail");
        ping_says(ours[i], "ping: {host: a.lab, reachable: false}", "error");
    }
}

#define SHOW(load, active, sub, file, restarts, entered)                                           \
    "Result=success\nNRestarts=" restarts "\nLoadState=" load "\nActiveState=" active              \
    "\nSubState=" sub "\nUnitFileState=" file "\nActiveEnterTimestampMonotonic=" entered "\n"
#define RUNS SHOW("loaded", "active", "running", "enabled", "0", "5000000")

Test(systemd, recorded)
{
    static const struct {
        const char *out, *rule, *verdict, *seen;
        int status;
    } rows[] = {
        {RUNS, "", "pass", "active (running)", 0},
        {RUNS, ", active: false", "fail", "active (running)", 0},
        {RUNS, ", active: true, enabled: true, sub: running, max_restarts: 0", "pass",
            "unit file is enabled", 0},
        {RUNS, ", enabled: false", "fail", "unit file is enabled", 0},
        {RUNS, ", sub: exited", "fail", "in detail is running", 0},
        {RUNS "Now=15000000\n", ", settled: 10s", "pass", "active for 10s", 0},
        {RUNS "Now=14900000\n", ", settled: 10s", "fail", "active for 9.9s", 0},
        {RUNS "Now=4900000\n", ", settled: 10s", "error", "", 0},
        {RUNS, ", settled: 10s", "error", "", 0},
        {SHOW("loaded", "activating", "auto-restart", "enabled", "7", "5000000"), "", "fail",
            "activating (auto-restart)", 0},
        {SHOW("loaded", "active", "running", "enabled", "7", "5000000"), ", max_restarts: 3",
            "fail", "7 times", 0},
        {SHOW("loaded", "active", "running", "enabled", "", "5000000"), ", max_restarts: 3",
            "error", "", 0},
        {SHOW("not-found", "inactive", "dead", "", "0", "0"), "", "fail", "loaded: not-found", 0},
        {SHOW("not-found", "inactive", "dead", "", "0", "0"), ", enabled: true", "fail",
            "not there", 0},
        {SHOW("loaded", "inactive", "dead", "disabled", "0", "0"), ", enabled: true", "fail",
            "unit file is disabled", 0},
        {SHOW("loaded", "active", "running", "static", "0", "1"), ", enabled: true", "fail",
            "static", 0},
        {SHOW("loaded", "active", "running", "enabled-runtime", "0", "1"), ", enabled: true",
            "fail", "enabled-runtime", 0},
        /* What has to last has to be there, also where it is not said. */
        {SHOW("loaded", "inactive", "dead", "enabled", "0", "0") "Now=15000000\n",
            ", enabled: true, settled: 10s", "fail", "is inactive (dead)", 0},
        {SHOW("loaded", "inactive", "dead", "enabled", "0", "0"),
            ", enabled: true, max_restarts: 0", "fail", "is inactive (dead)", 0},
        {SHOW("loaded", "inactive", "dead", "enabled", "0", "0"), ", enabled: true", "pass",
            "unit file is enabled", 0},
        {SHOW("loaded", "inactive", "dead", "enabled", "0", "0"), ", enabled: true, sub: dead",
            "pass", "in detail is dead", 0},
        {RUNS "Now=15000000\n", ", enabled: true, settled: 10s", "pass", "active for 10s", 0},
        {SHOW("masked", "inactive", "dead", "masked", "0", "0"), ", active: false", "pass",
            "masked", 0},
        {"", "", "error", "Failed to connect to bus", 1},
        {"", "", "error", "", 0},
        {"ActiveState=active\n", "", "error", "", 0},
        {RUNS "ActiveState=active\n", "", "error", "", 0},
        {"hello\n" RUNS, "", "error", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *yaml = xasprintf("systemd: {unit: a.service%s}", rows[i].rule);
        recorded_gives(rows[i].out, rows[i].status, yaml, rows[i].verdict, rows[i].seen);
    }
}

Test(kinds, every_kind_has_a_schema_that_is_one)
{
    size_t n;
    const struct probe_kind_info *infos = probe_kind_infos(&n);
    cr_assert_gt(n, 5);
    for (size_t i = 0; i < n; i++) {
        _json_ json_t *s = infos[i].schema();
        cr_assert(json_is_object(json_object_get(s, "properties")), "%s", infos[i].name);
        cr_assert(json_is_false(json_object_get(s, "additionalProperties")), "%s", infos[i].name);
    }
}

/* What is wrong in the type of every key of every kind is reported, and leaks nothing. */
Test(kinds, every_key_refuses_what_it_is_not)
{
    size_t n;
    const struct probe_kind_info *infos = probe_kind_infos(&n);
    static const char *const wrong[] = {"[[x]]", "{a: {b: c}}"};
    for (size_t i = 0; i < n; i++) {
        _json_ json_t *s = infos[i].schema();
        const char *key;
        json_t *value;
        json_object_foreach (json_object_get(s, "properties"), key, value) {
            for (size_t k = 0; k < 2; k++) {
                _fixture_ struct probe_fixture f;
                fixture_init(&f, "/");
                _free_ char *yaml = xasprintf("%s: {%s: %s}", infos[i].name, key, wrong[k]);
                const char *text = fixture_try(&f, yaml);
                cr_assert(has_prefix(text, "test:1:"), "%s: %s", yaml, text);
            }
        }
        _fixture_ struct probe_fixture f;
        fixture_init(&f, "/");
        _free_ char *yaml = xasprintf("%s: text", infos[i].name);
        cr_assert(has_prefix(fixture_try(&f, yaml), "test:1:"));
    }
}
