#include "driver/qemu/manifest.h"
#include "driver/qemu/lab.h"
#include "driver/qemu/overlay.h"
#include "driver/qemu/store.h"
#include "util/fs.h"
#include <errno.h>
#include <sys/stat.h>

#define MANIFEST_CAP (1UL << 20)
#define MAX_CHAIN    16 /* overlays on top of each other; the image and two stages are three */

static json_t *describe_host(const struct qemu_host *h)
{
    return json_pack("{s:s, s:I, s:I, s:s, s:s, s:s, s:s}", "format", QEMU_STAGE_FORMAT, "qemu",
        (json_int_t)h->qemu_version, "libvirt", (json_int_t)h->libvirt_version, "machine",
        h->machine, "accelerator", qemu_host_accel(h), "cpu", h->cpu, "kernel", h->kernel);
}

char *qemu_stage_path(const char *stage_dir, const struct plan_node *node, const char *file)
{
    return xasprintf("%s/%s/%s", stage_dir, node->name, file);
}

/* The files of a frozen node: its disks, then "ram" and "state". */
static size_t n_files(const struct plan_node *node)
{
    return node->n_disks + 3;
}

static char *file_name(const struct plan_node *node, size_t i)
{
    if (i <= node->n_disks)
        return qemu_disk_name(i);
    return xstrdup(i == node->n_disks + 1 ? "ram" : "state");
}

static char *file_digest(const char *path, struct lr_error *err)
{
    _hasher_ struct hasher *h = hasher_new();
    return hasher_add_file(h, path, err) ? hasher_finish(h) : NULL;
}

static bool describe_file(json_t *files, const char *stage_dir, const struct plan_node *node,
    size_t i, struct lr_error *err)
{
    _free_ char *name = file_name(node, i);
    _free_ char *path = qemu_stage_path(stage_dir, node, name);
    _free_ char *sample = NULL;
    struct stat st;
    if (stat(path, &st) < 0)
        return lr_error_errno(err, errno, "looking at '%s'", path);
    if (!store_sample(path, &sample, err))
        return false;
    json_object_set_new(
        files, name, json_pack("{s:I, s:s}", "size", (json_int_t)st.st_size, "sample", sample));
    return true;
}

static bool describe_node(
    json_t *nodes, const char *stage_dir, const struct plan_node *node, struct lr_error *err)
{
    _json_ json_t *files = json_object();
    for (size_t i = 0; i < n_files(node); i++)
        if (!describe_file(files, stage_dir, node, i, err))
            return false;
    _free_ char *state = qemu_stage_path(stage_dir, node, "state");
    _free_ char *digest = file_digest(state, err);
    if (!digest)
        return false;
    json_object_set_new(nodes, node->name,
        json_pack("{s:I, s:I, s:s, s:O}", "memory_mib", (json_int_t)node->memory_mib, "vcpus",
            (json_int_t)node->vcpus, "state_digest", digest, "files", files));
    return true;
}

bool manifest_write(const struct qemu_host *h, const struct plan *p, const char *stage_dir,
    int64_t clock, struct lr_error *err)
{
    _json_ json_t *nodes = json_object();
    for (size_t i = 0; i < p->n_nodes; i++)
        if (!describe_node(nodes, stage_dir, &p->nodes[i], err))
            return false;
    _json_ json_t *j = json_pack(
        "{s:o, s:I, s:O}", "host", describe_host(h), "clock", (json_int_t)clock, "nodes", nodes);
    _free_ char *text = json_dumps(j, JSON_INDENT(2));
    _free_ char *path = path_join(stage_dir, "qemu.json");
    return file_write_atomic(path, text, strlen(text), 0644, err);
}

static bool check_host(const struct qemu_host *h, const json_t *manifest, struct lr_error *err)
{
    _json_ json_t *ours = describe_host(h);
    const json_t *theirs = json_object_get(manifest, "host");
    const char *key;
    json_t *value;
    json_object_foreach (ours, key, value) {
        const json_t *other = json_object_get(theirs, key);
        if (json_equal(value, other))
            continue;
        _free_ char *here = json_dumps(value, JSON_ENCODE_ANY);
        _free_ char *there = other ? json_dumps(other, JSON_ENCODE_ANY) : xstrdup("nothing");
        return lr_error_set(
            err, LR_EINFRA, "the stage was frozen with %s %s, here it is %s", key, there, here);
    }
    return true;
}

static bool check_node(const struct plan_node *node, json_t *j, struct lr_error *err)
{
    json_int_t memory = 0;
    json_int_t vcpus = 0;
    json_t *files = NULL;
    const char *digest = NULL;
    if (!j ||
        json_unpack(j, "{s:I, s:I, s:s, s:o}", "memory_mib", &memory, "vcpus", &vcpus,
            "state_digest", &digest, "files", &files) < 0)
        return lr_error_set(err, LR_EINFRA, "the stage has no node '%s'", node->name);
    if (memory != node->memory_mib || vcpus != node->vcpus ||
        json_object_size(files) != n_files(node))
        return lr_error_set(
            err, LR_EINFRA, "node '%s' has other sizes in the stage than in the plan", node->name);
    return true;
}

bool manifest_read(const struct qemu_host *h, const struct plan *p, const char *stage_dir,
    json_t **ret, struct lr_error *err)
{
    _free_ char *path = path_join(stage_dir, "qemu.json");
    _free_ char *text = NULL;
    if (!file_read(path, MANIFEST_CAP, &text, NULL, err))
        return lr_error_prefix(err, "the stage is not whole");
    json_error_t why;
    _json_ json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (!j)
        return lr_error_set(err, LR_EINFRA, "'%s' is damaged: %s", path, why.text);
    if (!check_host(h, j, err))
        return false;
    const json_t *nodes = json_object_get(j, "nodes");
    if (json_object_size(nodes) != p->n_nodes)
        return lr_error_set(err, LR_EINFRA, "the stage has %zu nodes, the plan %zu",
            json_object_size(nodes), p->n_nodes);
    for (size_t i = 0; i < p->n_nodes; i++)
        if (!check_node(&p->nodes[i], json_object_get(nodes, p->nodes[i].name), err))
            return false;
    *ret = STEAL(j);
    return true;
}

int64_t manifest_clock(const json_t *manifest)
{
    return json_integer_value(json_object_get(manifest, "clock"));
}

static bool verify_file(const char *path, const json_t *expected, struct lr_error *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return lr_error_errno(err, errno, "looking at '%s'", path);
    json_int_t size = json_integer_value(json_object_get(expected, "size"));
    if (st.st_size != size)
        return lr_error_set(err, LR_EINFRA, "'%s' has %lld bytes instead of %lld", path,
            (long long)st.st_size, (long long)size);
    _free_ char *sample = NULL;
    if (!store_sample(path, &sample, err))
        return false;
    const char *known = json_string_value(json_object_get(expected, "sample"));
    if (!known || !streq(known, sample))
        return lr_error_set(err, LR_EINFRA, "'%s' is not what was frozen", path);
    return true;
}

/* Follows the backing files below a disk down to the one that stands alone. */
static bool verify_chain(const char *disk, struct lr_error *err)
{
    _free_ char *path = xstrdup(disk);
    for (int depth = 0; depth < MAX_CHAIN; depth++) {
        struct overlay_info info;
        if (!overlay_inspect(path, &info, err))
            return lr_error_prefix(err, "below '%s'", disk);
        free(path);
        path = info.backing;
        if (!path)
            return true;
    }
    return lr_error_set(err, LR_EINFRA, "disk '%s' stands on more than %d others", disk, MAX_CHAIN);
}

static bool verify_node(
    const json_t *j, const struct plan_node *node, const char *stage_dir, struct lr_error *err)
{
    const json_t *files = json_object_get(j, "files");
    for (size_t i = 0; i < n_files(node); i++) {
        _free_ char *name = file_name(node, i);
        _free_ char *path = qemu_stage_path(stage_dir, node, name);
        if (!verify_file(path, json_object_get(files, name), err))
            return false;
        if (i <= node->n_disks && !verify_chain(path, err))
            return false;
    }
    _free_ char *state = qemu_stage_path(stage_dir, node, "state");
    _free_ char *digest = file_digest(state, err);
    if (!digest)
        return false;
    if (!streq(digest, json_string_value(json_object_get(j, "state_digest"))))
        return lr_error_set(err, LR_EINFRA, "'%s' is not what was frozen", state);
    return true;
}

bool manifest_verify(
    const json_t *manifest, const struct plan *p, const char *stage_dir, struct lr_error *err)
{
    const json_t *nodes = json_object_get(manifest, "nodes");
    for (size_t i = 0; i < p->n_nodes; i++) {
        const struct plan_node *node = &p->nodes[i];
        if (!verify_node(json_object_get(nodes, node->name), node, stage_dir, err))
            return false;
    }
    return true;
}
