/* LAB_DIR/lxc.json is written before anything of the lab is made. destroy() needs no more than the
 * plan; boot() needs the layers after a restart of the host; other labs look for the uid range. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include <errno.h>

#define FORMAT   1
#define FILE_CAP ((size_t)4 << 20)

static void clear_stack(struct lxc_stack *s)
{
    for (size_t k = 0; k < s->n; k++)
        free(s->layers[k].path);
    free(s->layers);
    *s = (struct lxc_stack){0};
}

void lxc_record_free(struct lxc_record *r)
{
    for (size_t i = 0; i < r->n_nodes; i++)
        clear_stack(&r->nodes[i]);
    free(r->nodes);
    *r = (struct lxc_record){0};
}

char *lxc_node_dir(const char *lab_dir, const struct plan_node *n)
{
    return xasprintf("%s/nodes/%s", lab_dir, n->name);
}

/* Takes over PATH. */
static void add_layer(struct lxc_stack *s, char *path, uint32_t uid_base)
{
    struct lxc_layer *l = array_append(s->layers, s->n);
    l->path = path;
    l->uid_base = uid_base;
}

/* The first host uid of each stage's layers; owned. NULL when one cannot be told. */
static uint32_t *stage_uids(const struct driver_source *src, struct lr_error *err)
{
    _free_ uint32_t *uids = xcalloc(src->n_stages + 1, sizeof *uids);
    for (size_t s = 0; s < src->n_stages; s++)
        if (!lxc_stage_uid_base(src->stage_dirs[s], &uids[s], err))
            return NULL;
    return STEAL(uids);
}

/* Fills RET, which is empty, with what node I stands on. UIDS: stage_uids(). */
static void add_stack(const struct plan *p, size_t i, const struct driver_source *src,
    const uint32_t *uids, struct lxc_stack *ret)
{
    add_layer(ret, path_join(src->image_dirs[i], "root"), 0);
    add_layer(ret, path_join(src->image_dirs[i], "lxc"), 0);
    for (size_t s = 0; s < src->n_stages; s++)
        add_layer(ret, xasprintf("%s/%s/upper", src->stage_dirs[s], p->nodes[i].name), uids[s]);
}

static bool add_stacks(const struct plan *p, const struct driver_source *src, struct lxc_record *r,
    struct lr_error *err)
{
    _free_ uint32_t *uids = stage_uids(src, err);
    r->n_nodes = p->n_nodes;
    r->nodes = xcalloc(p->n_nodes, sizeof *r->nodes);
    for (size_t i = 0; uids && i < p->n_nodes; i++)
        add_stack(p, i, src, uids, &r->nodes[i]);
    return uids != NULL;
}

static json_t *to_json(const struct plan *p, const struct lxc_record *r)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < r->n_nodes; i++) {
        json_t *layers = json_array();
        for (size_t k = 0; k < r->nodes[i].n; k++) {
            const struct lxc_layer *l = &r->nodes[i].layers[k];
            json_array_append_new(layers,
                json_pack("{s:s, s:I}", "path", l->path, "uid_base", (json_int_t)l->uid_base));
        }
        json_array_append_new(
            nodes, json_pack("{s:s, s:o}", "name", p->nodes[i].name, "layers", layers));
    }
    return json_pack(
        "{s:i, s:I, s:o}", "format", FORMAT, "uid_base", (json_int_t)r->uid_base, "nodes", nodes);
}

static bool write_record(
    const struct plan *p, const struct lxc_record *r, const char *lab_dir, struct lr_error *err)
{
    _json_ json_t *j = to_json(p, r);
    _free_ char *text = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
    if (!text)
        return lr_error_set(err, LR_EINFRA, "the path of a layer is not UTF-8");
    _free_ char *path = path_join(lab_dir, LXC_FILE);
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

bool lxc_record_make(const struct plan *p, const struct driver_source *src, const char *lab_dir,
    struct lxc_record *ret, struct lr_error *err)
{
    _lxc_record_ struct lxc_record r = {0};
    _free_ char *locks = path_join(p->state_dir, "locks");
    _free_ char *lock = path_join(locks, "lxc-uids");
    _free_ char *labs = xstrndup(lab_dir, (size_t)(strrchr(lab_dir, '/') - lab_dir));
    _close_ int held = -1;
    /* The range is chosen and written down under the lock: the next who looks sees it. */
    if (!add_stacks(p, src, &r, err) || !dir_make(locks, 0700, err) ||
        !file_lock(lock, true, &held, err) ||
        !lxc_uids_choose(labs, p->nodes[0].uuid, &r.uid_base, err) ||
        !write_record(p, &r, lab_dir, err))
        return false;
    *ret = r;
    r = (struct lxc_record){0};
    return true;
}

static bool stack_from_json(const json_t *layers, struct lxc_stack *s)
{
    size_t k;
    const json_t *l;
    json_array_foreach (layers, k, l) {
        const char *path = json_string_value(json_object_get(l, "path"));
        json_int_t base = json_integer_value(json_object_get(l, "uid_base"));
        if (!path || base < 0 || base > UINT32_MAX)
            return false;
        add_layer(s, xstrdup(path), (uint32_t)base);
    }
    return s->n > 0;
}

static bool from_json(const json_t *j, const struct plan *p, struct lxc_record *r)
{
    json_int_t base = json_integer_value(json_object_get(j, "uid_base"));
    const json_t *nodes = json_object_get(j, "nodes");
    if (json_integer_value(json_object_get(j, "format")) != FORMAT || base <= 0 ||
        base > UINT32_MAX || json_array_size(nodes) != p->n_nodes)
        return false;
    r->uid_base = (uint32_t)base;
    r->n_nodes = p->n_nodes;
    r->nodes = xcalloc(p->n_nodes, sizeof *r->nodes);
    for (size_t i = 0; i < p->n_nodes; i++) {
        const json_t *n = json_array_get(nodes, i);
        const char *name = json_string_value(json_object_get(n, "name"));
        if (!name || !streq(name, p->nodes[i].name) ||
            !stack_from_json(json_object_get(n, "layers"), &r->nodes[i]))
            return false;
    }
    return true;
}

bool lxc_record_load(
    const struct plan *p, const char *lab_dir, struct lxc_record *ret, struct lr_error *err)
{
    _free_ char *path = path_join(lab_dir, LXC_FILE);
    _free_ char *text = NULL;
    if (!file_read(path, FILE_CAP, &text, NULL, err))
        return false;
    _json_ json_t *j = json_loads(text, 0, NULL);
    _lxc_record_ struct lxc_record r = {0};
    if (!from_json(j, p, &r))
        return lr_error_set(err, LR_EINFRA, "'%s' is damaged or of another version", path);
    *ret = r;
    r = (struct lxc_record){0};
    return true;
}

bool lxc_record_renew(const struct plan *p, size_t node, const struct driver_source *src,
    const char *lab_dir, struct lxc_record *ret, struct lr_error *err)
{
    _lxc_record_ struct lxc_record r = {0};
    _free_ uint32_t *uids = stage_uids(src, err);
    if (!uids || !lxc_record_load(p, lab_dir, &r, err))
        return false;
    clear_stack(&r.nodes[node]);
    add_stack(p, node, src, uids, &r.nodes[node]);
    if (!write_record(p, &r, lab_dir, err))
        return false;
    *ret = r;
    r = (struct lxc_record){0};
    return true;
}
