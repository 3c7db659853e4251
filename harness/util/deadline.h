/* Absolute deadlines on CLOCK_MONOTONIC, made once at the top and passed down; and the flag by
 * which ctrl-C reaches every wait. Wall time is for records only. */
#ifndef LABRUN_UTIL_DEADLINE_H
#define LABRUN_UTIL_DEADLINE_H

#include "util/error.h"
#include <stdbool.h>
#include <stdint.h>

struct deadline {
    int64_t at_ms; /* CLOCK_MONOTONIC, milliseconds; INT64_MAX is never */
};

#define DEADLINE_NEVER ((struct deadline){INT64_MAX})

int64_t now_ms(void);  /* CLOCK_MONOTONIC in milliseconds */
int64_t boot_ms(void); /* CLOCK_BOOTTIME: the same, and it goes on while the host sleeps */
int64_t wall_ms(void); /* CLOCK_REALTIME in milliseconds since the epoch, for records */

struct deadline deadline_in(int64_t ms);
struct deadline deadline_sooner(struct deadline a, struct deadline b);
bool deadline_passed(struct deadline d);
/* Milliseconds left for poll(): 0 when passed, at most INT_MAX, -1 for never. */
int deadline_poll_ms(struct deadline d);

/* Interruption. cancel_install() makes SIGINT and SIGTERM set a flag and make cancel_fd()
 * readable, for every poll that waits; before that, cancel_fd() is -1, which poll() ignores. */
bool cancel_install(struct lr_error *err) _must_check_;
bool cancel_requested(void);
int cancel_fd(void);
/* False, with LR_EINTERRUPTED, once an interruption was asked for. */
bool cancel_check(struct lr_error *err) _must_check_;
/* While undoing, further signals must not cut the undo short: between cancel_ignore() and
 * cancel_heed(), which nest, no request is seen. It is seen afterwards. */
void cancel_ignore(void);
void cancel_heed(void);

/* Waits until FD (or -1 for none) has EVENTS, the deadline passes or the user interrupts. True with
 * *ret_ready; false only on interruption (LR_EINTERRUPTED) or a poll error. After the deadline
 * nothing is ready any more: a peer that never rests does not keep a loop going. */
bool wait_fd(int fd, short events, struct deadline d, bool *ret_ready, struct lr_error *err)
    _must_check_;

/* Formats milliseconds as people read them: "0.4s", "12s", "3m 05s", "1h 02m". Owned by caller. */
char *format_duration(int64_t ms);
/* Wall time as RFC 3339 in UTC, e.g. 2026-11-24T13:25:12Z. Owned by caller. */
char *format_time(int64_t wall);

#endif
