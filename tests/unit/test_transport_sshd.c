/* The client against the real OpenSSH sshd. */
#include "sshd.h"
#include "transport/client.h"
#include "util/fs.h"
#include "util/parallel.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

enum { SOON = 30000 };

struct fixture {
    struct sshd sshd;
    struct client *client;
};

static void setup(struct fixture *f, const char *extra)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    f->client = NULL;
    f->sshd = (struct sshd){.listen_fd = -1};
    if (!sshd_setup(&f->sshd, extra))
        cr_skip_test("there is no /usr/sbin/sshd");
    struct client_conf c = sshd_client_conf(&f->sshd);
    cr_assert(client_open(&f->client, sshd_dial(&f->sshd), &c, deadline_in(SOON), &err), "%s",
        err.message);
}

static void teardown(struct fixture *f)
{
    client_close(f->client);
    sshd_clear(&f->sshd);
}
#define _fixture_ _cleanup_(teardown)

static struct run_result run_full(struct fixture *f, struct run_request req)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct run_result r = {0};
    cr_assert(client_run(f->client, &req, &r, &err), "%s: %s", req.command, err.message);
    return r;
}

static struct run_result run(struct fixture *f, const char *command)
{
    return run_full(f, (struct run_request){.command = command, .deadline = deadline_in(SOON)});
}

Test(sshd, status_and_both_outputs)
{
    _fixture_ struct fixture f;
    setup(&f, NULL);
    _run_result_ struct run_result r = run(&f, "echo one; echo two >&2; exit 7");
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.status, 7);
    cr_assert_str_eq(r.out, "one\n");
    cr_assert_str_eq(r.err, "two\n");
}

Test(sshd, signal)
{
    _fixture_ struct fixture f;
    setup(&f, NULL);
    _run_result_ struct run_result r = run(&f, "kill -KILL $$");
    cr_assert_eq(r.end, RUN_SIGNALLED);
    cr_assert_str_eq(r.signal, "KILL");
}

Test(sshd, wrong_host_key_and_refused_key)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, NULL);
    _keypair_ struct keypair other = {NULL, NULL};
    cr_assert(keypair_make("other", &other, &err));
    struct client_conf c = sshd_client_conf(&f.sshd);
    struct client *never = NULL;
    c.host_key = other.public_line;
    cr_assert_not(client_open(&never, sshd_dial(&f.sshd), &c, deadline_in(SOON), &err));
    cr_assert(
        strstr(err.message, "the host key is not the pinned one: SHA256:"), "%s", err.message);

    c = sshd_client_conf(&f.sshd);
    _free_ char *host_file = xasprintf("%s/host", f.sshd.folder);
    c.key_file = host_file; /* a key, but not an authorised one */
    cr_assert_not(client_open(&never, sshd_dial(&f.sshd), &c, deadline_in(SOON), &err));
    cr_assert(strstr(err.message, "was refused for user 'root'"), "%s", err.message);
}

/* sshd has keys of several types as a rule; ours must be asked for, or another one is shown. */
Test(sshd, host_key_of_a_type_the_node_has_not)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, NULL);
    _free_ char *path = xasprintf("%s/ecdsa", f.sshd.folder);
    _free_ char *public = xasprintf("%s.pub", path);
    const char *argv[] = {"ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", path, NULL};
    cr_assert(proc_check(argv, NULL, &err), "%s", err.message);
    _free_ char *line = NULL;
    size_t len;
    cr_assert(file_read(public, 1000, &line, &len, &err), "%s", err.message);
    struct client_conf c = sshd_client_conf(&f.sshd);
    struct client *never = NULL;
    c.host_key = line;
    cr_assert_not(client_open(&never, sshd_dial(&f.sshd), &c, deadline_in(SOON), &err));
    cr_assert(strstr(err.message, "the node has no ecdsa-sha2-nistp256 key"), "%s", err.message);
}

Test(sshd, hundred_megabytes_with_many_key_exchanges)
{
    _fixture_ struct fixture f;
    setup(&f, "RekeyLimit 4M");
    _run_result_ struct run_result r = run_full(&f,
        (struct run_request){.command = "head -c 100000000 /dev/zero; echo end >&2",
            .cap = 128 << 20,
            .deadline = deadline_in(4 * SOON)});
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.status, 0);
    cr_assert_eq(r.out_len, 100000000);
    cr_assert_str_eq(r.err, "end\n");
}

Test(sshd, input_of_megabytes_with_many_key_exchanges)
{
    _fixture_ struct fixture f;
    setup(&f, "RekeyLimit 1M");
    size_t len = 12345678;
    _free_ char *input = xmalloc(len);
    for (size_t i = 0; i < len; i++)
        input[i] = (char)(i * 31 + i / 509);
    _run_result_ struct run_result r = run_full(&f,
        (struct run_request){.command = "cat",
            .input = input,
            .input_len = len,
            .cap = len + 1,
            .deadline = deadline_in(SOON)});
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.out_len, len);
    cr_assert(memcmp(r.out, input, len) == 0);
}

Test(sshd, input_that_nobody_reads)
{
    _fixture_ struct fixture f;
    setup(&f, NULL);
    size_t len = 8 << 20;
    _free_ char *input = xcalloc(1, len);
    _run_result_ struct run_result r = run_full(&f,
        (struct run_request){
            .command = "exit 3", .input = input, .input_len = len, .deadline = deadline_in(SOON)});
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.status, 3);
    _run_result_ struct run_result stuck = run_full(&f,
        (struct run_request){
            .command = "sleep 3", .input = input, .input_len = len, .deadline = deadline_in(300)});
    cr_assert_eq(stuck.end, RUN_TIMED_OUT);
}

Test(sshd, a_daemon_left_behind_does_not_hold_us_up)
{
    _fixture_ struct fixture f;
    setup(&f, NULL);
    _run_result_ struct run_result r = run(&f, "echo up; sleep 20 & exit 2");
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.status, 2);
    cr_assert_str_eq(r.out, "up\n");
    cr_assert_lt(r.duration_ms, 15000);
}

static bool run_one(size_t i, void *data, struct lr_error *err)
{
    struct fixture *f = data;
    _free_ char *command = xasprintf("seq %zu 20000; exit %zu", i, i);
    _run_result_ struct run_result r = {0};
    struct run_request req = {.command = command, .cap = 1 << 20, .deadline = deadline_in(SOON)};
    if (!client_run(f->client, &req, &r, err))
        return false;
    _free_ char *said = run_result_describe(&r);
    _free_ char *first = xasprintf("%zu\n", i);
    if (r.end != RUN_EXITED || r.status != (int)i || !has_prefix(r.out, first) ||
        !streq(r.out + r.out_len - 6, "20000\n"))
        return lr_error_set(err, LR_EINFRA, "command %zu: %s", i, said);
    return true;
}

Test(sshd, twenty_at_a_time)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, NULL);
    cr_assert(parallel_run(20, run_one, &f, &err), "%s", err.message);
}

Test(sshd, twenty_where_two_are_allowed)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, "MaxSessions 2");
    cr_assert(parallel_run(20, run_one, &f, &err), "%s", err.message);
    cr_assert(client_alive(f.client));
}

Test(sshd, the_connection_breaks_under_a_command)
{
    _fixture_ struct fixture f;
    setup(&f, NULL);
    /* The shell's parent is the sshd of this connection. */
    _run_result_ struct run_result r = run(&f, "echo here; kill -KILL $PPID; sleep 20");
    cr_assert_eq(r.end, RUN_LOST);
    cr_assert_not(client_alive(f.client));
    cr_assert_lt(r.duration_ms, 15000);
}

/* A paused machine: the kernel's buffers fill up, and no write may wait for them. */
Test(sshd, a_node_that_stands_still)
{
    _fixture_ struct fixture f;
    setup(&f, NULL);
    size_t len = 32 << 20;
    _free_ char *input = xcalloc(1, len);
    _run_result_ struct run_result parent = run(&f, "echo $PPID");
    pid_t pid = (pid_t)atoi(parent.out);
    cr_assert_gt(pid, 1);
    _run_result_ struct run_result r = run_full(&f,
        (struct run_request){.command = "kill -STOP $PPID; cat >/dev/null",
            .input = input,
            .input_len = len,
            .deadline = deadline_in(1500)});
    _run_result_ struct run_result next =
        run_full(&f, (struct run_request){.command = "true", .deadline = deadline_in(500)});
    client_close(STEAL(f.client));
    cr_assert_eq(kill(pid, SIGKILL), 0); /* it would not see the end of the connection */
    cr_assert_eq(r.end, RUN_TIMED_OUT);
    cr_assert_lt(r.duration_ms, 10000);
    cr_assert_eq(next.end, RUN_TIMED_OUT);
    cr_assert_lt(next.duration_ms, 10000);
}
