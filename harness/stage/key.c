/* What goes into a stage's address. Everything that could make two stages differ, or make one
 * unusable elsewhere: the images, the nodes as planned, the driver's own part, and the scripts. Not
 * the checks, hints and texts: they may be edited without building anything again. */
#include "stage/stage.h"

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
    struct hasher *h, const struct stage_source *src, const char *file, struct lr_error *err)
{
    _free_ char *path = scenario_path(src->scenario, file);
    _strv_ struct strv given = STRV_INIT;
    const struct script *script;
    if (!scripts_get(src->scripts, path, &script, err))
        return false;
    hasher_add_content(h, script->text, script->len, script->executable);
    scenario_script_parameters(src->scenario, script->text, script->len, &given);
    for (size_t i = 0; i < given.n; i++)
        hasher_adds(h, given.items[i]);
    return true;
}

static bool add_steps(struct hasher *h, const struct stage_source *src, const struct steps *steps,
    struct lr_error *err)
{
    for (size_t i = 0; i < steps->n; i++) {
        hasher_adds(h, src->scenario->nodes[steps->items[i].node].name);
        hasher_adds(h, steps->items[i].script);
        if (!add_script(h, src, steps->items[i].script, err))
            return false;
    }
    return true;
}

static char *healthy_key(const struct stage_source *src, struct lr_error *err)
{
    _hasher_ struct hasher *h = hasher_new();
    hasher_adds(h, STAGE_FORMAT);
    hasher_adds(h, src->ops->name);
    if (!src->ops->stage_key(src->driver, h, err))
        return NULL;
    for (size_t i = 0; i < src->plan->n_nodes; i++) {
        hasher_adds(h, src->image_keys[i]);
        add_node(h, src->plan, &src->plan->nodes[i]);
    }
    if (!add_steps(h, src, &src->scenario->healthy, err))
        return NULL;
    return hasher_finish(h);
}

static char *broken_key(const struct stage_source *src, const char *healthy, struct lr_error *err)
{
    _hasher_ struct hasher *h = hasher_new();
    hasher_adds(h, healthy);
    size_t n = src->faults ? src->n_faults : src->scenario->n_faults;
    for (size_t i = 0; i < n; i++) {
        const struct fault *f = &src->scenario->faults[src->faults ? src->faults[i] : i];
        hasher_adds(h, f->id);
        if (!add_steps(h, src, &f->steps, err))
            return NULL;
    }
    return hasher_finish(h);
}

bool stage_keys_make(const struct stage_source *src, struct stage_keys *ret, struct lr_error *err)
{
    _stage_keys_ struct stage_keys k = {0};
    k.healthy = healthy_key(src, err);
    if (!k.healthy)
        return false;
    k.broken = broken_key(src, k.healthy, err);
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
