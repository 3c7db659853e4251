/* The client against a server that misbehaves on demand (tests/support/ssh_server.h). */
#include "transport_fixture.h"

Test(run, exit_status)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    static const int statuses[] = {0, 3, 255};
    for (size_t i = 0; i < 3; i++) {
        _free_ char *command = xasprintf("exit %d", statuses[i]);
        _run_result_ struct run_result r = run(&f, command, SOON);
        cr_assert_eq(r.end, RUN_EXITED);
        cr_assert_eq(r.status, statuses[i]);
        cr_assert_str_eq(r.out, "");
        cr_assert_str_eq(r.err, "");
    }
    cr_assert(client_alive(f.client));
}

Test(run, no_exit_status_is_lost)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "nostatus", SOON);
    cr_assert_eq(r.end, RUN_LOST);
    assert_described(&r, "connection lost");
    cr_assert(client_alive(f.client));
}

Test(run, signal_is_named)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "signal TERM", SOON);
    cr_assert_eq(r.end, RUN_SIGNALLED);
    cr_assert_str_eq(r.signal, "TERM");
    assert_described(&r, "killed by signal TERM");
}

Test(run, eof_and_then_nothing_times_out)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "eof-hang", 300);
    cr_assert_eq(r.end, RUN_TIMED_OUT);
    cr_assert_str_eq(r.out, "some");
    cr_assert_geq(r.duration_ms, 300);
    assert_described(&r, "no answer within 0.");
    _run_result_ struct run_result next = run(&f, "exit 0", SOON);
    cr_assert_eq(next.end, RUN_EXITED);
}

Test(run, exit_status_and_eof_are_enough)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "exit-eof 4", SOON);
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.status, 4);
}

/* A daemon that was started in the background holds the channel open. */
Test(run, exit_status_without_eof_ends_after_silence)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "linger 5", SOON * 5);
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.status, 5);
    cr_assert_str_eq(r.out, "some");
    cr_assert_lt(r.duration_ms, SOON);
}

Test(run, deadline_when_nothing_comes)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "hang", 200);
    cr_assert_eq(r.end, RUN_TIMED_OUT);
    cr_assert_geq(r.duration_ms, 200);
    _run_result_ struct run_result late = run(&f, "exit 0", -1);
    cr_assert_eq(late.end, RUN_TIMED_OUT);
    /* The server handles in order: after this answer it has seen what came before. */
    _run_result_ struct run_result after = run(&f, "exit 0", SOON);
    cr_assert_eq(after.end, RUN_EXITED);
    cr_assert_eq(ssh_server_kills(f.server), 1);
}

Test(run, deadline_while_input_is_stuck)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    size_t len = 8 << 20;
    _free_ char *input = xcalloc(1, len);
    _run_result_ struct run_result r = {0};
    struct run_request req = {
        .command = "deaf", .input = input, .input_len = len, .deadline = deadline_in(300)};
    cr_assert(client_run(f.client, &req, &r, &err));
    cr_assert_eq(r.end, RUN_TIMED_OUT);
    _run_result_ struct run_result next = run(&f, "exit 0", SOON);
    cr_assert_eq(next.end, RUN_EXITED);
}

Test(output, a_hundred_megabytes_are_kept_whole)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = {0};
    struct run_request req = {
        .command = "out 100000000", .cap = 200 << 20, .deadline = deadline_in(5 * SOON)};
    cr_assert(client_run(f.client, &req, &r, &err));
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.out_len, 100000000);
    cr_assert_not(r.out_truncated);
    cr_assert(is_pattern(r.out, r.out_len));
}

Test(output, beyond_the_cap_it_is_dropped_and_the_command_ends)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "out 20000000", SOON);
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.out_len, 64 * 1024);
    cr_assert(r.out_truncated);
    cr_assert_not(r.err_truncated);
    cr_assert(is_pattern(r.out, r.out_len));
    cr_assert_eq(r.out[r.out_len], '\0');
    _run_result_ struct run_result exact = run(&f, "out 65536", SOON);
    cr_assert_eq(exact.out_len, 65536);
    cr_assert_not(exact.out_truncated);
}

Test(output, binary)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "binary", SOON);
    cr_assert_eq(r.out_len, 256);
    for (int i = 0; i < 256; i++)
        cr_assert_eq((unsigned char)r.out[i], i);
}

struct heard {
    size_t out, err;
    bool in_order;
};

static void on_line(const char *line, void *data)
{
    struct heard *h = data;
    char want[32];
    bool is_err = line[0] == 'e';
    snprintf(want, sizeof want, "%s %zu", is_err ? "err" : "out", is_err ? h->err++ : h->out++);
    h->in_order &= strcmp(line, want) == 0;
}

Test(output, stdout_and_stderr_in_turns)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct heard h = {0, 0, true};
    _run_result_ struct run_result r = {0};
    struct run_request req = {.command = "mix 20000",
        .cap = 8 << 20,
        .deadline = deadline_in(SOON),
        .on_line = on_line,
        .data = &h};
    cr_assert(client_run(f.client, &req, &r, &err));
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(h.out, 20000);
    cr_assert_eq(h.err, 20000);
    cr_assert(h.in_order);
    cr_assert(has_prefix(r.out, "out 0\nout 1\n"));
    cr_assert(has_prefix(r.err, "err 0\nerr 1\n"));
    cr_assert_str_eq(r.err + r.err_len - 10, "err 19999\n");
}

static void count_line(const char *line, void *data)
{
    size_t *lens = data;
    lens[0]++;
    lens[1] += strlen(line);
}

Test(output, a_line_without_end_is_told_in_pieces)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    size_t lens[2] = {0, 0};
    _run_result_ struct run_result r = {0};
    struct run_request req = {.command = "out 200000",
        .deadline = deadline_in(SOON),
        .on_line = count_line,
        .data = lens};
    cr_assert(client_run(f.client, &req, &r, &err));
    cr_assert_eq(lens[0], 4);
    cr_assert_eq(lens[1], 200000);
}

Test(input, several_megabytes_come_back)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    size_t len = 5000001;
    _free_ char *input = xmalloc(len);
    for (size_t i = 0; i < len; i++)
        input[i] = (char)(i * 7 + i / 251);
    _run_result_ struct run_result r = {0};
    struct run_request req = {.command = "cat",
        .input = input,
        .input_len = len,
        .cap = len,
        .deadline = deadline_in(SOON)};
    cr_assert(client_run(f.client, &req, &r, &err));
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.out_len, len);
    cr_assert_not(r.out_truncated);
    cr_assert(memcmp(r.out, input, len) == 0);
}

Test(input, none_is_eof_at_once)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "cat", SOON);
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.out_len, 0);
}

Test(input, a_command_that_reads_none_of_it)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    size_t len = 16 << 20;
    _free_ char *input = xcalloc(1, len);
    _run_result_ struct run_result r = {0};
    struct run_request req = {
        .command = "exit 9", .input = input, .input_len = len, .deadline = deadline_in(SOON)};
    cr_assert(client_run(f.client, &req, &r, &err));
    cr_assert_eq(r.end, RUN_EXITED);
    cr_assert_eq(r.status, 9);
}

/* Many commands at a time. */
