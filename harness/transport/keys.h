/* ed25519 keys, for hosts and for logging in. */
#ifndef LABRUN_TRANSPORT_KEYS_H
#define LABRUN_TRANSPORT_KEYS_H

#include "util/error.h"

struct keypair {
    char *private_pem; /* OpenSSH private key, unencrypted; owned */
    char *public_line; /* "ssh-ed25519 AAAA… COMMENT"; owned */
};

bool keypair_make(const char *comment, struct keypair *ret, struct lr_error *err) _must_check_;
void keypair_free(struct keypair *k);
#define _keypair_ _cleanup_(keypair_free)

#endif
