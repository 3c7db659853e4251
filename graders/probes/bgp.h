/* The `bgp` probe, inside: parameters (bgp.c), the session (bgp_judge.c), prefixes and their
 * attributes (bgp_routes.c), authentication (bgp_auth.c). All is asked of FRR on the check's node:
 * what a witness that is the neighbour sees there cannot be forged. */
#ifndef LABRUN_GRADERS_BGP_H
#define LABRUN_GRADERS_BGP_H

#include "graders/probes/node.h"

/* Prefixes of both families in one list. */
struct bgp_prefixes {
    bool given;
    bool exact; /* EXACTLY was said, perhaps as an empty list */
    struct strv exactly;
    struct strv at_least;
    struct strv none_of;
};

/* The best path to a prefix. */
struct bgp_route {
    char *prefix;
    bool absent;
    struct strv as_path; /* AS numbers, or as given: "65001 65002" */
    int64_t origin_as;   /* -1: not said; here and below */
    char *next_hop;
    int64_t local_pref;
    int64_t med;
    struct strv communities; /* all of these are on it */
    struct strv no_communities;
    char *from; /* the neighbour it was learned from */
};

struct bgp_params {
    char *neighbor; /* as FRR calls it: an address or an interface */
    int state;      /* index into its names */
    int64_t remote_as;
    bool ipv4;
    bool ipv6;
    int64_t up_ms; /* established for at least so long */
    bool authentication;
    int64_t max_prefixes;
    struct bgp_prefixes received;
    struct bgp_prefixes advertised;
    struct bgp_route *routes;
    size_t n_routes;
};

enum { BGP_ESTABLISHED, BGP_DOWN, BGP_ANY }; /* the first of the names */
extern const char *const bgp_states[];

/* A judging under way. */
struct bgp_judge {
    const struct bgp_params *p;
    struct probe_ctx *ctx;
    struct outcome *o;
    struct tally t;
    const char *missing;
};

/* `vtysh -c COMMAND` whose answer is a JSON object. False with the outcome set: when FRR does not
 * run, an error on a witness (it is the lab's own) and a failure elsewhere. */
bool bgp_ask(struct bgp_judge *j, json_t **ret, const char *fmt, ...) _printf_(3, 4) _must_check_;

/* Each adds to the tally. False with the outcome set when it cannot be told. */
bool bgp_judge_session(struct bgp_judge *j) _must_check_;
bool bgp_judge_auth(struct bgp_judge *j, const json_t *neighbor) _must_check_;
bool bgp_judge_prefixes(struct bgp_judge *j, const json_t *neighbor, bool received) _must_check_;
bool bgp_judge_routes(struct bgp_judge *j) _must_check_;

#endif
