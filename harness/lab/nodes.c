#include "lab/nodes.h"
#include "lab/keys.h"
#include "util/log.h"
#include "util/parallel.h"
#include <pthread.h>
#include <time.h>

/* How long one attempt at connect, key exchange and login may take before it is made anew: a node
 * that is booting can accept and then stall. */
#define HANDSHAKE_MS 15000
#define RETRY_MS     150

struct slot {
    pthread_mutex_t lock;
    struct client *current; /* NULL until opened; also in `all` */
    struct client **all;    /* every client ever opened: callers may still hold an older one */
    size_t n_all;
};

struct nodes {
    const struct host *host;
    const struct lab *lab;
    char *keys;
    struct slot *slots; /* one a node */
};

struct nodes *nodes_new(const struct host *h, const struct lab *lab, const char *keys)
{
    struct nodes *n = xnew(struct nodes);
    n->host = h;
    n->lab = lab;
    n->keys = xstrdup(keys);
    n->slots = xcalloc(lab->plan->n_nodes, sizeof *n->slots);
    for (size_t i = 0; i < lab->plan->n_nodes; i++)
        pthread_mutex_init(&n->slots[i].lock, NULL);
    return n;
}

int nodes_patience(const struct nodes *n)
{
    const struct host *h = n->host;
    return h->ops->patience ? h->ops->patience(h->driver) : 1;
}

size_t nodes_at_once(const struct nodes *n)
{
    return nodes_patience(n) == 1 ? n->lab->plan->n_nodes : 2 * processors();
}

void nodes_free(struct nodes *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->lab->plan->n_nodes; i++) {
        for (size_t k = 0; k < n->slots[i].n_all; k++)
            client_close(n->slots[i].all[k]);
        free(n->slots[i].all);
        pthread_mutex_destroy(&n->slots[i].lock);
    }
    free(n->slots);
    free(n->keys);
    free(n);
}

static bool open_once(
    struct nodes *n, size_t node, struct deadline d, struct client **ret, struct lr_error *err)
{
    const struct plan *p = n->lab->plan;
    const char *name = p->nodes[node].name;
    _free_ char *public_name = xasprintf("%s.pub", name);
    _free_ char *host_key = NULL;
    if (!key_read(n->keys, public_name, &host_key, err))
        return false;
    _free_ char *key_file = xasprintf("%s/grader", n->keys);
    struct client_conf conf = {.node = name, .key_file = key_file, .host_key = host_key};
    int fd;
    if (!n->host->ops->dial(n->host->driver, p, node, n->lab->dir, d, &fd, err))
        return false;
    return client_open(
        ret, fd, &conf, deadline_sooner(d, deadline_in(HANDSHAKE_MS * nodes_patience(n))), err);
}

/* What to do about a node that is off: it will never answer. */
enum when_off {
    OFF_IS_FINAL,  /* nobody boots it while this command has the lab */
    OFF_IS_BOOTED, /* once */
    OFF_IS_ERROR,
};

/* False when the node is off and stays so. */
static bool keep_on(struct nodes *n, size_t node, enum when_off *off, struct lr_error *err)
{
    const struct host *h = n->host;
    const struct plan *p = n->lab->plan;
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    enum node_state state;
    if (!h->ops->node_state(h->driver, p, node, &state, &own) || state != NODE_OFF)
        return true;
    if (*off != OFF_IS_BOOTED)
        return lr_error_set(
            err, LR_EINFRA, *off == OFF_IS_FINAL ? "it is off" : "it went off while it booted");
    log_warning("node '%s' went off: booting it again", p->nodes[node].name);
    *off = OFF_IS_ERROR;
    return h->ops->boot(h->driver, p, (int)node, n->lab->dir, err);
}

/* Tries until the deadline; the last reason is what the user is told. */
static bool open_until(struct nodes *n, size_t node, enum when_off off, struct deadline d,
    struct client **ret, struct lr_error *err)
{
    for (;;) {
        if (open_once(n, node, d, ret, err))
            return true;
        if (err->code == LR_EINTERRUPTED || err->code == LR_ESERVICE || deadline_passed(d))
            break;
        if (!keep_on(n, node, &off, err))
            break;
        log_debug("node '%s': %s; trying again", n->lab->plan->nodes[node].name, err->message);
        bool ready;
        if (!wait_fd(-1, 0, deadline_sooner(d, deadline_in(RETRY_MS)), &ready, err))
            break;
        lr_error_clear(err);
    }
    return lr_error_prefix(err, "node '%s' of lab '%s' cannot be reached over ssh",
        n->lab->plan->nodes[node].name, n->lab->name);
}

/* Somebody else may be trying to reach the node, and for longer than this caller has time. */
static bool lock_until(struct nodes *n, size_t node, struct deadline d, struct lr_error *err)
{
    struct timespec at = {.tv_sec = d.at_ms / 1000, .tv_nsec = d.at_ms % 1000 * 1000000};
    if (pthread_mutex_clocklock(&n->slots[node].lock, CLOCK_MONOTONIC, &at) == 0)
        return true;
    return lr_error_set(err, LR_ETIMEOUT,
        "node '%s' of lab '%s' cannot be reached over ssh in time", n->lab->plan->nodes[node].name,
        n->lab->name);
}

static bool get(struct nodes *n, size_t node, enum when_off off, struct deadline d,
    struct client **ret, struct lr_error *err)
{
    struct slot *s = &n->slots[node];
    if (!lock_until(n, node, d, err))
        return false;
    bool ok = true;
    if (!s->current || !client_alive(s->current)) {
        struct client *c = NULL;
        ok = open_until(n, node, off, d, &c, err);
        if (ok) {
            *array_append(s->all, s->n_all) = c;
            s->current = c;
        }
    }
    if (ok)
        *ret = s->current;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool nodes_get(
    struct nodes *n, size_t node, struct deadline d, struct client **ret, struct lr_error *err)
{
    return get(n, node, OFF_IS_FINAL, d, ret, err);
}

void nodes_forget(struct nodes *n)
{
    for (size_t i = 0; i < n->lab->plan->n_nodes; i++) {
        pthread_mutex_lock(&n->slots[i].lock);
        n->slots[i].current = NULL;
        pthread_mutex_unlock(&n->slots[i].lock);
    }
}

struct wait_job {
    struct nodes *nodes;
    enum when_off off;
    struct deadline deadline;
};

static bool wait_one(size_t i, void *data, struct lr_error *err)
{
    struct wait_job *job = data;
    struct nodes *n = job->nodes;
    struct client *c;
    int64_t began = now_ms();
    if (!get(n, i, job->off, job->deadline, &c, err))
        return false;
    timings_part(n->host->timings, "ssh", n->lab->plan->nodes[i].name, began);
    return true;
}

bool nodes_wait(struct nodes *n, bool may_boot, struct deadline d, struct lr_error *err)
{
    struct wait_job job = {n, may_boot ? OFF_IS_BOOTED : OFF_IS_ERROR, d};
    size_t all = n->lab->plan->n_nodes;
    return parallel_run_few(all, may_boot ? all : nodes_at_once(n), wait_one, &job, err);
}

struct run_job {
    struct nodes *nodes;
    const char *command;
    struct deadline deadline;
};

static bool run_one(size_t i, void *data, struct lr_error *err)
{
    struct run_job *job = data;
    const char *node = job->nodes->lab->plan->nodes[i].name;
    struct client *c;
    if (!nodes_get(job->nodes, i, job->deadline, &c, err))
        return false;
    struct run_request req = {.command = job->command, .deadline = job->deadline};
    _run_result_ struct run_result r = {0};
    if (!client_run(c, &req, &r, err))
        return false;
    if (r.end == RUN_EXITED && r.status == 0)
        return true;
    _free_ char *how = run_result_describe(&r);
    return lr_error_set(err, LR_EINFRA, "on node '%s', '%s': %s", node, job->command, how);
}

bool nodes_run_all(struct nodes *n, const char *command, int64_t timeout_ms, struct lr_error *err)
{
    struct run_job job = {n, command, deadline_in(timeout_ms)};
    return parallel_run(n->lab->plan->n_nodes, run_one, &job, err);
}
