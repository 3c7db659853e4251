/* The parts of the lxc driver, for each other.
 *
 * A node is a libvirt LXC domain in a user namespace of its own. Below LAB_DIR the driver keeps
 *   lxc.json                 written before anything is made: the lab's uid range and, for each
 *                            node, the layers its root file system stands on
 *   nodes/NODE/layer/upper   what the node has changed; it becomes the stage's layer
 *   nodes/NODE/layer/work    overlayfs's own
 *   nodes/NODE/root          where the overlay is mounted, in the host's mount namespace
 * and below a stage
 *   NODE/upper               the layer
 *   lxc.json                 written last: whose uids the layers hold, and their size */
#ifndef LABRUN_DRIVER_LXC_LXC_H
#define LABRUN_DRIVER_LXC_LXC_H

#include "driver/driver.h"
#include "driver/virt.h"

#define LXC_URI       "lxc:///system"
#define LXC_FILE      "lxc.json"
#define LXC_TUN       "/dev/net/tun"
#define LXC_INIT      "/sbin/labinit"
#define LXC_UID_COUNT 65536U

struct driver {
    virConnectPtr conn; /* used from many threads */
};

/* A folder that root file systems stand on, and the first host uid of what is in it. */
struct lxc_layer {
    char *path;
    uint32_t uid_base;
};

/* What LAB_DIR/lxc.json holds. */
struct lxc_record {
    uint32_t uid_base; /* first host uid of the lab */
    struct lxc_stack {
        struct lxc_layer *layers; /* the image's root first */
        size_t n;
    } * nodes; /* in the plan's order */
    size_t n_nodes;
};

void lxc_record_free(struct lxc_record *r);
#define _lxc_record_ _cleanup_(lxc_record_free)

/* record.c: chooses a uid range that nobody uses, finds the layers, and writes LAB_DIR/lxc.json. */
bool lxc_record_make(const struct plan *p, const struct driver_source *src, const char *lab_dir,
    struct lxc_record *ret, struct lr_error *err) _must_check_;
/* The record of a lab that is there, with the layers of one node found anew in SRC and written
 * down: a stage that was damaged and built again may hold other uids. */
bool lxc_record_renew(const struct plan *p, size_t node, const struct driver_source *src,
    const char *lab_dir, struct lxc_record *ret, struct lr_error *err) _must_check_;
bool lxc_record_load(const struct plan *p, const char *lab_dir, struct lxc_record *ret,
    struct lr_error *err) _must_check_;

/* uids.c: a range of LXC_UID_COUNT host uids that no lab in LABS_DIR, no process and no entry of
 * /etc/subuid has; the search begins where SEED says. */
bool lxc_uids_choose(const char *labs_dir, const char *seed, uint32_t *ret, struct lr_error *err)
    _must_check_;

/* domain.c: the <domain> element of a node; owned. Pure. */
char *lxc_domain_xml(const struct plan *p, size_t node, const char *root, uint32_t uid_base);

/* The host's end of a node's interface; owned. Pure. */
char *lxc_host_ifname(const struct plan_node *n, size_t nic);

/* idmap.c: a user namespace that maps uids and gids FROM … FROM+65535 to TO … */
bool lxc_userns_open(uint32_t from, uint32_t to, int *ret_fd, struct lr_error *err) _must_check_;

/* overlay.c: mounts a node's root file system at NODE_DIR/root. USERNS: one for each layer of the
 * stack. */
bool lxc_overlay_mount(const struct lxc_stack *stack, const int *userns, uint32_t uid_base,
    const char *node_dir, struct lr_error *err) _must_check_;
/* Unmounts all that is mounted at or below DIR, in this and by removal of the mount points in every
 * other mount namespace. Checks that nothing is left. */
bool lxc_unmount_below(const char *dir, struct lr_error *err) _must_check_;
/* Tries with scratch folders below DIR whether this kernel can do it; false with the reason. */
bool lxc_overlay_try(const char *dir, struct lr_error *err) _must_check_;

/* rootfs.c: seeds and disks into the mounted root of a node. No path leads out of it, whatever
 * links are in it. */
bool lxc_rootfs_fill(const char *root, uint32_t uid_base, const struct seed *seed,
    const struct plan_node *node, struct lr_error *err) _must_check_;

/* cgroup.c: on a host that has cgroup2 beside the old hierarchies, gives the node a cgroup2
 * directory of its own and moves its init there; elsewhere nothing. */
bool lxc_cgroup_adopt(
    const struct plan_node *n, pid_t init, uint32_t uid_base, struct lr_error *err) _must_check_;
/* Kills what is still in the node's directory and removes it. By name and UUID, so that reaping
 * needs no plan. */
bool lxc_cgroup_remove(const char *domain, const char *uuid, struct lr_error *err) _must_check_;

/* process.c: what a node's first process waits at, as its descriptor 3, until it has been put into
 * the control group where it belongs; see images/lxc/root/usr/sbin/labinit. */
struct lxc_gate {
    int inside, outside; /* the two ends of a pipe */
};
#define LXC_GATE_INIT ((struct lxc_gate){-1, -1})

void lxc_gate_clear(struct lxc_gate *g);
#define _lxc_gate_ _cleanup_(lxc_gate_clear)

/* The domain with its first process behind GATE; NULL where libvirt fails. */
virDomainPtr lxc_domain_create(virConnectPtr conn, const char *xml, const struct lxc_gate *gate)
    _must_check_;
bool lxc_gate_make(struct lxc_gate *ret, struct lr_error *err) _must_check_;
bool lxc_gate_open(const struct lxc_gate *g, struct lr_error *err) _must_check_;

/* The first process of a running domain. *ret_pidfd is -1 when it is gone. */
bool lxc_init_find(virDomainPtr d, pid_t *ret_pid, int *ret_pidfd, struct lr_error *err)
    _must_check_;
/* Kills the init of a domain (a power cut) and waits until libvirt has forgotten the domain. */
bool lxc_domain_kill(virDomainPtr d, struct lr_error *err) _must_check_;
/* Asks systemd to power off, waits, and kills what has not gone within a minute. */
bool lxc_domain_power_off(virDomainPtr d, struct lr_error *err) _must_check_;

/* thread.c: runs FN on a thread of its own, for what a thread changes about itself for good
 * (namespaces). */
bool lxc_on_thread(bool (*fn)(void *data, struct lr_error *err), void *data, struct lr_error *err)
    _must_check_;

/* features.c: adds what this kernel offers to a scenario's `needs`. */
void lxc_features(struct strv *ret_offers);

/* The operations. */
void lxc_report(struct driver_report *ret, const char *state_dir, bool all);
bool lxc_create(struct driver *d, const struct plan *p, const struct driver_source *src,
    const struct seed *seeds, const char *lab_dir, struct lr_error *err) _must_check_;
bool lxc_boot(struct driver *d, const struct plan *p, int node, const char *lab_dir,
    struct lr_error *err) _must_check_;
bool lxc_reset_node(struct driver *d, const struct plan *p, size_t node,
    const struct driver_source *src, const struct seed *seeds, const char *lab_dir,
    struct lr_error *err) _must_check_;
bool lxc_freeze(struct driver *d, const struct plan *p, const char *lab_dir, const char *stage_dir,
    struct lr_error *err) _must_check_;
bool lxc_verify_stage(struct driver *d, const struct plan *p, const char *stage_dir,
    struct lr_error *err) _must_check_;
bool lxc_end_nodes(
    struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err) _must_check_;
bool lxc_destroy(struct driver *d, const struct plan *p, const char *lab_dir, struct lr_error *err)
    _must_check_;
bool lxc_reap(struct driver *d, const char *state_dir, const struct reap_guard *guard, bool dry,
    struct strv *ret_removed, struct lr_error *err) _must_check_;
bool lxc_dial(struct driver *d, const struct plan *p, size_t node, const char *lab_dir,
    struct deadline deadline, int *ret_fd, struct lr_error *err) _must_check_;

/* destroy.c: ends a node and removes its files; the lab's record and its other nodes stay. */
bool lxc_end_node(struct driver *d, const struct plan *p, size_t node, const char *lab_dir,
    struct lr_error *err) _must_check_;

/* stage.c: the first host uid of the layers in STAGE_DIR. */
bool lxc_stage_uid_base(const char *stage_dir, uint32_t *ret, struct lr_error *err) _must_check_;

/* LAB_DIR/nodes/NODE; owned. */
char *lxc_node_dir(const char *lab_dir, const struct plan_node *n);

#endif
