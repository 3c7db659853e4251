/* The XML of a node's domain. Pure: the same struct gives the same text. */
#ifndef LABRUN_DRIVER_QEMU_DOMAIN_H
#define LABRUN_DRIVER_QEMU_DOMAIN_H

#include "driver/qemu/host.h"

/* The management interface of every node, behind which only its own ssh port can be reached. */
#define QEMU_MGMT_IFNAME  "labmgmt"
#define QEMU_MGMT_ADDRESS "10.0.2.15"

/* Disks a node can have beside its root disk: what the fixed PCI addresses leave room for. */
#define QEMU_MAX_DISKS 31

struct qemu_domain {
    const struct plan *plan;
    size_t node;
    const struct qemu_host *host;
    const char *kernel;
    const char *initrd;
    bool seeding;             /* init applies the seed in the initrd, once for each lab */
    const char *const *disks; /* root first, then the node's own: 1 + n_disks paths */
    const char *console;      /* log of the serial console */
    const char *ram;          /* file that holds the memory; NULL: anonymous */
    bool ram_shared;          /* writes go to the file (to be frozen), not to private copies */
    unsigned port;            /* on 127.0.0.1, forwarded to the node's port 22 */
    bool incoming;            /* waits for a migration stream */
    int64_t clock;            /* seconds since the epoch that the RTC starts from; 0: the host's */
};

/* MAC of the management interface of node I; owned. */
char *qemu_mgmt_mac(size_t node);

/* Owned. */
char *qemu_domain_xml(const struct qemu_domain *d);

#endif
