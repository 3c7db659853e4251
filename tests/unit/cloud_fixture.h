/* For the tests of the openstack probe: a cloud of a few lines on this machine
 * (tests/data/probes/cloud.py), which gives odd answers where a row says so. */
#ifndef CLOUD_FIXTURE_H
#define CLOUD_FIXTURE_H

#include "probe_support.h"
#include <criterion/criterion.h>
#include <sys/prctl.h>

#define DATA TEST_DATA "/data/probes/"

struct cloud {
    pid_t pid;
    int port;
    char dir[32]; /* clouds.yaml, and what the cloud has */
    char *clouds;
    char *state;
    int patience;  /* 0: as if it were 1 */
    bool project;  /* the volume API's address has its id */
    char *prelude; /* of the program that asks it; NULL: none */
};

static inline void cloud_write(const struct cloud *c, const char *text)
{
    FILE *f = fopen(c->clouds, "we");
    cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* "%d" is the port. */
static const char sound[] = "---\n"
                            "# of the test\n"
                            "clouds:\n"
                            "  lab:\n"
                            "    auth:\n"
                            "      auth_url: https://localhost:%d/v3\n"
                            "      username: monitor\n"
                            "      password: \"guess me\"  # not a secret\n"
                            "      project_name: platform\n"
                            "      user_domain_name: Default\n"
                            "      project_domain_id: default\n"
                            "    region_name: 'RegionOne'\n"
                            "    cacert: " DATA "pki/cloud.pem\n";

static inline struct cloud cloud_start(const char *odd)
{
    struct cloud c = {.dir = "/tmp/labrun-cloud-XXXXXX"};
    int fd = listener(&c.port);
    cr_assert_not_null(mkdtemp(c.dir));
    c.clouds = path_join(c.dir, "clouds.yaml");
    c.state = path_join(c.dir, "state");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    _free_ char *text = xasprintf(sound, c.port);
#pragma GCC diagnostic pop
    cloud_write(&c, text);
    c.pid = fork();
    cr_assert(c.pid >= 0);
    if (c.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(fd, 3);
        execl("/usr/bin/python3", "/usr/bin/python3", "-I", DATA "cloud.py", "3",
            DATA "pki/cloud.pem", DATA "pki/web-key.pem", c.state, odd, NULL);
        _exit(127);
    }
    close(fd);
    return c;
}

static inline void cloud_stop(struct cloud *c)
{
    kill(c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
    unlink(c->clouds);
    unlink(c->state);
    rmdir(c->dir);
    free(c->clouds);
    free(c->state);
    free(c->prelude);
}
#define _cloud_ _cleanup_(cloud_stop)

/* Servers of the cloud can be reached; a pause takes no time, though the clock says so. */
static inline void cloud_has_servers(struct cloud *c)
{
    free(c->prelude);
    c->prelude = xasprintf("import http.client, socket, time\n"
                           "class Near(http.client.HTTPConnection):\n"
                           "    def connect(self):\n"
                           "        self.sock = socket.create_connection(('127.0.0.1', %d))\n"
                           "http.client.HTTPConnection = Near\n"
                           "clock, paused = time.monotonic, []\n"
                           "time.monotonic = lambda: clock() + sum(paused)\n"
                           "time.sleep = paused.append\n",
        c->port);
}

static inline void ask_gives(const struct cloud *c, const char *task, int64_t timeout_ms,
    const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.timeout_ms = timeout_ms;
    f.prelude = c->prelude;
    f.patience = c->patience;
    _free_ char *yaml = xasprintf("openstack: {clouds: %s, endpoints: {compute: "
                                  "\"https://localhost:%d/v2.1\", image: \"https://localhost:%d\", "
                                  "network: \"https://localhost:%d/\", "
                                  "volume: \"https://localhost:%d/v3%s\"}, %s}",
        c->clouds, c->port, c->port, c->port, c->port, c->project ? "/p1" : "", task);
    _free_ char *alone = xasprintf("openstack: {clouds: %s, %s}", c->clouds, task);
    bool keystone = has_prefix(task, "token") || has_prefix(task, "catalog");
    fixture_gives(&f, keystone ? alone : yaml, verdict, seen);
    cr_assert_null(strstr(f.outcome.evidence.seen, "guess me"));
}

struct row {
    const char *odd, *task, *verdict, *seen;
};

/* Whatever the verdict is, the cloud has afterwards what it had before. */
static inline void try_rows(const struct row *rows, size_t n, int64_t timeout_ms, bool servers)
{
    for (size_t i = 0; i < n; i++) {
        _cloud_ struct cloud c = cloud_start(rows[i].odd);
        if (servers)
            cloud_has_servers(&c);
        ask_gives(&c, rows[i].task, timeout_ms, rows[i].verdict, rows[i].seen);
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _free_ char *state = NULL;
        size_t len;
        cr_assert(file_read(c.state, 100, &state, &len, &err), "%s", rows[i].odd);
        cr_assert_str_eq(state, "0 servers, 0 images, 0 volumes", "%s: %s", rows[i].odd, state);
    }
}
#define TRY(rows, s)      try_rows(rows, sizeof rows / sizeof rows[0], (s)*1000, false)
#define TRY_FAST(rows, s) try_rows(rows, sizeof rows / sizeof rows[0], (s)*1000, true)

#endif
