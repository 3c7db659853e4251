/* Messages from the library to whoever runs it. Library code never prints: it hands a line to the
 * sink that cli/ installed, which decides whether and how a person sees it. */
#ifndef LABRUN_UTIL_LOG_H
#define LABRUN_UTIL_LOG_H

#include "util/cleanup.h"

enum log_level {
    LOG_LEVEL_WARNING, /* the user should know, though the command goes on */
    LOG_LEVEL_INFO,    /* a step of long work: progress */
    LOG_LEVEL_DEBUG    /* --verbose: which way was taken and why */
};

typedef void (*log_sink)(enum log_level level, const char *line, void *data);

/* Installs the sink; it must be safe to call from any thread. Call it before threads start. */
void log_set_sink(log_sink sink, void *data);

void log_warning(const char *fmt, ...) _printf_(1, 2);
void log_info(const char *fmt, ...) _printf_(1, 2);
void log_debug(const char *fmt, ...) _printf_(1, 2);

#endif
