/* Cleanup attributes: a resource is declared with the function that ends it, and ends with its
 * scope. Handing it on is visible: *ret_x = STEAL(x). */
#ifndef LABRUN_UTIL_CLEANUP_H
#define LABRUN_UTIL_CLEANUP_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)     __attribute__((cleanup(f)))
#define _must_check_     __attribute__((warn_unused_result))
#define _printf_(fmt, a) __attribute__((format(printf, fmt, a)))

/* Takes a pointer out of its variable, which becomes NULL. */
#define STEAL(p)                                                                                   \
    ({                                                                                             \
        __typeof__(p) stolen_ = (p);                                                               \
        (p) = NULL;                                                                                \
        stolen_;                                                                                   \
    })

/* Takes a file descriptor out of its variable, which becomes -1. */
static inline int steal_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

static inline void cleanup_free(void *p)
{
    free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
    if (*f)
        fclose(*f);
}

static inline void cleanup_json(json_t **j)
{
    json_decref(*j);
}

#define _free_   _cleanup_(cleanup_free)
#define _close_  _cleanup_(cleanup_close)
#define _fclose_ _cleanup_(cleanup_fclose)
#define _json_   _cleanup_(cleanup_json)

#endif
