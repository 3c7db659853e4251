/* Programs on the host: an argv, never a shell string. */
#ifndef LABRUN_UTIL_PROC_H
#define LABRUN_UTIL_PROC_H

#include "util/deadline.h"
#include "util/mem.h"

struct proc_opts {
    const char *cwd;          /* NULL: where we are */
    const char *const *env;   /* NULL-terminated NAME=VALUE; NULL: our own environment */
    int stdin_fd;             /* 0 or -1: /dev/null */
    size_t cap;               /* bytes of output to keep; 0: 1 MiB. More is read and dropped */
    struct deadline deadline; /* at_ms 0: never. When it passes, the process group is killed */
    /* Called for each complete line of output while it runs; NULL to only collect. */
    void (*on_line)(const char *line, void *data);
    void *data;
};

struct proc_result {
    int status;   /* exit status; 128 + signal when killed by one */
    char *output; /* stdout and stderr as they came, terminated; owned */
    size_t output_len;
};

/* Runs ARGV (found along PATH) to its end in a process group of its own. True whenever it ran and
 * was reaped, whatever its exit status; false when it could not be started, when the deadline
 * passed (LR_ETIMEOUT) or on interruption; the group is killed and reaped then. */
bool proc_run(const char *const argv[], const struct proc_opts *opts, struct proc_result *ret,
    struct lr_error *err) _must_check_;

/* As proc_run, but an exit status other than 0 is an error that quotes the last lines of output. */
bool proc_check(const char *const argv[], const struct proc_opts *opts, struct lr_error *err)
    _must_check_;

void proc_result_free(struct proc_result *r);
#define _proc_result_ _cleanup_(proc_result_free)

/* Full path of a program on PATH or in the sbin folders, or NULL; owned by the caller. */
char *proc_find(const char *name);

/* The last N lines of TEXT, inside TEXT. */
const char *last_lines(const char *text, size_t n);

#endif
