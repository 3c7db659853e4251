/* An ssh server inside the test, for all that a real sshd does not do on demand. It serves one
 * connection over a socket pair, in a thread of its own. The "command" that a client runs names the
 * behaviour:
 *
 *     exit N          exit status N at once
 *     nostatus        EOF and close without an exit status
 *     signal NAME     killed by a signal
 *     eof-hang        some output, EOF, and then nothing more
 *     exit-eof N      exit status N and EOF, but never a close
 *     linger N        some output and exit status N, but neither EOF nor close
 *     hang            nothing ever, input is read
 *     deaf            nothing ever, and input is not even read
 *     sleep MS        exit status 0 after MS milliseconds
 *     out N           N bytes of stdout ("0123456789abcdef" over and over), exit status 0
 *     mix N           N lines "out I" and "err I" in turns, exit status 0
 *     binary          the bytes 0 … 255, exit status 0
 *     cat             stdin to stdout, exit status 0 after its EOF
 *     drop N          N bytes of stdout, then the connection breaks
 *     flood           asks for channels of its own, one after the other, and reads no answer */
#ifndef LABRUN_TESTS_SSH_SERVER_H
#define LABRUN_TESTS_SSH_SERVER_H

#include "transport/client.h"
#include "transport/keys.h"

struct ssh_server; /* opaque */

struct ssh_server_conf {
    const struct keypair *host_key;
    bool refuse_key;
    bool stall_auth;     /* never answer the login */
    int slow_ms;         /* answer the login after that time */
    bool refuse_exec;    /* open channels, but run nothing */
    size_t max_channels; /* refuse more at a time; 0: any number */
    bool sticky;         /* a channel that the client closes still counts, as in sshd */
    bool dam;            /* nothing of the client's comes through once it runs "flood" */
};

/* Starts it; *ret_fd is the client's end of the connection. */
struct ssh_server *ssh_server_start(const struct ssh_server_conf *conf, int *ret_fd);
/* Cuts the connection. */
void ssh_server_cut(struct ssh_server *s);
/* The most channels that were open at a time. */
size_t ssh_server_peak(struct ssh_server *s);
/* How many commands the client told to die (signal KILL). */
size_t ssh_server_kills(struct ssh_server *s);
void ssh_server_stop(struct ssh_server *s);

static inline void cleanup_ssh_server(struct ssh_server **s)
{
    if (*s)
        ssh_server_stop(*s);
}
#define _ssh_server_ _cleanup_(cleanup_ssh_server)

#endif
