/* The real OpenSSH sshd on loopback, with keys and a configuration of its own in a scratch folder.
 * The test listens and hands each connection to an `sshd -i`, so that no port has to be guessed. */
#ifndef LABRUN_TESTS_SSHD_H
#define LABRUN_TESTS_SSHD_H

#include "transport/client.h"
#include "transport/keys.h"

struct sshd {
    char *folder;   /* owned */
    char *key_file; /* owned; the login key */
    struct keypair host_key;
    int listen_fd;
};

/* False when there is no sshd on this machine. EXTRA is added to its configuration. */
bool sshd_setup(struct sshd *ret, const char *extra);
/* A connection to a fresh sshd process, which ends with the connection. */
int sshd_dial(const struct sshd *s);
struct client_conf sshd_client_conf(const struct sshd *s);
void sshd_clear(struct sshd *s);
#define _sshd_ _cleanup_(sshd_clear)

#endif
