/* Errors: a function that can fail returns bool, true for done, and takes a struct lr_error last.
 * Success leaves it untouched. Each layer adds its context once, in front of the message; the hint
 * says what the user can do next and is kept apart. */
#ifndef LABRUN_UTIL_ERROR_H
#define LABRUN_UTIL_ERROR_H

#include "util/cleanup.h"
#include <stdarg.h>
#include <stdbool.h>

/* What went wrong, as far as a caller or the exit status needs to know. */
enum lr_code {
    LR_OK = 0,
    LR_EINFRA,      /* the lab or the host failed: exit 4 */
    LR_ENOTHING,    /* there is nothing to grade or to act on: exit 2 */
    LR_EUSAGE,      /* the command line is wrong, or names what does not exist: exit 64 */
    LR_ESCENARIO,   /* a scenario or image file is wrong: exit 65 */
    LR_ESERVICE,    /* a needed service is not there (libvirt): exit 69 */
    LR_ETIMEOUT,    /* a deadline passed: exit 4 */
    LR_EBUSY,       /* another command holds the lab: exit 4 */
    LR_EINTERRUPTED /* ctrl-C or SIGTERM: exit 130 */
};

struct lr_error {
    enum lr_code code; /* LR_OK until set */
    char *message;     /* owned; lower case, no full stop */
    char *hint;        /* owned; NULL if there is nothing to advise */
};

#define LR_ERROR_INIT ((struct lr_error){LR_OK, NULL, NULL})

/* Sets the error, replacing an earlier one. Always returns false, so that a caller can
 * `return lr_error_set(...)`. */
bool lr_error_set(struct lr_error *err, enum lr_code code, const char *fmt, ...) _printf_(3, 4);

/* The same with ": " and the text of the errno value ERRNUM added; the code is LR_EINFRA. */
bool lr_error_errno(struct lr_error *err, int errnum, const char *fmt, ...) _printf_(3, 4);

/* Puts the text and ": " in front of a message that is set. Always returns false. */
bool lr_error_prefix(struct lr_error *err, const char *fmt, ...) _printf_(2, 3);

/* Sets the hint, unless a deeper layer has set one. Always returns false. */
bool lr_error_hint(struct lr_error *err, const char *fmt, ...) _printf_(2, 3);

/* Frees what the error holds and makes it empty again. */
void lr_error_clear(struct lr_error *err);

/* Moves the content of SRC to DST, which is cleared first. */
void lr_error_move(struct lr_error *dst, struct lr_error *src);

/* The process exit status that belongs to the code, as in cli/help.c. */
int lr_error_exit_status(enum lr_code code);

#define _lr_error_ _cleanup_(lr_error_clear)

#endif
