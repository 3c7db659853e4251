#include "ssh_server.h"
#include "util/deadline.h"
#include "util/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

struct served {
    struct ssh_server *server;
    ssh_channel channel;
    struct ssh_channel_callbacks_struct callbacks;
    char *command; /* NULL until exec */
    int64_t until; /* for sleep */
    uint64_t left; /* bytes or lines still to send */
    bool started, eof, ended;
    bool gone; /* closed by the client */
    struct strbuf echo;
    size_t echoed;
};

/* Between client and server, so that the server can leave unread what libssh reads on its own. */
struct relay {
    int client, server;
    atomic_bool dammed;
    pthread_t thread;
};

struct ssh_server {
    struct ssh_server_conf conf;
    int fd; /* a duplicate of the server's end, to cut it */
    int served_fd;
    int stop_fd;
    pthread_t thread;
    atomic_size_t peak, kills;
    ssh_session session;
    ssh_event event;
    struct ssh_counter_struct counter;
    struct ssh_server_callbacks_struct callbacks;
    struct served *channels[1024];
    size_t n;
    struct relay relay; /* where there is a dam */
};

static bool congested(struct ssh_server *s)
{
    return ssh_get_poll_flags(s->session) & SSH_WRITE_PENDING;
}

static bool wait_stop(struct ssh_server *s, int ms)
{
    struct pollfd p = {.fd = s->stop_fd, .events = POLLIN};
    return poll(&p, 1, ms) > 0;
}

static int on_auth(
    ssh_session session, const char *user, struct ssh_key_struct *key, char state, void *data)
{
    (void)session;
    (void)user;
    (void)key;
    struct ssh_server *s = data;
    if (s->conf.stall_auth)
        wait_stop(s, -1);
    if (s->conf.slow_ms)
        wait_stop(s, s->conf.slow_ms);
    if (s->conf.refuse_key)
        return SSH_AUTH_DENIED;
    return state == SSH_PUBLICKEY_STATE_VALID || state == SSH_PUBLICKEY_STATE_NONE
        ? SSH_AUTH_SUCCESS
        : SSH_AUTH_DENIED;
}

static int on_exec(ssh_session session, ssh_channel channel, const char *command, void *data)
{
    (void)session;
    (void)channel;
    struct served *v = data;
    if (v->server->conf.refuse_exec)
        return 1;
    v->command = xstrdup(command);
    return 0;
}

static int on_data(
    ssh_session session, ssh_channel channel, void *p, uint32_t n, int is_stderr, void *data)
{
    (void)session;
    (void)channel;
    (void)is_stderr;
    struct served *v = data;
    if (v->command && streq(v->command, "deaf"))
        return 0;
    strbuf_add(&v->echo, p, n);
    return (int)n;
}

static void on_eof(ssh_session session, ssh_channel channel, void *data)
{
    (void)session;
    (void)channel;
    ((struct served *)data)->eof = true;
}

static void on_close(ssh_session session, ssh_channel channel, void *data)
{
    (void)session;
    (void)channel;
    ((struct served *)data)->gone = true;
}

static void on_signal(ssh_session session, ssh_channel channel, const char *signal, void *data)
{
    (void)session;
    (void)channel;
    ((struct served *)data)->server->kills += streq(signal, "KILL");
}

static ssh_channel on_open(ssh_session session, void *data)
{
    struct ssh_server *s = data;
    size_t open = 0;
    for (size_t i = 0; i < s->n; i++)
        open += !s->channels[i]->ended && (s->conf.sticky || !s->channels[i]->gone);
    if (s->n == 1024 || (s->conf.max_channels && open >= s->conf.max_channels))
        return NULL;
    struct served *v = xnew(struct served);
    v->server = s;
    v->channel = ssh_channel_new(session);
    v->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = v,
        .channel_exec_request_function = on_exec,
        .channel_data_function = on_data,
        .channel_eof_function = on_eof,
        .channel_close_function = on_close,
        .channel_signal_function = on_signal,
    };
    ssh_callbacks_init(&v->callbacks);
    ssh_set_channel_callbacks(v->channel, &v->callbacks);
    s->channels[s->n++] = v;
    if (open + 1 > s->peak)
        s->peak = open + 1;
    return v->channel;
}

static void finish(struct served *v)
{
    if (ssh_channel_close(v->channel) == SSH_AGAIN)
        ssh_channel_close(v->channel);
    v->ended = true;
}

static void finish_with(struct served *v, int status)
{
    ssh_channel_request_send_exit_status(v->channel, status);
    finish(v);
}

static const char pattern[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void fill(char *p, size_t n, uint64_t phase)
{
    for (size_t i = 0; i < n; i++)
        p[i] = pattern[(phase + i) % 16];
}

static void send_bytes(struct served *v, uint64_t total)
{
    char block[32 * 1024];
    size_t n = sizeof block;
    n = n < v->left ? n : (size_t)v->left;
    n = n < ssh_channel_window_size(v->channel) ? n : ssh_channel_window_size(v->channel);
    if (n == 0 || congested(v->server))
        return;
    fill(block, n, total - v->left);
    int sent = ssh_channel_write(v->channel, block, (uint32_t)n);
    if (sent > 0)
        v->left -= (uint64_t)sent;
}

static void send_lines(struct served *v, uint64_t total)
{
    while (v->left > 0 && !congested(v->server) && ssh_channel_window_size(v->channel) > 100) {
        char line[40];
        unsigned long long i = total - v->left--;
        int n = snprintf(line, sizeof line, "out %llu\n", i);
        ssh_channel_write(v->channel, line, (uint32_t)n);
        n = snprintf(line, sizeof line, "err %llu\n", i);
        ssh_channel_write_stderr(v->channel, line, (uint32_t)n);
    }
}

static void send_echo(struct served *v)
{
    size_t n = v->echo.len - v->echoed;
    n = n < 32 * 1024 ? n : 32 * 1024;
    n = n < ssh_channel_window_size(v->channel) ? n : ssh_channel_window_size(v->channel);
    if (n > 0 && !congested(v->server)) {
        int sent = ssh_channel_write(v->channel, v->echo.data + v->echoed, (uint32_t)n);
        if (sent > 0)
            v->echoed += (size_t)sent;
    }
    if (v->eof && v->echoed == v->echo.len)
        finish_with(v, 0);
}

static void start(struct served *v)
{
    unsigned long long n = 0;
    sscanf(v->command, "%*s %llu", &n);
    v->started = true;
    v->left = n;
    v->until = now_ms() + (int64_t)n;
    if (has_prefix(v->command, "exit ")) {
        finish_with(v, (int)n);
    } else if (streq(v->command, "nostatus")) {
        finish(v);
    } else if (has_prefix(v->command, "signal ")) {
        ssh_channel_request_send_exit_signal(v->channel, v->command + 7, 0, "", "");
        finish(v);
    } else if (streq(v->command, "eof-hang")) {
        ssh_channel_write(v->channel, "some", 4);
        ssh_channel_send_eof(v->channel);
    } else if (has_prefix(v->command, "exit-eof ")) {
        ssh_channel_request_send_exit_status(v->channel, (int)n);
        ssh_channel_send_eof(v->channel);
    } else if (has_prefix(v->command, "linger ")) {
        ssh_channel_write(v->channel, "some", 4);
        ssh_channel_request_send_exit_status(v->channel, (int)n);
    } else if (streq(v->command, "binary")) {
        char all[256];
        for (int i = 0; i < 256; i++)
            all[i] = (char)i;
        ssh_channel_write(v->channel, all, sizeof all);
        finish_with(v, 0);
    }
}

static void flood(struct served *v)
{
    v->server->relay.dammed = true;
    for (int i = 0; i < 100 && !congested(v->server); i++) {
        ssh_channel c = ssh_channel_new(v->server->session);
        ssh_channel_open_x11(c, "a", 1);
        ssh_channel_free(c);
    }
}

static void advance(struct served *v)
{
    unsigned long long n = 0;
    if (!v->command || v->ended || v->gone)
        return;
    if (!v->started)
        start(v);
    sscanf(v->command, "%*s %llu", &n);
    if (has_prefix(v->command, "out ") || has_prefix(v->command, "drop "))
        send_bytes(v, n);
    else if (has_prefix(v->command, "mix "))
        send_lines(v, n);
    else if (streq(v->command, "cat"))
        send_echo(v);
    else if (streq(v->command, "flood"))
        flood(v);
    if (v->ended || v->left > 0)
        return;
    if (has_prefix(v->command, "out ") || has_prefix(v->command, "mix "))
        finish_with(v, 0);
    else if (has_prefix(v->command, "drop ") && !congested(v->server))
        ssh_server_cut(v->server);
}

static void advance_sleep(struct served *v)
{
    if (v->started && !v->ended && !v->gone && has_prefix(v->command, "sleep ") &&
        now_ms() >= v->until)
        finish_with(v, 0);
}

static int next_ms(struct ssh_server *s)
{
    struct deadline d = DEADLINE_NEVER;
    for (size_t i = 0; i < s->n; i++) {
        struct served *v = s->channels[i];
        if (v->started && !v->ended && !v->gone && has_prefix(v->command, "sleep "))
            d = deadline_sooner(d, (struct deadline){v->until});
    }
    return deadline_poll_ms(d);
}

static int on_stop(socket_t fd, int revents, void *data)
{
    (void)fd;
    (void)revents;
    (void)data;
    return 0;
}

static void serve(struct ssh_server *s)
{
    uint64_t seen = 0;
    while (!wait_stop(s, 0) && ssh_is_connected(s->session) &&
        !(ssh_get_status(s->session) & (SSH_CLOSED | SSH_CLOSED_ERROR))) {
        for (size_t i = 0; i < s->n; i++) {
            advance(s->channels[i]);
            advance_sleep(s->channels[i]);
        }
        uint64_t now = (s->counter.in_bytes + s->counter.out_bytes) * 2 + congested(s);
        if (now != seen) {
            seen = now;
            continue;
        }
        ssh_event_dopoll(s->event, next_ms(s));
    }
}

static bool accept_session(struct ssh_server *s)
{
    ssh_bind bind = ssh_bind_new();
    bool no = false;
    ssh_key key = NULL;
    ssh_pki_import_privkey_base64(s->conf.host_key->private_pem, NULL, NULL, NULL, &key);
    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key);
    bool ok = ssh_bind_accept_fd(bind, s->session, s->served_fd) == SSH_OK;
    ssh_bind_free(bind);
    s->callbacks = (struct ssh_server_callbacks_struct){
        .userdata = s,
        .auth_pubkey_function = on_auth,
        .channel_open_request_session_function = on_open,
    };
    ssh_callbacks_init(&s->callbacks);
    ssh_set_server_callbacks(s->session, &s->callbacks);
    ssh_set_auth_methods(s->session, SSH_AUTH_METHOD_PUBLICKEY);
    return ok && ssh_handle_key_exchange(s->session) == SSH_OK;
}

static void *server_main(void *data)
{
    struct ssh_server *s = data;
    s->session = ssh_new();
    s->event = ssh_event_new();
    if (accept_session(s)) {
        ssh_set_blocking(s->session, 0);
        fcntl(s->served_fd, F_SETFL, O_NONBLOCK);
        ssh_set_counters(s->session, &s->counter, NULL);
        ssh_event_add_session(s->event, s->session);
        ssh_event_add_fd(s->event, s->stop_fd, POLLIN, on_stop, NULL);
        serve(s);
        ssh_event_remove_fd(s->event, s->stop_fd);
        ssh_event_remove_session(s->event, s->session);
    }
    ssh_event_free(s->event);
    ssh_free(s->session);
    return NULL;
}

static bool pass_on(int from, int to)
{
    char block[16 * 1024];
    ssize_t n = read(from, block, sizeof block);
    for (ssize_t sent = 0, m; sent < n; sent += m)
        if ((m = send(to, block + sent, (size_t)(n - sent), MSG_NOSIGNAL)) < 0)
            return false;
    return n > 0;
}

static void *relay_main(void *data)
{
    struct relay *r = data;
    struct pollfd p[2] = {{.fd = r->server, .events = POLLIN}, {.fd = r->client, .events = POLLIN}};
    for (bool open = true; open;) {
        p[1].events = r->dammed ? 0 : POLLIN; /* a hang-up is told all the same */
        if (poll(p, 2, 100) < 0)
            break;
        if (p[0].revents)
            open = pass_on(r->server, r->client);
        /* poll() may have begun before the dam was there. */
        if (p[1].revents & POLLIN && !r->dammed)
            open = open && pass_on(r->client, r->server);
        else if (p[1].revents & ~POLLIN)
            open = false;
    }
    shutdown(r->server, SHUT_RDWR);
    shutdown(r->client, SHUT_RDWR);
    return NULL;
}

/* SERVER leads to the server; returns what the client is to have instead. */
static int relay_start(struct relay *r, int server)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        abort();
    r->client = pair[1];
    r->server = server;
    pthread_create(&r->thread, NULL, relay_main, r);
    return pair[0];
}

struct ssh_server *ssh_server_start(const struct ssh_server_conf *conf, int *ret_fd)
{
    int pair[2];
    ssh_init();
    struct ssh_server *s = xnew(struct ssh_server);
    s->conf = *conf;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        abort();
    s->served_fd = pair[1];
    s->fd = dup(pair[1]);
    s->stop_fd = eventfd(0, EFD_CLOEXEC);
    pthread_create(&s->thread, NULL, server_main, s);
    *ret_fd = conf->dam ? relay_start(&s->relay, pair[0]) : pair[0];
    return s;
}

void ssh_server_cut(struct ssh_server *s)
{
    shutdown(s->fd, SHUT_RDWR);
}

size_t ssh_server_peak(struct ssh_server *s)
{
    return s->peak;
}

size_t ssh_server_kills(struct ssh_server *s)
{
    return s->kills;
}

void ssh_server_stop(struct ssh_server *s)
{
    eventfd_write(s->stop_fd, 1);
    ssh_server_cut(s);
    pthread_join(s->thread, NULL);
    for (size_t i = 0; i < s->n; i++) {
        free(s->channels[i]->command);
        strbuf_free(&s->channels[i]->echo);
        free(s->channels[i]);
    }
    if (s->conf.dam) {
        pthread_join(s->relay.thread, NULL);
        close(s->relay.client);
        close(s->relay.server);
    }
    close(s->fd);
    close(s->stop_fd);
    free(s);
}
