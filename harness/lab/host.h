/* Where labs live: the state folder, and a driver that was chosen and opened. */
#ifndef LABRUN_LAB_HOST_H
#define LABRUN_LAB_HOST_H

#include "driver/driver.h"

struct host {
    char *state_dir;
    const struct driver_ops *ops;
    struct driver *driver;
    char *reason;            /* why this driver was taken, one line; NULL when it was named */
    struct timings *timings; /* borrowed: who asks where the time goes; NULL: nobody */
};

/* Opens the driver NAME, or with "auto" (or NULL) the one that suits the host and what SC needs (SC
 * may be NULL): qemu with KVM; else lxc where the host and the scenario allow; else qemu with TCG.
 * Makes the state folder where it is missing. */
bool host_open(const char *state_dir, const char *name, const struct scenario *sc, struct host *ret,
    struct lr_error *err) _must_check_;
/* Opens the driver that made a lab; looks at nothing else. */
bool host_open_as(const char *state_dir, const char *driver, struct host *ret, struct lr_error *err)
    _must_check_;
void host_close(struct host *h);
#define _host_ _cleanup_(host_close)

#endif
