/* Talking to an emulator's monitor through libvirt, and moving its state in and out. */
#ifndef LABRUN_DRIVER_QEMU_QMP_H
#define LABRUN_DRIVER_QEMU_QMP_H

#include "driver/virt.h"
#include "util/deadline.h"

/* Sends COMMAND (stolen) and gives what it returned; *ret may be NULL when nobody asks. FD, unless
 * -1, goes along and stays the caller's. A refusal by the emulator is an error with its words. */
bool qmp(virDomainPtr dom, json_t *command, int fd, json_t **ret, struct lr_error *err)
    _must_check_;

/* Writes the state of a suspended domain, without the memory that is in shared files, to FD. */
bool qmp_state_out(virDomainPtr dom, int fd, struct deadline deadline, struct lr_error *err)
    _must_check_;

/* Feeds a domain that waits for it ("-incoming defer") the state in FD. The process must ignore
 * SIGPIPE (cancel_install() does): an emulator that takes no more closes its end. */
bool qmp_state_in(virDomainPtr dom, int fd, struct deadline deadline, struct lr_error *err)
    _must_check_;

/* The date that the domain's RTC shows, in seconds since the epoch. */
bool qmp_rtc(virDomainPtr dom, int64_t *ret, struct lr_error *err) _must_check_;

#endif
