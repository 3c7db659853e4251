/* From a scenario and the name of a lab to everything libvirt is told: names, UUIDs, MACs, bridges,
 * segments. Pure: the same input gives the same plan, so a plan can be written down before anything
 * is created and found again after a crash.
 *
 * Names: domain "labrun-LAB.NODE", network "labrun-LAB.NET". Every UUID is uuid_of_name() of the
 * state folder and that name, so that what carries our prefix but is not ours can be told apart.
 * MACs depend on node and network only: all clones of a stage have the same. */
#ifndef LABRUN_PLAN_PLAN_H
#define LABRUN_PLAN_PLAN_H

#include "scenario/model.h"

struct plan_segment {
    char *network; /* the scenario's name: also the interface's name in the guest */
    char *name;    /* libvirt network */
    char *uuid;
    char *bridge; /* at most 15 characters, unique on the host */
    int64_t mtu;
};

struct plan_nic {
    size_t segment;        /* index into segments */
    char *ifname;          /* in the guest: the network's name */
    char *mac;             /* "52:54:00:…" */
    struct strv addresses; /* "10.20.0.11/24", "fd20::11/64" */
};

struct plan_node {
    char *name;   /* host name in the guest */
    char *domain; /* libvirt domain */
    char *uuid;
    char *image;
    bool witness;
    int64_t memory_mib;
    int64_t vcpus;
    int64_t *disks_mib;
    size_t n_disks;
    struct plan_nic *nics;
    size_t n_nics;
};

struct plan {
    char *state_dir; /* absolute */
    char *lab;       /* name of the lab, at most 80 characters */
    char *scenario;  /* name of the scenario */
    struct plan_segment *segments;
    size_t n_segments;
    struct plan_node *nodes;
    size_t n_nodes;
    bool tun; /* the scenario needs kernel.tun: its nodes open /dev/net/tun */
};

#define NEEDS_TUN         "kernel.tun"
#define PLAN_PREFIX       "labrun-"
#define PLAN_METADATA_URI "https://labrun.invalid/xmlns/lab/1"

struct plan *plan_make(const struct scenario *sc, const char *state_dir, const char *lab);
void plan_free(struct plan *p);

/* To and from JSON, for the lab's own file. */
json_t *plan_to_json(const struct plan *p);
bool plan_from_json(const json_t *j, struct plan **ret, struct lr_error *err) _must_check_;

/* The UUID that belongs to a domain or network name under a state folder; owned. */
char *plan_uuid(const char *state_dir, const char *name);
/* True when UUID is the one plan_uuid gives: it was made by labrun with this state folder. */
bool plan_is_ours(const char *state_dir, const char *name, const char *uuid);

static inline void cleanup_plan(struct plan **p)
{
    plan_free(*p);
}
#define _plan_ _cleanup_(cleanup_plan)

#endif
