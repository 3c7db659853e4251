/* Talking to a server over TCP, with TLS or not, from the check's node. Shared by `http` and `tls`.
 *
 * What does not work between the node and the server is a finding about the service (its users fare
 * no better): a failure. What does not work on the node itself (a CA that is not
 * there) is an error. */
#ifndef LABRUN_GRADERS_WEB_H
#define LABRUN_GRADERS_WEB_H

#include "graders/probes/node.h"

/* Where to connect, and how; the beginning of both kinds' parameters. */
struct web_target {
    char *host;    /* name or address */
    char *connect; /* an address instead of what HOST resolves to; NULL */
    char *ca;      /* file on the node; NULL: the node's own store */
    int family;
    int64_t wait_ms;
};

/* Rows for a field table; the struct web_target lies at the beginning of the parameters. */
#define WEB_FIELDS                                                                                 \
    FIELD_CUSTOM("connect", struct web_target, connect, read_address, 0, .schema = TEXT_SCHEMA,    \
        .help = "connect to this address instead of asking the resolver"),                         \
        FIELD_STRING("ca", struct web_target, ca, 0, .max = 4096,                                  \
            .help = "PEM file on the check's node that certificates are verified against; "        \
                    "default its own store"),                                                      \
        FIELD_ENUM("family", struct web_target, family, web_families, 0, .help = "default any"),   \
        FIELD_DURATION("wait", struct web_target, wait_ms, 0, .min = 100, .max = 60000,            \
            .help = "for the whole answer; default 5s")
extern const char *const web_families[];

void web_target_check(const struct web_target *t, struct reader *r, const struct value *v);
void web_target_free(struct web_target *t);

/* QUESTION holds what is particular to the kind, and is released. True when the server answered:
 * *ret is the answer, whose reference belongs to the caller. Else O is set, to a failure or an
 * error. */
bool web_ask(const struct web_target *t, int64_t port, json_t *question, struct probe_ctx *ctx,
    json_t **ret, struct outcome *o) _must_check_;

#endif
