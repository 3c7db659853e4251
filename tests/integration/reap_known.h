/* For tests of a driver's reap: labs that are known by a list instead of by the state folder. */
#ifndef LABRUN_TESTS_REAP_KNOWN_H
#define LABRUN_TESTS_REAP_KNOWN_H

#include "driver/driver.h"

static inline bool is_not_known(const char *lab, void *data, int *ret_lock)
{
    *ret_lock = -1;
    return !strv_contains(data, lab);
}

static inline void know_again(const char *lab, void *data, int lock)
{
    (void)lab;
    (void)data;
    (void)lock;
}

/* KNOWN: borrowed. */
static inline struct reap_guard reap_all_but(struct strv *known)
{
    return (struct reap_guard){is_not_known, know_again, known};
}

#endif
