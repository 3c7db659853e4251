/* From a connected descriptor to an authenticated session.
 *
 * libssh is driven in non-blocking mode: each step (key exchange, authentication) is called again
 * and again, and between two calls wait_fd() waits for the peer, the deadline or an interruption.
 * So a peer that accepts and then stays silent costs the deadline and not a hung thread. The host
 * key is compared with the pinned one; no file and no user configuration has a say in it. */
#include "transport/link.h"
#include "util/mem.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

enum {
    PACKET_OVERHEAD = 44, /* the most bytes of length, padding and MAC */
    BACKLOG_MAX = 2 << 20 /* bytes; honest nodes stay below 8 chunks of input */
};

static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static int init_rc = SSH_ERROR;

static void init(void)
{
    init_rc = ssh_init();
}

bool transport_init(struct lr_error *err)
{
    pthread_once(&init_once, init);
    if (init_rc != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "libssh does not initialise");
    return true;
}

static void cleanup_key(ssh_key *key)
{
    ssh_key_free(*key);
}
#define _key_ _cleanup_(cleanup_key)

/* One opening, from the first byte to the last. */
struct opening {
    struct link *link;
    const struct client_conf *conf;
    struct deadline deadline;
    int64_t begun; /* for "no answer within" */
    ssh_key pinned;
    ssh_key login;
    char *pinned_type; /* first word of the pinned line */
};

static void opening_clear(struct opening *o)
{
    ssh_key_free(o->pinned);
    ssh_key_free(o->login);
    free(o->pinned_type);
}

static const char *user_of(const struct client_conf *conf)
{
    return conf->user ? conf->user : "root";
}

static bool read_keys(struct opening *o, struct lr_error *err)
{
    const char *line = o->conf->host_key;
    size_t type_len = strcspn(line, " ");
    const char *base64 = line + type_len + strspn(line + type_len, " ");
    o->pinned_type = xstrndup(line, type_len);
    _free_ char *blob = xstrndup(base64, strcspn(base64, " \t\r\n"));
    enum ssh_keytypes_e type = ssh_key_type_from_name(o->pinned_type);
    if (ssh_pki_import_pubkey_base64(blob, type, &o->pinned) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "the pinned host key '%.40s' cannot be read", line);
    /* Without a passphrase callback an encrypted key fails here and never asks. */
    if (ssh_pki_import_privkey_file(o->conf->key_file, NULL, NULL, NULL, &o->login) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "private key '%s' cannot be read", o->conf->key_file);
    return true;
}

static bool timed_out(const struct opening *o, const char *phase, struct lr_error *err)
{
    _free_ char *time = format_duration(now_ms() - o->begun);
    return lr_error_set(err, LR_ETIMEOUT, "no answer to %s within %s", phase, time);
}

/* Looks at what the peer says before libssh does: libssh would skip lines that are not a banner
 * until the deadline, and a stranger could not be told from a silent sshd. */
static bool expect_banner(struct opening *o, int fd, struct lr_error *err)
{
    bool ready;
    if (!wait_fd(fd, POLLIN, o->deadline, &ready, err))
        return false;
    if (!ready)
        return timed_out(o, "the connection (no ssh banner)", err);
    char said[41] = "";
    ssize_t n = recv(fd, said, sizeof said - 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0)
        return lr_error_errno(err, errno, "connection failed before the ssh banner");
    if (n == 0)
        return lr_error_set(err, LR_EINFRA, "connection closed before the ssh banner");
    if (strncmp(said, "SSH-", (size_t)n < 4 ? (size_t)n : 4) == 0)
        return true;
    for (ssize_t i = 0; i < n; i++)
        if (!isprint((unsigned char)said[i]))
            said[i] = '.';
    return lr_error_set(err, LR_EINFRA, "the peer is not ssh, it says '%s'", said);
}

/* A server message that asks us for something: refuse, or libssh keeps it for ever. */
static int refuse_message(ssh_session session, ssh_message message, void *data)
{
    (void)session;
    (void)message;
    (void)data;
    return 1;
}

static bool set_options(struct opening *o, int fd, struct lr_error *err)
{
    ssh_session s = o->link->session;
    bool no_config = false;
    /* The pinned type first; an rsa key is one type that signs under several names. The others only
     * so that the exchange ends and the key can be named: check_host_key() takes the pinned one. */
    _free_ char *algorithms =
        xasprintf("%s,ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256",
            streq(o->pinned_type, "ssh-rsa") ? "rsa-sha2-512,rsa-sha2-256" : o->pinned_type);
    if (ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no_config) < 0 ||
        ssh_options_set(s, SSH_OPTIONS_SSH_DIR, "/nonexistent") < 0 ||
        ssh_options_set(s, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") < 0 ||
        ssh_options_set(s, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") < 0 ||
        ssh_options_set(s, SSH_OPTIONS_HOST, "node") < 0 ||
        ssh_options_set(s, SSH_OPTIONS_USER, user_of(o->conf)) < 0 ||
        ssh_options_set(s, SSH_OPTIONS_HOSTKEYS, algorithms) < 0 ||
        ssh_options_set(s, SSH_OPTIONS_FD, &fd) < 0)
        return lr_error_set(err, LR_EINFRA, "ssh options: %s", ssh_get_error(s));
    ssh_set_blocking(s, 0);
    ssh_set_message_callback(s, refuse_message, NULL);
    return true;
}

static void set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && !(flags & O_NONBLOCK))
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* Waits between two calls of a step. libssh makes the descriptor blocking once it has connected,
 * and would then sit in send() against a peer that does not read: so each time anew. */
static bool wait_peer(struct opening *o, const char *phase, struct lr_error *err)
{
    int fd = ssh_get_fd(o->link->session);
    if (fd < 0)
        return lr_error_set(err, LR_EINFRA, "connection lost during %s", phase);
    set_nonblocking(fd);
    short events = link_congested(o->link) ? POLLIN | POLLOUT : POLLIN;
    bool ready;
    if (!wait_fd(fd, events, o->deadline, &ready, err))
        return false;
    return ready || timed_out(o, phase, err);
}

static bool connection_failed(const struct opening *o, const char *phase, struct lr_error *err)
{
    return lr_error_set(
        err, LR_EINFRA, "connection lost during %s: %s", phase, ssh_get_error(o->link->session));
}

static bool exchange_keys(struct opening *o, struct lr_error *err)
{
    static const char phase[] = "the key exchange";
    for (;;) {
        int rc = ssh_connect(o->link->session);
        if (rc == SSH_OK)
            return true;
        if (rc != SSH_AGAIN)
            return connection_failed(o, phase, err);
        if (!wait_peer(o, phase, err))
            return false;
    }
}

static char *fingerprint(ssh_key key)
{
    unsigned char *hash = NULL;
    size_t len;
    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) != SSH_OK)
        return xstrdup("(no fingerprint)");
    char *text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
    char *ret = xstrdup(text ? text : "(no fingerprint)");
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    return ret;
}

static bool check_host_key(struct opening *o, struct lr_error *err)
{
    _key_ ssh_key offered = NULL;
    if (ssh_get_server_publickey(o->link->session, &offered) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "the node showed no host key");
    if (ssh_key_cmp(offered, o->pinned, SSH_KEY_CMP_PUBLIC) == 0)
        return true;
    if (ssh_key_type(offered) != ssh_key_type(o->pinned))
        return lr_error_set(err, LR_EINFRA,
            "the host key is not the pinned one: the node has no %s key", o->pinned_type);
    _free_ char *got = fingerprint(offered);
    _free_ char *want = fingerprint(o->pinned);
    return lr_error_set(
        err, LR_EINFRA, "the host key is not the pinned one: %s instead of %s", got, want);
}

static bool authenticate(struct opening *o, struct lr_error *err)
{
    static const char phase[] = "authentication";
    for (;;) {
        int rc = ssh_userauth_publickey(o->link->session, NULL, o->login);
        if (rc == SSH_AUTH_SUCCESS)
            return true;
        if (rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL)
            return lr_error_set(err, LR_EINFRA, "key '%s' was refused for user '%s'",
                o->conf->key_file, user_of(o->conf));
        if (rc != SSH_AUTH_AGAIN)
            return connection_failed(o, phase, err);
        if (!wait_peer(o, phase, err))
            return false;
    }
}

static bool handshake(struct opening *o, int fd, struct lr_error *err)
{
    struct link *l = o->link;
    _close_ int own = fd; /* until libssh has it, which closes it then */
    int on = 1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* fails on what is not TCP: fine */
    if (!transport_init(err) || !read_keys(o, err) || !expect_banner(o, fd, err))
        return false;
    l->session = ssh_new();
    l->event = ssh_event_new();
    if (!l->session || !l->event)
        return lr_error_set(err, LR_EINFRA, "cannot make an ssh session");
    if (!set_options(o, fd, err))
        return false;
    steal_fd(&own);
    if (!exchange_keys(o, err) || !check_host_key(o, err) || !authenticate(o, err))
        return false;
    set_nonblocking(ssh_get_fd(l->session));
    ssh_set_counters(l->session, &l->socket, &l->queued);
    if (ssh_event_add_session(l->event, l->session) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "cannot poll the ssh session");
    return true;
}

bool link_open(struct link *l, int fd, const struct client_conf *conf, struct deadline deadline,
    struct lr_error *err)
{
    *l = (struct link){0};
    _cleanup_(opening_clear) struct opening o = {
        .link = l, .conf = conf, .deadline = deadline, .begun = now_ms()};
    if (handshake(&o, fd, err))
        return true;
    link_close(l);
    return lr_error_prefix(err, "node '%s'", conf->node);
}

void link_close(struct link *l)
{
    /* No ssh_disconnect(): it would leave a descriptor given by SSH_OPTIONS_FD open, while
     * ssh_free() closes it exactly when libssh has not done so already. */
    if (l->event && l->session)
        ssh_event_remove_session(l->event, l->session);
    ssh_event_free(l->event);
    ssh_free(l->session);
    *l = (struct link){0};
}

bool link_lost(const struct link *l)
{
    return l->drowned || ssh_get_fd(l->session) < 0 || !ssh_is_connected(l->session) ||
        (ssh_get_status(l->session) & (SSH_CLOSED | SSH_CLOSED_ERROR));
}

const char *link_why(const struct link *l)
{
    return l->drowned ? "the node does not read what it asks for" : ssh_get_error(l->session);
}

/* What we write ourselves waits while the link is congested, so all that piles up are answers. The
 * hundredth is for what PACKET_OVERHEAD is more than the truth. */
static void look_at_backlog(struct link *l)
{
    uint64_t queued = l->queued.out_bytes + l->queued.out_packets * PACKET_OVERHEAD;
    uint64_t sent = l->socket.out_bytes;
    if (!link_congested(l)) {
        l->queued_clear = queued;
        l->sent_clear = sent;
    }
    uint64_t gone = sent - l->sent_clear;
    l->drowned = l->drowned || queued - l->queued_clear > gone + gone / 100 + BACKLOG_MAX;
}

bool link_moved(struct link *l)
{
    look_at_backlog(l);
    uint64_t now = (l->socket.in_bytes + l->socket.out_bytes) * 2 + link_congested(l);
    bool moved = now != l->seen;
    l->seen = now;
    return moved;
}

bool link_congested(const struct link *l)
{
    return ssh_get_poll_flags(l->session) & SSH_WRITE_PENDING;
}
