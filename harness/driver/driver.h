/* What a driver is: how the nodes of a lab come to be, are reached, frozen and ended.
 *
 * A driver knows nodes, disks, memory and networks. It does not know ssh: dial() hands back a
 * connected descriptor. All functions may be called from one thread at a time per driver, except
 * dial() and node_state(), which may be called from many. Everything the driver makes for a lab is
 * either below LAB_DIR or a libvirt object that PLAN names with its UUID, so that destroy() can
 * undo what a killed command left, however far that got. */
#ifndef LABRUN_DRIVER_DRIVER_H
#define LABRUN_DRIVER_DRIVER_H

#include "plan/plan.h"
#include "plan/seed.h"
#include "util/deadline.h"
#include "util/hash.h"
#include "util/timings.h"

struct driver; /* one open driver; each implementation defines its own */

enum node_state {
    NODE_OFF,
    NODE_RUNNING,
    NODE_PAUSED,
    NODE_STUCK, /* stands since a write to the host's disk failed; set_paused(false) lets it go on
                 */
};

/* One finding of `labrun doctor`. */
struct driver_finding {
    enum finding_level { FINDING_OK, FINDING_WARNING, FINDING_MISSING } level;
    char *what; /* "libvirt's lxc driver answers" */
    char *mend; /* the command that mends it; NULL if there is none */
};

/* What a driver can do on this host. */
struct driver_report {
    bool usable;
    char *why_not;      /* when not usable: one line */
    struct strv offers; /* what a scenario's `needs` can name: "kernel.wireguard", "dm-crypt" … */
    struct driver_finding *findings;
    size_t n_findings;
};

/* Where a lab's nodes start from. */
struct driver_source {
    const char *const *image_dirs; /* one for each node of the plan: see image/image.h */
    const char *const *stage_dirs; /* the stages on top, the image's child first */
    size_t n_stages;               /* 0: from the image */
    bool for_stage;                /* the lab will be frozen: what freeze() needs is set up */
    bool *ret_cold; /* set to true by create() when memory could not be cloned, though the driver
                       clones it: the nodes boot from the stage's disks, and the seeds were applied.
                       May be NULL */
    struct timings *timings; /* create() ends the phase "clone" when the nodes' files and segments
                                are there, and notes parts by node. May be NULL */
};

/* Asked before anything of a lab is removed as nobody's. CLAIM: true when there is no such lab, and
 * from then on until RELEASE (with the lock that was given) nobody makes one. */
struct reap_guard {
    bool (*claim)(const char *lab, void *data, int *ret_lock);
    void (*release)(const char *lab, void *data, int lock);
    void *data;
};

struct driver_ops {
    const char *name;    /* "lxc" */
    const char *summary; /* one line for --help and doctor */
    /* Clones of a stage come up running (true), with memory and clocks as they were frozen; or they
     * boot from its disks (false), and then seeds apply to clones too. */
    bool clones_memory;

    /* How many times longer things take in its nodes than on hardware; NULL: no longer. Times that
     * a scenario gives to its scripts and checks are for hardware, and are stretched by it. */
    int (*patience)(const struct driver *d);
    /* Looks at the host. Never fails: what is wrong is in the report. ALL: finds out all that it
     * offers, too, which may take a while; else what costs nothing. */
    void (*report)(struct driver_report *ret, const char *state_dir, bool all);
    bool (*open)(struct driver **ret, struct lr_error *err);
    void (*close)(struct driver *d); /* NULL is fine */
    /* Adds to H all that makes a frozen stage unusable with another host, version or setting. */
    bool (*stage_key)(struct driver *d, struct hasher *h, struct lr_error *err);

    /* Creates segments, disks and domains below LAB_DIR (which exists and is empty) and starts all
     * nodes. Returns when they are running, not when they answer. SEEDS: one for each node; ignored
     * for clones of a stage where clones_memory. On failure the caller calls destroy(). */
    bool (*create)(struct driver *d, const struct plan *p, const struct driver_source *src,
        const struct seed *seeds, const char *lab_dir, struct lr_error *err);
    /* Freezes all nodes of a lab at one instant into STAGE_DIR (which exists and is empty) and ends
     * the lab. LAB_DIR's disks move into the stage. The caller has synced the guests' disks. */
    bool (*freeze)(struct driver *d, const struct plan *p, const char *lab_dir,
        const char *stage_dir, struct lr_error *err);
    /* Is what a stage folder holds whole and usable here? False with the reason in ERR. */
    bool (*verify_stage)(
        struct driver *d, const struct plan *p, const char *stage_dir, struct lr_error *err);
    /* Ends all nodes and removes their files, so that create() can be called again; the segments
     * stay, which it finds. May be called again after it was cut short. */
    bool (*end_nodes)(
        struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err);
    /* Ends and removes all that belongs to the lab: domains, networks, mounts, processes, and the
     * driver's files in LAB_DIR. What is not there is fine; what is not ours (UUID) is not touched
     * and is a warning. May be called again after it was cut short. */
    bool (*destroy)(
        struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err);

    /* A power cut: the nodes (all when NODE is -1) stop at once, with no clean shutdown. */
    bool (*power_cut)(struct driver *d, const struct plan *p, int node, struct lr_error *err);
    /* Boots nodes that are off from their disks as they are now. One that cannot start because of
     * what is on its disks stays off, and is no error. */
    bool (*boot)(struct driver *d, const struct plan *p, int node, const char *lab_dir,
        struct lr_error *err);
    /* Brings one node of a lab back to SRC, from which the lab was created, and starts it; the
     * others are not touched. Whatever is left of the node goes first, so that this may be called
     * again after it was cut short. The node boots from its disks with its seed applied, also
     * where clones_memory: its neighbours have moved on since the stage's instant. */
    bool (*reset_node)(struct driver *d, const struct plan *p, size_t node,
        const struct driver_source *src, const struct seed *seeds, const char *lab_dir,
        struct lr_error *err);
    bool (*set_paused)(struct driver *d, const struct plan *p, bool paused, struct lr_error *err);

    /* A connected stream to port 22 of a node, close-on-exec. LR_ETIMEOUT when the deadline passes
     * while the node is not yet listening: it keeps trying until then, or until the node is off
     * (LR_EINFRA). */
    bool (*dial)(struct driver *d, const struct plan *p, size_t node, const char *lab_dir,
        struct deadline deadline, int *ret_fd, struct lr_error *err);
    /* Is the domain there and running? */
    bool (*node_state)(struct driver *d, const struct plan *p, size_t node, enum node_state *ret,
        struct lr_error *err);

    /* Removes domains and networks that are verifiably ours (plan_is_ours with STATE_DIR) and whose
     * lab GUARD lets be claimed. Names of what was removed are added to ret_removed. DRY: only
     * list.
     */
    bool (*reap)(struct driver *d, const char *state_dir, const struct reap_guard *guard, bool dry,
        struct strv *ret_removed, struct lr_error *err);
};

extern const struct driver_ops driver_qemu;
extern const struct driver_ops driver_lxc;

/* NULL when there is no such driver. */
const struct driver_ops *driver_by_name(const char *name);
/* All drivers, NULL-terminated, in the order `auto` prefers them under TCG: lxc, qemu. */
extern const struct driver_ops *const drivers[];

void driver_report_free(struct driver_report *r);
void driver_finding_add(
    struct driver_report *r, enum finding_level level, const char *what, const char *mend);

#endif
