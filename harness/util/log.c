#include "util/log.h"
#include "util/mem.h"

static log_sink current;
static void *current_data;

void log_set_sink(log_sink sink, void *data)
{
    current = sink;
    current_data = data;
}

static void emit(enum log_level level, const char *fmt, va_list ap) _printf_(2, 0);

static void emit(enum log_level level, const char *fmt, va_list ap)
{
    if (!current)
        return;
    _free_ char *line = xvasprintf(fmt, ap);
    current(level, line, current_data);
}

#define DEFINE_LOG(name, level)                                                                    \
    void name(const char *fmt, ...)                                                                \
    {                                                                                              \
        va_list ap;                                                                                \
        va_start(ap, fmt);                                                                         \
        emit(level, fmt, ap);                                                                      \
        va_end(ap);                                                                                \
    }

DEFINE_LOG(log_warning, LOG_LEVEL_WARNING)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
