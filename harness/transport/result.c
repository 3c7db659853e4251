#include "transport/client.h"
#include "util/mem.h"

void run_result_free(struct run_result *r)
{
    free(r->signal);
    free(r->out);
    free(r->err);
    *r = (struct run_result){.end = RUN_LOST};
}

char *run_result_describe(const struct run_result *r)
{
    switch (r->end) {
    case RUN_EXITED:
        return xasprintf("exit status %d", r->status);
    case RUN_SIGNALLED:
        return xasprintf("killed by signal %s", r->signal ? r->signal : "(unnamed)");
    case RUN_TIMED_OUT: {
        _free_ char *time = format_duration(r->duration_ms);
        return xasprintf("no answer within %s", time);
    }
    case RUN_LOST:
        break;
    }
    return xstrdup("connection lost");
}
