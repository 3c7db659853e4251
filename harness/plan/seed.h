/* The files that make a node out of an image: host name, hosts, network, keys. Pure. */
#ifndef LABRUN_PLAN_SEED_H
#define LABRUN_PLAN_SEED_H

#include "plan/plan.h"
#include <sys/types.h>

struct seed_file {
    char *path; /* absolute in the guest */
    mode_t mode;
    char *data; /* text */
};

struct seed {
    struct seed_file *files;
    size_t n;
};

struct seed_keys {
    const char *host_private; /* OpenSSH private key of the node's sshd */
    const char *host_public;
    const char *grader_public;    /* may log in as root on every node */
    const char *candidate_public; /* may log in as root where the candidate may; NULL: nobody */
};

/* /etc/hostname, /etc/hosts (every node by name, one line an address), /etc/machine-id,
 * /etc/systemd/network/{10-NET.link,10-NET.network} matching by MAC, the host key and the
 * authorized keys (/root/.ssh/authorized_keys for the candidate, /etc/ssh/labrun_grader_keys). */
void seed_make(const struct plan *p, size_t node, const struct seed_keys *keys, struct seed *ret);
void seed_free(struct seed *s);

#endif
