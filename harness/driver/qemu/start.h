/* Starting one node's domain, whichever way the lab came to be. */
#ifndef LABRUN_DRIVER_QEMU_START_H
#define LABRUN_DRIVER_QEMU_START_H

#include "driver/qemu/host.h"
#include "driver/qemu/lab.h"

struct driver {
    virConnectPtr conn;
    struct qemu_host host;
};

/* What the nodes of one lab have in common when they start. Read-only while threads use it. */
struct start {
    struct driver *driver;
    const struct plan *plan;
    const char *lab_dir;
    const struct qemu_lab *lab;
    const char *stage_dir; /* where clones have their memory from; NULL: the nodes boot */
    bool paused;           /* the domains come up paused, as clones do in any case */
    bool seeding;          /* the seed in the node's own initrd is to be applied */
    int64_t clock;         /* as in struct qemu_domain */
};

/* Starts the domain of node I from the files that are ready for it below LAB_DIR. A clone comes up
 * waiting for its state. */
bool start_domain(const struct start *s, size_t i, virDomainPtr *ret, struct lr_error *err)
    _must_check_;

#endif
