#include "sshd.h"
#include "util/fs.h"
#include "util/mem.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define SSHD "/usr/sbin/sshd"

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    abort();
}

static void write_file(const struct sshd *s, const char *name, const char *text)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *path = path_join(s->folder, name);
    check(file_write_atomic(path, text, strlen(text), 0600, &err), name);
}

bool sshd_setup(struct sshd *ret, const char *extra)
{
    if (access(SSHD, X_OK) < 0)
        return false;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct sshd s = {.folder = xstrdup("/tmp/labrun-sshd-XXXXXX")};
    _keypair_ struct keypair login = {NULL, NULL};
    check(mkdtemp(s.folder), "mkdtemp");
    check(dir_make("/run/sshd", 0755, &err), "/run/sshd");
    check(keypair_make("login", &login, &err), "key");
    check(keypair_make("host", &s.host_key, &err), "key");
    write_file(&s, "host", s.host_key.private_pem);
    write_file(&s, "login", login.private_pem);
    write_file(&s, "authorized", login.public_line);
    /* HOME and SHLVL above 1 keep the shell from this machine's start-up files: they may take
     * seconds, and say things. */
    _free_ char *conf = xasprintf("SetEnv HOME=%s SHLVL=2\n"
                                  "HostKey %s/host\nAuthorizedKeysFile %s/authorized\n"
                                  "StrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\n"
                                  "PasswordAuthentication no\nPidFile none\nLogLevel ERROR\n%s\n",
        s.folder, s.folder, s.folder, extra ? extra : "");
    write_file(&s, "conf", conf);
    s.key_file = path_join(s.folder, "login");
    struct sockaddr_in any = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = 0};
    s.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(bind(s.listen_fd, (struct sockaddr *)&any, sizeof any) == 0, "bind");
    check(listen(s.listen_fd, 16) == 0, "listen");
    *ret = s;
    return true;
}

int sshd_dial(const struct sshd *s)
{
    struct sockaddr_in addr;
    socklen_t len = sizeof addr;
    getsockname(s->listen_fd, (struct sockaddr *)&addr, &len);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(client, (struct sockaddr *)&addr, len) == 0, "connect");
    _close_ int server = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    check(server >= 0, "accept");
    _free_ char *conf = path_join(s->folder, "conf");
    _free_ char *log = path_join(s->folder, "log");
    char *argv[] = {(char *)SSHD, (char *)"-i", (char *)"-E", log, (char *)"-f", conf, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, server, 0);
    posix_spawn_file_actions_adddup2(&actions, server, 1);
    pid_t pid;
    char *env[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    check(posix_spawn(&pid, SSHD, &actions, NULL, argv, env) == 0, "spawn");
    posix_spawn_file_actions_destroy(&actions);
    return client;
}

struct client_conf sshd_client_conf(const struct sshd *s)
{
    return (struct client_conf){
        .node = "real", .key_file = s->key_file, .host_key = s->host_key.public_line};
}

void sshd_clear(struct sshd *s)
{
    if (!s->folder)
        return;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!tree_remove(s->folder, &err))
        fprintf(stderr, "%s\n", err.message);
    close(s->listen_fd);
    keypair_free(&s->host_key);
    free(s->folder);
    free(s->key_file);
    *s = (struct sshd){.listen_fd = -1};
}
