/* A client and the server it talks to, for the tests of the transport. */
#ifndef TRANSPORT_FIXTURE_H
#define TRANSPORT_FIXTURE_H

#include "ssh_server.h"
#include "transport/client.h"
#include "transport/keys.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
enum { SOON = 20000 }; /* ms; never waited out when all is well */

/* Keys in a scratch folder, a server, and a client on it. */
struct fixture {
    struct keypair host, login;
    char key_file[32];
    struct ssh_server *server;
    struct client *client;
    struct client_conf conf;
};

static inline void setup_keys(struct fixture *f)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    memset(f, 0, sizeof *f);
    cr_assert(keypair_make("host", &f->host, &err), "%s", err.message);
    cr_assert(keypair_make("login", &f->login, &err), "%s", err.message);
    strcpy(f->key_file, "/tmp/labrun-key-XXXXXX");
    close(mkstemp(f->key_file));
    cr_assert(file_write_atomic(
        f->key_file, f->login.private_pem, strlen(f->login.private_pem), 0600, &err));
    f->conf = (struct client_conf){
        .node = "fake", .key_file = f->key_file, .host_key = f->host.public_line};
}

static inline void setup(struct fixture *f, struct ssh_server_conf conf)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    int fd;
    setup_keys(f);
    conf.host_key = &f->host;
    f->server = ssh_server_start(&conf, &fd);
    cr_assert(client_open(&f->client, fd, &f->conf, deadline_in(SOON), &err), "%s", err.message);
}

static inline void teardown(struct fixture *f)
{
    client_close(f->client);
    if (f->server)
        ssh_server_stop(f->server);
    unlink(f->key_file);
    keypair_free(&f->host);
    keypair_free(&f->login);
}
#define _fixture_ _cleanup_(teardown)

/* Runs COMMAND to an end. */
static inline struct run_result run(struct fixture *f, const char *command, int64_t ms)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct run_result r = {0};
    struct run_request req = {.command = command, .deadline = deadline_in(ms)};
    cr_assert(client_run(f->client, &req, &r, &err), "%s: %s", command, err.message);
    return r;
}

static inline void assert_described(const struct run_result *r, const char *text)
{
    _free_ char *s = run_result_describe(r);
    cr_assert(has_prefix(s, text), "'%s' is not '%s'", s, text);
}

static inline bool is_pattern(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != "0123456789abcdef"[i % 16])
            return false;
    return true;
}

#endif
