/* Many threads on one client, for ThreadSanitizer or helgrind: a plain program, because neither
 * works under Criterion. Prints what went wrong and fails; says nothing else. */
#include "ssh_server.h"
#include "transport/client.h"
#include "util/fs.h"
#include "util/mem.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 20, ROUNDS = 15 };

struct job {
    struct client *client;
    size_t number;
    size_t wrong;
    size_t lines;
    pthread_t thread;
};

static void on_line(const char *line, void *data)
{
    struct job *j = data;
    j->lines += line[0] != '\0';
}

struct row {
    const char *command;
    int64_t ms;
    enum run_end end;
};

static const struct row rows[] = {
    {"exit 3", 60000, RUN_EXITED},
    {"mix 50", 60000, RUN_EXITED},
    {"out 300000", 60000, RUN_EXITED},
    {"hang", 10, RUN_TIMED_OUT},
    {"nostatus", 60000, RUN_LOST},
    {"cat", 60000, RUN_EXITED},
};

static void run_one(struct job *j, const struct row *row)
{
    static const char input[100000];
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _run_result_ struct run_result r = {.end = RUN_LOST};
    struct run_request req = {.command = row->command,
        .input = input,
        .input_len = sizeof input,
        .deadline = deadline_in(row->ms),
        .on_line = on_line,
        .data = j};
    if (!client_run(j->client, &req, &r, &err)) {
        fprintf(stderr, "%s: %s\n", row->command, err.message);
        j->wrong++;
    } else if (r.end != row->end || !client_alive(j->client)) {
        _free_ char *what = run_result_describe(&r);
        fprintf(stderr, "%s: %s\n", row->command, what);
        j->wrong++;
    }
}

static void *work(void *data)
{
    struct job *j = data;
    for (size_t i = 0; i < ROUNDS; i++)
        run_one(j, &rows[(j->number + i) % (sizeof rows / sizeof *rows)]);
    return NULL;
}

/* Ends with whatever client_close() makes of it. */
static void *hang(void *data)
{
    struct job *j = data;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _run_result_ struct run_result r = {.end = RUN_LOST};
    struct run_request req = {.command = "hang", .deadline = deadline_in(60000)};
    j->wrong = client_run(j->client, &req, &r, &err) && r.end != RUN_LOST;
    return NULL;
}

static size_t in_threads(struct client *c, void *(*fn)(void *), bool close_meanwhile)
{
    struct job jobs[THREADS] = {0};
    size_t wrong = 0;
    for (size_t i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){.client = c, .number = i};
        pthread_create(&jobs[i].thread, NULL, fn, &jobs[i]);
    }
    if (close_meanwhile) {
        usleep(300000); /* for all threads to be inside, which nothing tells */
        client_close(c);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(jobs[i].thread, NULL);
        wrong += jobs[i].wrong;
    }
    return wrong;
}

int main(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _keypair_ struct keypair host = {NULL, NULL};
    _keypair_ struct keypair login = {NULL, NULL};
    char key_file[] = "/tmp/labrun-key-XXXXXX";
    int fd = mkstemp(key_file);
    if (fd < 0 || !keypair_make("host", &host, &err) || !keypair_make("login", &login, &err))
        return 2;
    FILE *f = fdopen(fd, "w");
    fputs(login.private_pem, f);
    fclose(f);
    struct ssh_server_conf sc = {.host_key = &host};
    struct ssh_server *server = ssh_server_start(&sc, &fd);
    struct client_conf conf = {.node = "race", .key_file = key_file, .host_key = host.public_line};
    struct client *client = NULL;
    bool ok = client_open(&client, fd, &conf, deadline_in(60000), &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.message);
    size_t wrong = ok ? in_threads(client, work, false) + in_threads(client, hang, true) : 1;
    ssh_server_stop(server);
    unlink(key_file);
    return wrong > 0;
}
