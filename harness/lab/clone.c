/* Clones that boot get the lab's keys as seeds. Clones of memory come up with the keys of their
 * stage, which every other clone has too: they are reached with those once, and given the lab's own
 * keys and fresh random state before anybody else gets in. */
#include "lab/clone.h"
#include "lab/collateral.h"
#include "lab/keys.h"
#include "lab/life.h"
#include "lab/ready.h"
#include "transport/quote.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"
#include "util/proc.h"

#define ANSWER_MS (10 * 60 * 1000)
#define REKEY_MS  (2 * 60 * 1000)

struct rekey {
    struct nodes *nodes;
    const struct seed *seeds; /* one a node */
    const struct plan *plan;
    struct timings *timings;
};

static bool is_key_file(const struct seed_file *f)
{
    return has_prefix(f->path, "/etc/ssh/") || has_prefix(f->path, "/root/.ssh/");
}

/* Nothing is executed, only the shell's own commands: an emulated node takes a tenth of a second
 * for each program. Nobody else logs in meanwhile, and sshd reads its key when it is told to. */
static char *rekey_script(const struct seed *seed)
{
    _free_ char *noise = random_token(256);
    struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b,
        "set -eu\necho %s >/dev/urandom\n[ -d /root/.ssh ] || mkdir -m 700 /root/.ssh\n", noise);
    for (size_t i = 0; i < seed->n; i++) {
        const struct seed_file *f = &seed->files[i];
        if (!is_key_file(f))
            continue;
        strbuf_addf(&b, "umask %03o\nprintf %%s ", 0777 & ~(unsigned)f->mode);
        quote_add(&b, f->data);
        strbuf_addf(&b, " >%s\n", f->path);
    }
    strbuf_adds(&b, "read -r pid </run/sshd.pid && kill -HUP \"$pid\" || systemctl reload ssh\n");
    return strbuf_steal(&b);
}

static bool rekey_one(size_t i, void *data, struct lr_error *err)
{
    struct rekey *r = data;
    int64_t began = now_ms();
    struct deadline d = deadline_in(REKEY_MS);
    struct client *c;
    if (!nodes_get(r->nodes, i, d, &c, err))
        return false;
    _free_ char *script = rekey_script(&r->seeds[i]);
    struct run_request req = {
        .command = ". /dev/stdin", .input = script, .input_len = strlen(script), .deadline = d};
    _run_result_ struct run_result res = {0};
    if (!client_run(c, &req, &res, err))
        return false;
    timings_part(r->timings, "keys", r->plan->nodes[i].name, began);
    if (res.end == RUN_EXITED && res.status == 0)
        return true;
    _free_ char *how = run_result_describe(&res);
    return lr_error_set(err, LR_EINFRA, "giving node '%s' its own keys: %s: %s",
        r->plan->nodes[i].name, how, last_lines(res.err, 3));
}

static bool rekey(const struct host *h, const struct lab *lab, const struct warm *w,
    enum stage_kind kind, const struct seed *seeds, struct lr_error *err)
{
    const char *key = kind == STAGE_OF_HEALTHY ? w->keys.healthy : w->keys.broken;
    _free_ char *stage = stage_dir(h->state_dir, key);
    _free_ char *stage_keys = path_join(stage, "keys");
    _nodes_ struct nodes *nodes = nodes_new(h, lab, stage_keys);
    if (!nodes_wait(nodes, !h->ops->clones_memory, deadline_in(ANSWER_MS), err))
        return false;
    struct rekey r = {nodes, seeds, lab->plan, h->timings};
    bool ok = parallel_run_few(lab->plan->n_nodes, nodes_at_once(nodes), rekey_one, &r, err);
    timings_phase(h->timings, "rekey");
    return ok;
}

static bool bring_up(const struct host *h, struct lab *lab, const struct warm *w,
    enum stage_kind kind, const struct seed *seeds, struct lr_error *err)
{
    _strv_ struct strv dirs = STRV_INIT;
    struct driver_source src;
    warm_source(h, w, kind, &dirs, &src);
    bool cold = false;
    src.ret_cold = &cold;
    src.timings = h->timings;
    log_info("cloning %zu nodes", lab->plan->n_nodes);
    if (!life_create(h, lab, &src, seeds, err))
        return false;
    timings_phase(h->timings, "power-on");
    if (cold)
        log_debug("memory could not be cloned: the nodes boot from the stage's disks");
    lab->cold = cold;
    return cold || !h->ops->clones_memory || rekey(h, lab, w, kind, seeds, err);
}

bool clone_up(const struct host *h, struct lab *lab, const struct scenario *sc,
    const struct warm *w, enum stage_kind kind, const struct checks *ready,
    struct nodes **ret_nodes, struct lr_error *err)
{
    _free_ char *keys = path_join(lab->dir, "keys");
    struct seed *seeds = NULL;
    if ((!path_exists(keys) && !keys_make(lab->plan, keys, err)) || !keys_known_hosts(lab, err) ||
        !keys_seeds(lab->plan, keys, &seeds, err))
        return false;
    timings_phase(h->timings, "keys");
    bool up = bring_up(h, lab, w, kind, seeds, err);
    seeds_free(seeds, lab->plan->n_nodes);
    if (!up)
        return false;
    _nodes_ struct nodes *nodes = nodes_new(h, lab, keys);
    log_info("waiting for %zu nodes to answer", lab->plan->n_nodes);
    if (!nodes_wait(nodes, !h->ops->clones_memory, deadline_in(ANSWER_MS), err))
        return false;
    timings_phase(h->timings, "ssh");
    if (!ready_wait(nodes, lab, sc, ready, h->timings, err))
        return false;
    timings_phase(h->timings, "symptoms");
    const char *key = kind == STAGE_OF_HEALTHY ? w->keys.healthy : w->keys.broken;
    _free_ char *stage = stage_dir(h->state_dir, key);
    if (!collateral_record(nodes, sc, stage, FACTS_FILE, false, err))
        return false;
    *ret_nodes = STEAL(nodes);
    return true;
}
