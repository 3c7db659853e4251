#include "driver/lxc/lxc.h"
#include <pthread.h>

struct call {
    bool (*fn)(void *data, struct lr_error *err);
    void *data;
    struct lr_error *err;
    bool ok;
};

static void *run(void *arg)
{
    struct call *c = arg;
    c->ok = c->fn(c->data, c->err);
    return NULL;
}

bool lxc_on_thread(bool (*fn)(void *data, struct lr_error *err), void *data, struct lr_error *err)
{
    struct call c = {.fn = fn, .data = data, .err = err};
    pthread_t t;
    int rc = pthread_create(&t, NULL, run, &c);
    if (rc)
        return lr_error_errno(err, rc, "starting a thread");
    pthread_join(t, NULL);
    return c.ok;
}
