/* Opening a session: what goes wrong is told apart, and nothing outlasts the deadline. */
#include "ssh_server.h"
#include "transport/client.h"
#include "transport/keys.h"
#include "util/fs.h"
#include <criterion/criterion.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SOON = 20000 };

static struct keypair host, login, other;
static char key_file[] = "/tmp/labrun-key-XXXXXX";

static void setup(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(keypair_make("host", &host, &err), "%s", err.message);
    cr_assert(keypair_make("login", &login, &err), "%s", err.message);
    cr_assert(keypair_make("other", &other, &err), "%s", err.message);
    close(mkstemp(key_file));
    cr_assert(
        file_write_atomic(key_file, login.private_pem, strlen(login.private_pem), 0600, &err));
}

static void teardown(void)
{
    unlink(key_file);
    keypair_free(&host);
    keypair_free(&login);
    keypair_free(&other);
}

TestSuite(open, .init = setup, .fini = teardown);

static struct client_conf conf(void)
{
    return (struct client_conf){.node = "fake", .key_file = key_file, .host_key = host.public_line};
}

static size_t open_fds(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* Expects client_open() to fail on FD, in time, with a message that contains TEXT. */
static void assert_fails(
    int fd, const struct client_conf *c, int64_t ms, enum lr_code code, const char *text)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct client *client = NULL;
    size_t fds = open_fds();
    int64_t begun = now_ms();
    cr_assert_not(client_open(&client, fd, c, deadline_in(ms), &err));
    cr_assert_lt(now_ms() - begun, ms + SOON / 2);
    cr_assert_null(client);
    cr_assert(has_prefix(err.message, "node 'fake': "), "%s", err.message);
    cr_assert(strstr(err.message, text), "'%s' does not say '%s'", err.message, text);
    cr_assert_eq(err.code, code, "%s", err.message);
    cr_assert_eq(open_fds(), fds - 1, "the descriptor is still open");
}

/* A peer that says TEXT (and, with CLOSE, hangs up). */
static int peer(const char *text, bool hang_up, int *ret_other)
{
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    if (*text)
        cr_assert_gt(write(pair[1], text, strlen(text)), 0);
    if (hang_up)
        shutdown(pair[1], SHUT_RDWR);
    *ret_other = pair[1];
    return pair[0];
}

Test(open, slow_is_fine)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    int fd;
    struct client_conf c = conf();
    struct ssh_server_conf sc = {.host_key = &host, .slow_ms = 700};
    _ssh_server_ struct ssh_server *s = ssh_server_start(&sc, &fd);
    cr_assert(s);
    _client_ struct client *client = NULL;
    cr_assert(client_open(&client, fd, &c, deadline_in(SOON), &err), "%s", err.message);
    cr_assert(client_alive(client));
}

Test(open, a_comment_after_the_host_key_is_fine)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    int fd;
    _free_ char *line = xasprintf("%s and more\n", host.public_line);
    struct client_conf c = conf();
    c.host_key = line;
    struct ssh_server_conf sc = {.host_key = &host};
    _ssh_server_ struct ssh_server *s = ssh_server_start(&sc, &fd);
    cr_assert(s);
    _client_ struct client *client = NULL;
    cr_assert(client_open(&client, fd, &c, deadline_in(SOON), &err), "%s", err.message);
}

Test(open, silence)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("", false, &other_end);
    assert_fails(fd, &c, 300, LR_ETIMEOUT, "no answer to the connection (no ssh banner) within 0.");
}

Test(open, banner_and_then_silence)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", false, &other_end);
    assert_fails(fd, &c, 300, LR_ETIMEOUT, "no answer to the key exchange within 0.");
}

Test(open, half_a_banner_and_then_silence)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("SS", false, &other_end);
    assert_fails(fd, &c, 300, LR_ETIMEOUT, "no answer to the key exchange within 0.");
}

Test(open, garbage_in_place_of_a_banner)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("HTTP/1.1 400 Bad Request\r\n\r\n", false, &other_end);
    assert_fails(
        fd, &c, SOON, LR_EINFRA, "the peer is not ssh, it says 'HTTP/1.1 400 Bad Request....'");
}

Test(open, garbage_in_place_of_the_key_exchange)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("SSH-2.0-x\r\n\x7f\xff\xff\xff garbage garbage garbage", false, &other_end);
    assert_fails(fd, &c, SOON, LR_EINFRA, "connection lost during the key exchange");
}

Test(open, closed_at_once)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("", true, &other_end);
    assert_fails(fd, &c, SOON, LR_EINFRA, "connection closed before the ssh banner");
}

Test(open, closed_after_the_banner)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("SSH-2.0-x\r\n", true, &other_end);
    assert_fails(fd, &c, SOON, LR_EINFRA, "connection lost during the key exchange");
}

Test(open, wrong_host_key)
{
    struct client_conf c = conf();
    c.host_key = other.public_line;
    int fd;
    struct ssh_server_conf sc = {.host_key = &host};
    _ssh_server_ struct ssh_server *s = ssh_server_start(&sc, &fd);
    cr_assert(s);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct client *client = NULL;
    cr_assert_not(client_open(&client, fd, &c, deadline_in(SOON), &err));
    cr_assert_eq(err.code, LR_EINFRA);
    cr_assert(has_prefix(err.message, "node 'fake': the host key is not the pinned one: SHA256:"),
        "%s", err.message);
}

Test(open, refused_key)
{
    struct client_conf c = conf();
    c.user = "candidate";
    int fd;
    struct ssh_server_conf sc = {.host_key = &host, .refuse_key = true};
    _ssh_server_ struct ssh_server *s = ssh_server_start(&sc, &fd);
    cr_assert(s);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct client *client = NULL;
    cr_assert_not(client_open(&client, fd, &c, deadline_in(SOON), &err));
    cr_assert_eq(err.code, LR_EINFRA);
    cr_assert(strstr(err.message, "was refused for user 'candidate'"), "%s", err.message);
}

Test(open, silence_at_the_login)
{
    struct client_conf c = conf();
    int fd;
    struct ssh_server_conf sc = {.host_key = &host, .stall_auth = true};
    _ssh_server_ struct ssh_server *s = ssh_server_start(&sc, &fd);
    cr_assert(s);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct client *client = NULL;
    cr_assert_not(client_open(&client, fd, &c, deadline_in(1500), &err));
    cr_assert_eq(err.code, LR_ETIMEOUT);
    cr_assert(strstr(err.message, "no answer to authentication within 1."), "%s", err.message);
}

Test(open, keys_that_cannot_be_read)
{
    struct client_conf c = conf();
    _close_ int other_end = -1;
    c.host_key = "ssh-ed25519 nonsense";
    assert_fails(peer("", false, &other_end), &c, SOON, LR_EINFRA, "host key 'ssh-ed25519 non");
    _close_ int other_end2 = -1;
    c.host_key = "";
    assert_fails(peer("", false, &other_end2), &c, SOON, LR_EINFRA, "cannot be read");
    _close_ int other_end3 = -1;
    c = conf();
    c.key_file = "/nonexistent/key";
    assert_fails(peer("", false, &other_end3), &c, SOON, LR_EINFRA, "'/nonexistent/key'");
}

static void *interrupt(void *data)
{
    (void)data;
    usleep(100000);
    kill(getpid(), SIGINT);
    return NULL;
}

Test(open, interruption)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(cancel_install(&err));
    struct client_conf c = conf();
    _close_ int other_end = -1;
    int fd = peer("SSH-2.0-x\r\n", false, &other_end);
    pthread_t t;
    pthread_create(&t, NULL, interrupt, NULL);
    assert_fails(fd, &c, SOON, LR_EINTERRUPTED, "interrupted");
    pthread_join(t, NULL);
}
