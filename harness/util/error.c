#include "util/error.h"
#include "util/mem.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void replace(struct lr_error *err, enum lr_code code, char *message)
{
    lr_error_clear(err);
    err->code = code;
    err->message = message;
}

bool lr_error_set(struct lr_error *err, enum lr_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    replace(err, code, xvasprintf(fmt, ap));
    va_end(ap);
    return false;
}

bool lr_error_errno(struct lr_error *err, int errnum, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *what = xvasprintf(fmt, ap);
    va_end(ap);
    replace(err, LR_EINFRA, xasprintf("%s: %s", what, strerrordesc_np(errnum)));
    if (errnum == ENOSPC)
        lr_error_hint(err, "free disk space (`labrun gc` removes stale stages), then try again");
    return false;
}

bool lr_error_prefix(struct lr_error *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *what = xvasprintf(fmt, ap);
    va_end(ap);
    char *joined = xasprintf("%s: %s", what, err->message ? err->message : "unknown error");
    free(err->message);
    err->message = joined;
    return false;
}

bool lr_error_hint(struct lr_error *err, const char *fmt, ...)
{
    if (err->hint)
        return false;
    va_list ap;
    va_start(ap, fmt);
    err->hint = xvasprintf(fmt, ap);
    va_end(ap);
    return false;
}

void lr_error_clear(struct lr_error *err)
{
    free(err->message);
    free(err->hint);
    *err = LR_ERROR_INIT;
}

void lr_error_move(struct lr_error *dst, struct lr_error *src)
{
    lr_error_clear(dst);
    *dst = *src;
    *src = LR_ERROR_INIT;
}

int lr_error_exit_status(enum lr_code code)
{
    static const int status[] = {
        [LR_OK] = 0,
        [LR_EINFRA] = 4,
        [LR_ENOTHING] = 2,
        [LR_EUSAGE] = 64,
        [LR_ESCENARIO] = 65,
        [LR_ESERVICE] = 69,
        [LR_ETIMEOUT] = 4,
        [LR_EBUSY] = 4,
        [LR_EINTERRUPTED] = 130,
    };
    return status[code];
}
