/* What the driver keeps of a lab below LAB_DIR:
 *   qemu.json               how the lab came to be; written before anything runs
 *   nodes/NODE/root.qcow2   and disk0.qcow2 …: overlays
 *   nodes/NODE/initrd       the image's with the node's seed appended
 *   nodes/NODE/ram          memory, in a lab that will be frozen and whose memory is not in
 * /dev/shm nodes/NODE/port         the port on 127.0.0.1 that leads to the node's ssh
 *   nodes/NODE/console.log  the serial console
 * A stage folder holds qemu.json (another one: manifest.h), and NODE/{root.qcow2,…,ram,state}. */
#ifndef LABRUN_DRIVER_QEMU_LAB_H
#define LABRUN_DRIVER_QEMU_LAB_H

#include "driver/driver.h"

struct qemu_lab {
    bool for_stage;     /* memory lies in files of its own, mapped shared */
    int64_t clock;      /* what the nodes' clocks showed (seconds since the epoch) … */
    int64_t since;      /* … when the host's showed this, … */
    int64_t since_ms;   /* … and boot_ms() was this, */
    char *boot_id;      /* in this boot of the host */
    struct strv images; /* the image folder of each node */
};

void qemu_lab_free(struct qemu_lab *l);
#define _qemu_lab_ _cleanup_(qemu_lab_free)

bool qemu_lab_write(const char *lab_dir, const struct qemu_lab *l, struct lr_error *err)
    _must_check_;
/* Fails when it is not one of a lab with N nodes. */
bool qemu_lab_read(const char *lab_dir, size_t n, struct qemu_lab *ret, struct lr_error *err)
    _must_check_;

/* A record of now: the nodes' clocks show CLOCK, or what the host's does if that is 0. */
void qemu_lab_begin(struct qemu_lab *l, int64_t clock);
/* What the nodes' clocks show now (seconds since the epoch), had nobody set them. The host's clock
 * may have been set since; it counts only over a boot of the host. */
int64_t qemu_lab_clock(const struct qemu_lab *l);

/* LAB_DIR/nodes/NODE/FILE; owned. */
char *qemu_lab_path(const char *lab_dir, const struct plan_node *node, const char *file);
/* Where the memory of a node lies that will be frozen; owned. */
char *qemu_ram_path(const char *lab_dir, const struct plan_node *node);
/* "root.qcow2" for 0, "disk0.qcow2" for 1, …; owned. */
char *qemu_disk_name(size_t i);

/* A port of 127.0.0.1 that is free now, written down before it is used. */
bool qemu_port_pick(const char *lab_dir, const struct plan_node *node, unsigned *ret,
    struct lr_error *err) _must_check_;
bool qemu_port_read(const char *lab_dir, const struct plan_node *node, unsigned *ret,
    struct lr_error *err) _must_check_;

#endif
