/* A stage is the upper layer of each node after a clean stop, and lxc.json, which is written when
 * all of it is on the disk: whose uids the files carry (those of the lab that made it), and how
 * much there is, by which a damaged stage is told from a whole one. */
#include "driver/lxc/lxc.h"
#include "driver/segment.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#define FORMAT   1
#define FILE_CAP ((size_t)1 << 20)

struct tally {
    json_int_t entries;
    json_int_t bytes; /* of regular files */
};

/* nftw() passes no argument to its callback. */
static _Thread_local struct tally counted;

static int count_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)path;
    (void)at;
    counted.entries++;
    counted.bytes += type == FTW_F && S_ISREG(st->st_mode) ? st->st_size : 0;
    return type == FTW_NS || type == FTW_DNR ? EIO : 0;
}

static bool tally_tree(const char *path, struct tally *ret, struct lr_error *err)
{
    counted = (struct tally){0};
    if (nftw(path, count_entry, 64, FTW_PHYS | FTW_MOUNT) != 0)
        return lr_error_set(err, LR_EINFRA, "'%s' cannot be read as a whole", path);
    *ret = counted;
    return true;
}

struct freeze {
    struct driver *d;
    const struct plan *p;
    const char *lab_dir;
    const char *stage_dir;
};

static bool stop_node(size_t i, void *data, struct lr_error *err)
{
    const struct freeze *f = data;
    const struct plan_node *n = &f->p->nodes[i];
    _virt_domain_ virDomainPtr dom = NULL;
    if (!virt_domain_find(f->d->conn, n->domain, n->uuid, &dom, err) ||
        (dom && !lxc_domain_power_off(dom, err)))
        return lr_error_prefix(err, "stopping node '%s'", n->name);
    return true;
}

static bool move_layer(size_t i, void *data, struct lr_error *err)
{
    const struct freeze *f = data;
    const struct plan_node *n = &f->p->nodes[i];
    _free_ char *dir = lxc_node_dir(f->lab_dir, n);
    _free_ char *from = path_join(dir, "layer/upper");
    _free_ char *folder = path_join(f->stage_dir, n->name);
    _free_ char *to = path_join(folder, "upper");
    if (!lxc_unmount_below(dir, err) || !dir_make(folder, 0711, err))
        return false;
    if (rename(from, to) < 0)
        return lr_error_errno(err, errno, "moving '%s' to '%s'", from, to);
    return true;
}

static bool write_manifest(const struct freeze *f, uint32_t uid_base, struct lr_error *err)
{
    _json_ json_t *j =
        json_pack("{s:i, s:I, s:[]}", "format", FORMAT, "uid_base", (json_int_t)uid_base, "nodes");
    for (size_t i = 0; i < f->p->n_nodes; i++) {
        const char *name = f->p->nodes[i].name;
        _free_ char *upper = xasprintf("%s/%s/upper", f->stage_dir, name);
        struct tally t = {0};
        if (!tally_tree(upper, &t, err))
            return false;
        json_array_append_new(json_object_get(j, "nodes"),
            json_pack("{s:s, s:I, s:I}", "name", name, "entries", t.entries, "bytes", t.bytes));
    }
    _free_ char *text = json_dumps(j, JSON_INDENT(2));
    _free_ char *path = path_join(f->stage_dir, LXC_FILE);
    return file_write_atomic(path, text, strlen(text), 0644, err);
}

bool lxc_freeze(struct driver *d, const struct plan *p, const char *lab_dir, const char *stage_dir,
    struct lr_error *err)
{
    struct freeze f = {d, p, lab_dir, stage_dir};
    _lxc_record_ struct lxc_record record = {0};
    return lxc_record_load(p, lab_dir, &record, err) &&
        parallel_run(p->n_nodes, stop_node, &f, err) &&
        parallel_run(p->n_nodes, move_layer, &f, err) && fs_sync(stage_dir, err) &&
        write_manifest(&f, record.uid_base, err) && lxc_destroy(d, p, lab_dir, err);
}

static bool load_manifest(const char *stage_dir, json_t **ret, struct lr_error *err)
{
    _free_ char *path = path_join(stage_dir, LXC_FILE);
    _free_ char *text = NULL;
    if (!file_read(path, FILE_CAP, &text, NULL, err))
        return false;
    _json_ json_t *j = json_loads(text, 0, NULL);
    json_int_t base = json_integer_value(json_object_get(j, "uid_base"));
    if (json_integer_value(json_object_get(j, "format")) != FORMAT || base <= 0 ||
        base > UINT32_MAX)
        return lr_error_set(err, LR_EINFRA, "'%s' is damaged or of another version", path);
    *ret = STEAL(j);
    return true;
}

bool lxc_stage_uid_base(const char *stage_dir, uint32_t *ret, struct lr_error *err)
{
    _json_ json_t *j = NULL;
    if (!load_manifest(stage_dir, &j, err))
        return false;
    *ret = (uint32_t)json_integer_value(json_object_get(j, "uid_base"));
    return true;
}

static bool verify_layer(
    const char *stage_dir, const json_t *said, const char *node, uint32_t uid, struct lr_error *err)
{
    _free_ char *upper = xasprintf("%s/%s/upper", stage_dir, node);
    struct stat st;
    struct tally t = {0};
    const char *name = json_string_value(json_object_get(said, "name"));
    if (!name || !streq(name, node))
        return lr_error_set(err, LR_EINFRA, "the stage has no layer for node '%s'", node);
    if (lstat(upper, &st) < 0)
        return lr_error_errno(err, errno, "looking at '%s'", upper);
    if (st.st_uid != uid)
        return lr_error_set(
            err, LR_EINFRA, "'%s' belongs to another uid than it was made by", upper);
    if (!tally_tree(upper, &t, err))
        return false;
    if (t.entries != json_integer_value(json_object_get(said, "entries")) ||
        t.bytes != json_integer_value(json_object_get(said, "bytes")))
        return lr_error_set(err, LR_EINFRA, "'%s' is not as it was frozen", upper);
    return true;
}

bool lxc_verify_stage(
    struct driver *d, const struct plan *p, const char *stage_dir, struct lr_error *err)
{
    (void)d;
    _json_ json_t *j = NULL;
    uint32_t uid;
    if (!load_manifest(stage_dir, &j, err) || !lxc_stage_uid_base(stage_dir, &uid, err))
        return false;
    for (size_t i = 0; i < p->n_nodes; i++) {
        const json_t *said = json_array_get(json_object_get(j, "nodes"), i);
        if (!verify_layer(stage_dir, said, p->nodes[i].name, uid, err))
            return false;
    }
    return true;
}
