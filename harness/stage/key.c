/* What goes into a stage's address. Everything that could make two stages differ, or make one
 * unusable elsewhere: the images, the nodes as planned, the driver's own part, and the scripts. Not
 * the checks, hints and texts: they may be edited without building anything again. */
#include "stage/stage.h"
#include "util/fs.h"

#define STAGE_FORMAT "labrun-stage-3"

static void add_number(struct hasher *h, int64_t n)
{
    _free_ char *text = xasprintf("%lld", (long long)n);
    hasher_adds(h, text);
}

static void add_node(struct hasher *h, const struct plan *p, const struct plan_node *n)
{
    hasher_adds(h, n->name);
    add_number(h, n->witness);
    add_number(h, n->memory_mib);
    add_number(h, n->vcpus);
    for (size_t i = 0; i < n->n_disks; i++)
        add_number(h, n->disks_mib[i]);
    for (size_t i = 0; i < n->n_nics; i++) {
        const struct plan_nic *nic = &n->nics[i];
        hasher_adds(h, p->segments[nic->segment].network);
        add_number(h, p->segments[nic->segment].mtu);
        hasher_adds(h, nic->mac);
        for (size_t k = 0; k < nic->addresses.n; k++)
            hasher_adds(h, nic->addresses.items[k]);
    }
}

/* The script itself, and the values that it is given: those of parameters that it does not name
 * are kept from it, so that variants which differ in nothing else share the stage. */
static bool add_script(
    struct hasher *h, const struct scenario *sc, const char *script, struct lr_error *err)
{
    _free_ char *path = scenario_path(sc, script);
    _free_ char *text = NULL;
    _strv_ struct strv given = STRV_INIT;
    size_t len;
    if (!hasher_add_file(h, path, err) || !file_read(path, SCENARIO_MAX_SCRIPT, &text, &len, err))
        return false;
    scenario_script_parameters(sc, text, len, &given);
    for (size_t i = 0; i < given.n; i++)
        hasher_adds(h, given.items[i]);
    return true;
}

static bool add_steps(
    struct hasher *h, const struct scenario *sc, const struct steps *steps, struct lr_error *err)
{
    for (size_t i = 0; i < steps->n; i++) {
        hasher_adds(h, sc->nodes[steps->items[i].node].name);
        hasher_adds(h, steps->items[i].script);
        if (!add_script(h, sc, steps->items[i].script, err))
            return false;
    }
    return true;
}

static char *healthy_key(const struct scenario *sc, const struct plan *p,
    const char *const *image_keys, const struct driver_ops *ops, struct driver *d,
    struct lr_error *err)
{
    _hasher_ struct hasher *h = hasher_new();
    hasher_adds(h, STAGE_FORMAT);
    hasher_adds(h, ops->name);
    if (!ops->stage_key(d, h, err))
        return NULL;
    for (size_t i = 0; i < p->n_nodes; i++) {
        hasher_adds(h, image_keys[i]);
        add_node(h, p, &p->nodes[i]);
    }
    if (!add_steps(h, sc, &sc->healthy, err))
        return NULL;
    return hasher_finish(h);
}

static char *broken_key(const struct scenario *sc, const char *healthy, const size_t *faults,
    size_t n, struct lr_error *err)
{
    _hasher_ struct hasher *h = hasher_new();
    hasher_adds(h, healthy);
    for (size_t i = 0; i < n; i++) {
        const struct fault *f = &sc->faults[faults ? faults[i] : i];
        hasher_adds(h, f->id);
        if (!add_steps(h, sc, &f->steps, err))
            return NULL;
    }
    return hasher_finish(h);
}

bool stage_keys_make(const struct scenario *sc, const struct plan *p, const char *const *image_keys,
    const struct driver_ops *ops, struct driver *d, const size_t *faults, size_t n,
    struct stage_keys *ret, struct lr_error *err)
{
    _stage_keys_ struct stage_keys k = {0};
    k.healthy = healthy_key(sc, p, image_keys, ops, d, err);
    if (!k.healthy)
        return false;
    k.broken = broken_key(sc, k.healthy, faults, faults ? n : sc->n_faults, err);
    if (!k.broken)
        return false;
    *ret = k;
    k = (struct stage_keys){0};
    return true;
}

void stage_keys_free(struct stage_keys *k)
{
    free(k->healthy);
    free(k->broken);
    *k = (struct stage_keys){0};
}
