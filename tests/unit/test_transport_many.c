/* Many commands on one session, sessions that break, interruptions. */
#include "transport_fixture.h"
#include <dirent.h>

struct job {
    struct fixture *f;
    const char *command;
    int64_t ms;
    struct run_result result;
    bool ok;
    enum lr_code code;
    atomic_bool begun;
    pthread_t thread;
};

static void *job_main(void *data)
{
    struct job *j = data;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct run_request req = {.command = j->command, .deadline = deadline_in(j->ms)};
    j->begun = true;
    j->ok = client_run(j->f->client, &req, &j->result, &err);
    j->code = err.code;
    return NULL;
}

static void job_start(struct job *j, struct fixture *f, const char *command, int64_t ms)
{
    *j = (struct job){.f = f, .command = command, .ms = ms};
    cr_assert_eq(pthread_create(&j->thread, NULL, job_main, j), 0);
}

/* Until the server has seen N channels at a time: there is no event for that, so poll it. */
static void await_peak(struct fixture *f, size_t n)
{
    struct deadline d = deadline_in(SOON);
    while (ssh_server_peak(f->server) < n && !deadline_passed(d))
        usleep(2000);
    cr_assert_geq(ssh_server_peak(f->server), n);
}

Test(many, twenty_commands_share_eight_channels)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct job jobs[20];
    for (size_t i = 0; i < 20; i++)
        job_start(&jobs[i], &f, "sleep 50", SOON);
    for (size_t i = 0; i < 20; i++) {
        pthread_join(jobs[i].thread, NULL);
        cr_assert(jobs[i].ok);
        cr_assert_eq(jobs[i].result.end, RUN_EXITED);
        run_result_free(&jobs[i].result);
    }
    cr_assert_eq(ssh_server_peak(f.server), 8);
}

Test(many, a_slow_command_does_not_delay_a_quick_one)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct job slow;
    job_start(&slow, &f, "sleep 3000", SOON);
    await_peak(&f, 1);
    int64_t before = now_ms();
    for (int i = 0; i < 20; i++) {
        _run_result_ struct run_result r = run(&f, "exit 0", SOON);
        cr_assert_eq(r.end, RUN_EXITED);
    }
    cr_assert_lt(now_ms() - before, 2000);
    pthread_join(slow.thread, NULL);
    cr_assert_eq(slow.result.end, RUN_EXITED);
    cr_assert_geq(slow.result.duration_ms, 3000);
    run_result_free(&slow.result);
}

Test(many, large_ones_in_both_directions_at_a_time)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct job jobs[6];
    for (size_t i = 0; i < 6; i++)
        job_start(&jobs[i], &f, i % 2 ? "out 10000000" : "mix 5000", SOON);
    for (size_t i = 0; i < 6; i++) {
        pthread_join(jobs[i].thread, NULL);
        cr_assert(jobs[i].ok);
        cr_assert_eq(jobs[i].result.end, RUN_EXITED);
        run_result_free(&jobs[i].result);
    }
}

Test(many, queued_commands_time_out_too)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct job jobs[12];
    for (size_t i = 0; i < 12; i++)
        job_start(&jobs[i], &f, "hang", 400);
    for (size_t i = 0; i < 12; i++) {
        pthread_join(jobs[i].thread, NULL);
        cr_assert(jobs[i].ok);
        cr_assert_eq(jobs[i].result.end, RUN_TIMED_OUT);
        run_result_free(&jobs[i].result);
    }
    _run_result_ struct run_result r = run(&f, "exit 0", SOON);
    cr_assert_eq(r.end, RUN_EXITED);
}

Test(many, a_node_that_allows_three_gets_three)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){.max_channels = 3});
    struct job jobs[12];
    for (size_t i = 0; i < 12; i++)
        job_start(&jobs[i], &f, "sleep 30", SOON);
    for (size_t i = 0; i < 12; i++) {
        pthread_join(jobs[i].thread, NULL);
        cr_assert(jobs[i].ok);
        cr_assert_eq(jobs[i].result.end, RUN_EXITED);
        run_result_free(&jobs[i].result);
    }
}

/* sshd counts a session for as long as its process runs, whoever closed the channel. */
Test(many, a_session_that_opens_no_more_channels_is_over)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){.max_channels = 2, .sticky = true});
    for (int i = 0; i < 2; i++) {
        _run_result_ struct run_result r = run(&f, "hang", 50);
        cr_assert_eq(r.end, RUN_TIMED_OUT);
    }
    struct run_result r;
    struct run_request req = {.command = "exit 0", .deadline = deadline_in(SOON)};
    cr_assert_not(client_run(f.client, &req, &r, &err));
    cr_assert_eq(err.code, LR_EINFRA);
    cr_assert(has_prefix(err.message, "node 'fake': the node opens no further channel"), "%s",
        err.message);
    cr_assert_not(client_alive(f.client));
}

Test(many, a_refused_command_fails_alone)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){.refuse_exec = true});
    struct run_result r;
    struct run_request req = {.command = "exit 0", .deadline = deadline_in(SOON)};
    cr_assert_not(client_run(f.client, &req, &r, &err));
    cr_assert_str_eq(err.message, "node 'fake': the node refused to run a command");
    cr_assert(client_alive(f.client));
}

/* Ends of the connection. */

Test(lost, in_the_middle_of_output)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    _run_result_ struct run_result r = run(&f, "drop 50000", SOON);
    cr_assert_eq(r.end, RUN_LOST);
    /* All of it, unless the client noticed by a write of its own that the other end is gone. */
    cr_assert_leq(r.out_len, 50000);
    cr_assert(is_pattern(r.out, r.out_len));
    cr_assert_not(client_alive(f.client));
    struct run_result never;
    struct run_request req = {.command = "exit 0", .deadline = deadline_in(SOON)};
    cr_assert_not(client_run(f.client, &req, &never, &err));
    cr_assert_eq(err.code, LR_EINFRA);
    cr_assert(has_prefix(err.message, "node 'fake': connection lost"), "%s", err.message);
}

/* Root over there could have us keep answers until there is no memory left. */
Test(lost, when_what_it_asks_for_is_not_read)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){.dam = true});
    _run_result_ struct run_result r = run(&f, "flood", SOON);
    cr_assert_eq(r.end, RUN_LOST);
    struct run_result never;
    struct run_request req = {.command = "exit 0", .deadline = deadline_in(SOON)};
    cr_assert_not(client_run(f.client, &req, &never, &err));
    cr_assert_str_eq(
        err.message, "node 'fake': connection lost: the node does not read what it asks for");
}

Test(lost, while_idle)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    ssh_server_cut(f.server);
    struct run_result r = {0};
    struct run_request req = {.command = "exit 0", .deadline = deadline_in(SOON)};
    bool ok = client_run(f.client, &req, &r, &err);
    cr_assert(!ok || r.end == RUN_LOST);
    run_result_free(&r);
    cr_assert_not(client_alive(f.client));
}

static size_t count_eventfds(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    for (struct dirent *e; (e = readdir(d));) {
        char to[64] = "";
        n += readlinkat(dirfd(d), e->d_name, to, sizeof to - 1) > 0 && strstr(to, "[eventfd]");
    }
    closedir(d);
    return n;
}

/* Whoever kills every session makes the graders open one after the other. */
Test(lost, one_that_is_dead_holds_no_descriptor)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct run_result first = run(&f, "exit 0", SOON);
    run_result_free(&first);
    size_t alive = count_eventfds();
    _run_result_ struct run_result r = run(&f, "drop 5", SOON);
    cr_assert_eq(r.end, RUN_LOST);
    struct deadline d = deadline_in(SOON);
    while (count_eventfds() >= alive && !deadline_passed(d))
        usleep(2000);
    cr_assert_eq(count_eventfds(), alive - 1);
}

static bool all_begun(const struct job *jobs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!jobs[i].begun)
            return false;
    return true;
}

Test(lost, close_with_commands_in_flight)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct job jobs[12];
    for (size_t i = 0; i < 12; i++)
        job_start(&jobs[i], &f, "hang", SOON);
    await_peak(&f, 8);
    struct deadline d = deadline_in(SOON);
    while (!all_begun(jobs, 12) && !deadline_passed(d))
        usleep(2000);
    usleep(20000); /* the last threads may be just before the queue: they must cope with both */
    client_close(f.client);
    f.client = NULL;
    size_t lost = 0;
    for (size_t i = 0; i < 12; i++) {
        pthread_join(jobs[i].thread, NULL);
        lost += jobs[i].ok && jobs[i].result.end == RUN_LOST;
        if (!jobs[i].ok)
            cr_assert_eq(jobs[i].code, LR_EINFRA);
        run_result_free(&jobs[i].result);
    }
    cr_assert_eq(lost, 8);
}

Test(lost, server_dies_with_commands_in_flight)
{
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct job jobs[8];
    for (size_t i = 0; i < 8; i++)
        job_start(&jobs[i], &f, "hang", SOON);
    await_peak(&f, 8);
    ssh_server_cut(f.server);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(jobs[i].thread, NULL);
        cr_assert(jobs[i].ok);
        cr_assert_eq(jobs[i].result.end, RUN_LOST);
        cr_assert_lt(jobs[i].result.duration_ms, SOON);
        run_result_free(&jobs[i].result);
    }
}

Test(interrupt, ends_waiting_commands_and_keeps_the_session)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(cancel_install(&err));
    _fixture_ struct fixture f;
    setup(&f, (struct ssh_server_conf){0});
    struct job jobs[10];
    for (size_t i = 0; i < 10; i++)
        job_start(&jobs[i], &f, "hang", 3 * SOON);
    await_peak(&f, 8);
    kill(getpid(), SIGINT);
    for (size_t i = 0; i < 10; i++) {
        pthread_join(jobs[i].thread, NULL);
        cr_assert_not(jobs[i].ok);
        cr_assert_eq(jobs[i].code, LR_EINTERRUPTED);
    }
    /* What undoes must still be able to run commands. */
    cancel_ignore();
    _run_result_ struct run_result r = run(&f, "exit 0", SOON);
    cr_assert_eq(r.end, RUN_EXITED);
}
