/* The kept ssh sessions to a lab's nodes: one a node, opened when first needed, opened again when
 * it broke. Safe to use from many threads. */
#ifndef LABRUN_LAB_NODES_H
#define LABRUN_LAB_NODES_H

#include "lab/lab.h"
#include "transport/client.h"

struct nodes; /* opaque */

/* LAB and HOST must outlive it. KEYS is the folder with the keys that the nodes hold now. */
struct nodes *nodes_new(const struct host *h, const struct lab *lab, const char *keys);
void nodes_free(struct nodes *n); /* NULL is fine; no other thread may be using it */

/* The session to a node, kept or opened now, trying until the deadline while the node boots. The
 * client stays valid until nodes_free. */
bool nodes_get(struct nodes *n, size_t node, struct deadline d, struct client **ret,
    struct lr_error *err) _must_check_;

/* Waits until all nodes answer ssh. One that is off has ended while it booted: with MAY_BOOT it is
 * booted once more, which is logged; then, or without, it is an error. With it all are waited for
 * at once, so that those that never answer leave the others their time; without it nodes_at_once(),
 * as whoever waits so ends at the first that fails. */
bool nodes_wait(struct nodes *n, bool may_boot, struct deadline d, struct lr_error *err)
    _must_check_;

/* Forgets the kept sessions: the nodes lost power. */
void nodes_forget(struct nodes *n);

/* Runs one command on all nodes at once; an exit status other than 0 is an error. */
bool nodes_run_all(struct nodes *n, const char *command, int64_t timeout_ms, struct lr_error *err)
    _must_check_;

/* How many times longer things take in the nodes than on hardware; at least 1. */
int nodes_patience(const struct nodes *n);

/* With how many nodes to speak at the same time, at least 1: all, where logging in mostly waits;
 * where each login is seconds of an emulated processor's work, as many as keep the host's busy (16
 * at once on two processors took 1.6 times the CPU of four at once). */
size_t nodes_at_once(const struct nodes *n);

static inline void cleanup_nodes(struct nodes **n)
{
    nodes_free(*n);
}
#define _nodes_ _cleanup_(cleanup_nodes)

#endif
