/* The floor of a start: the same domains from the same stage, and nothing else. No scenario, no
 * verification, no record, no keys, no sessions, no symptoms. What labrun takes beyond it is
 * labrun's own.
 *
 * It works from a folder with the files that a lab of labrun had: plan.json, and the driver's own
 * record of what the nodes stand on. */
#ifndef LABRUN_TESTS_BENCH_FLOOR_H
#define LABRUN_TESTS_BENCH_FLOOR_H

#include "driver/driver.h"
#include <libvirt/libvirt.h>

struct floor {
    struct driver *driver;
    const struct plan *plan;
    const char *dir;
    const char *stage; /* folder of the stage */
    bool cold;         /* boots from the stage's disks, though there is memory to go on from */
};

/* The lab's networks, one after the other. */
bool floor_segments(virConnectPtr conn, const struct plan *p, struct lr_error *err) _must_check_;

/* Creates everything and returns when the nodes run, not when they answer. */
bool floor_lxc(const struct floor *f, struct lr_error *err) _must_check_;
bool floor_qemu(const struct floor *f, struct lr_error *err) _must_check_;

#endif
