/* The `nft` probe, inside: parameters (nft.c), the ruleset's structure (nft_rules.c), and what it
 * does with a packet that nobody agreed on (nft_stranger.c), and packets from named nodes
 * (nft_packets.c). */
#ifndef LABRUN_GRADERS_NFT_H
#define LABRUN_GRADERS_NFT_H

#include "graders/probes/node.h"

enum nft_policy { NFT_ANY, NFT_DROP, NFT_ACCEPT };

/* A connection that is tried. */
struct nft_packet {
    size_t from; /* node */
    char *from_name;
    char *to;     /* address */
    char *source; /* address of the sender; NULL: what its kernel takes */
    int64_t port;
    int64_t source_port; /* 0: any */
    const struct value *at;
};

struct nft_packets {
    struct nft_packet *items;
    size_t n;
};

struct nft_params {
    int hook; /* index into nft_hooks */
    int policy;
    int families;     /* index into its names: both, ipv4, ipv6 */
    int stateful;     /* 1: yes, 0: no, -1: not said */
    int64_t priority; /* of the base chains that count */
    bool has_priority;
    struct nft_packets open;
    struct nft_packets closed;
    int64_t wait_ms;
};

extern const char *const nft_hooks[];

/* Adds to the tally what the ruleset (nft -j list ruleset) says. */
void nft_judge_rules(
    const struct nft_params *p, const json_t *ruleset, struct tally *t, const char **missing);

/* The first packet of a connection that no sound filter lets in, as nft names what it has. */
struct nft_stranger {
    const char *family;  /* ip or ip6 */
    const char *nfproto; /* ipv4 or ipv6 */
    const char *protocol;
    const char *source;
    const char *to;
    int64_t source_port;
    int64_t port;
};

#define NFT_STRANGERS 4
extern const struct nft_stranger nft_strangers[NFT_STRANGERS];

/* The condition LEFT OP RIGHT of a rule holds for it; named sets are resolved before. */
bool nft_holds(
    const struct nft_stranger *s, const json_t *left, const char *op, const json_t *right);

/* Reads `open` or `closed`. */
void nft_read_packets(struct reader *r, const struct value *v, void *member);
/* Their nodes; FROM is the node of the check for those that name none: (size_t)-1. */
void nft_check_packets(struct nft_packets *p, struct reader *r, const struct scenario *sc);
void nft_free_packets(struct nft_packets *p);
json_t *nft_packets_schema(void);

/* Sends them all and adds what came of each to the tally. False with O set when it cannot be told.
 */
bool nft_try_packets(const struct nft_params *p, struct probe_ctx *ctx, struct tally *t,
    struct outcome *o) _must_check_;

#endif
