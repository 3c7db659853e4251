#include "image/store.h"
#include "image/image.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>

/* Part of every key: raise it when the builder makes something else out of the same definition. */
#define BUILDER_VERSION "1"
#define MOUNTS_CAP      (16UL << 20)
#define INFO_CAP        (64UL << 10)

bool image_whole(const char *dir)
{
    _free_ char *info = path_join(dir, IMAGE_INFO);
    return path_exists(info);
}

static bool key_of(const struct definition *d, char **ret_key, struct lr_error *err)
{
    _hasher_ struct hasher *h = hasher_new();
    hasher_adds(h, "labrun image " BUILDER_VERSION);
    hasher_adds(h, GUEST_INIT_DIGEST);
    if (!definition_digest(d, h, err))
        return false;
    *ret_key = hasher_finish(h);
    return true;
}

bool image_ref_make(
    const char *state_dir, const char *name, struct image_ref *ret, struct lr_error *err)
{
    _image_ref_ struct image_ref r = {0};
    _free_ char *yaml = NULL;
    if (!image_find(name, &yaml, err) || !definition_load(yaml, &r.def, err) ||
        !key_of(&r.def, &r.key, err))
        return false;
    r.dir = xasprintf("%s/images/%s-%s", state_dir, name, r.key);
    *ret = r;
    r = (struct image_ref){0};
    return true;
}

void image_ref_free(struct image_ref *r)
{
    definition_free(&r->def);
    free(r->key);
    free(r->dir);
    *r = (struct image_ref){0};
}

bool image_key(const char *name, char **ret_key, struct lr_error *err)
{
    _image_ref_ struct image_ref r = {0};
    if (!image_ref_make("", name, &r, err))
        return false;
    *ret_key = STEAL(r.key);
    return true;
}

bool image_lookup(const char *state_dir, const char *name, char **ret_dir, struct lr_error *err)
{
    _image_ref_ struct image_ref r = {0};
    if (!image_ref_make(state_dir, name, &r, err))
        return false;
    *ret_dir = image_whole(r.dir) ? STEAL(r.dir) : NULL;
    return true;
}

bool image_built(const char *state_dir, const char *folder, char **ret, struct lr_error *err)
{
    _free_ char *path = xasprintf("%s/images/%s/" IMAGE_INFO, state_dir, folder);
    _free_ char *text = NULL;
    const char *built;
    json_int_t took;
    if (!file_read(path, INFO_CAP, &text, NULL, err))
        return false;
    _json_ json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!j || json_unpack(j, "{s:s, s:I}", "built", &built, "build_ms", &took) < 0)
        return lr_error_set(err, LR_EINFRA, "'%s' does not say when the image was built", path);
    *ret = xasprintf("%s %lld", built, (long long)took);
    return true;
}

bool image_lock(const char *images, bool wait, int *ret_fd, struct lr_error *err)
{
    _free_ char *path = path_join(images, ".lock");
    return file_lock(path, wait, ret_fd, err);
}

bool image_remove_leftovers(const char *images, struct lr_error *err)
{
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(images, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *path = path_join(images, names.items[i]);
        if (has_prefix(names.items[i], IMAGE_TMP) && !tree_remove(path, err))
            return false;
    }
    return true;
}

/* Is anything mounted that leads into the folder: as a layer, or bound elsewhere? A mount of a
 * layer shows the layer's path in its own line. */
static bool in_use(const char *name)
{
    _free_ char *mounts = NULL;
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    _free_ char *needle = xasprintf("/images/%s/", name);
    return !file_read("/proc/self/mountinfo", MOUNTS_CAP, &mounts, NULL, &ignored) ||
        strstr(mounts, needle);
}

/* Renamed first: from that instant on it is no image, however far the removal gets. */
static bool remove_image(const char *images, const char *name, struct lr_error *err)
{
    _free_ char *path = path_join(images, name);
    _free_ char *tmp = xasprintf("%s/" IMAGE_TMP "gone-%s", images, name);
    if (!tree_remove(tmp, err))
        return false;
    if (rename(path, tmp) < 0)
        return lr_error_errno(err, errno, "removing image '%s'", path);
    return tree_remove(tmp, err);
}

static bool kept(const struct strv *keep, const char *images, const char *name)
{
    _free_ char *path = path_join(images, name);
    return keep && (strv_contains(keep, path) || strv_contains(keep, name));
}

/* The names of the folders that the definitions lead to now. A definition with a mistake in it
 * keeps every image of its name. */
static bool wanted(const struct strv *defs, const char *folder)
{
    for (size_t i = 0; i < defs->n; i++) {
        size_t len = strlen(defs->items[i]);
        if (strncmp(folder, defs->items[i], len) != 0 || folder[len] != '-')
            continue;
        _lr_error_ struct lr_error wrong = LR_ERROR_INIT;
        _image_ref_ struct image_ref r = {0};
        if (!image_ref_make("", defs->items[i], &r, &wrong) || streq(folder + len + 1, r.key))
            return true;
    }
    return false;
}

static bool collect(const char *images, const struct strv *keep, bool building, bool dry,
    struct strv *removed, struct lr_error *err)
{
    _strv_ struct strv names = STRV_INIT;
    _strv_ struct strv defs = STRV_INIT;
    if (!dir_list(images, &names, err) || !image_names(&defs, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];
        bool half = has_prefix(name, IMAGE_TMP);
        if (*name == '.' && (!half || building))
            continue;
        if (!half && (kept(keep, images, name) || wanted(&defs, name)))
            continue;
        if (in_use(name)) {
            log_warning("image '%s' is still mounted somewhere: left alone", name);
            continue;
        }
        _free_ char *path = path_join(images, name);
        if (!dry && !(half ? tree_remove(path, err) : remove_image(images, name, err)))
            return false;
        strv_add(removed, path);
    }
    return true;
}

bool image_gc(const char *state_dir, const struct strv *keep, bool dry, struct strv *ret_removed,
    struct lr_error *err)
{
    _free_ char *images = path_join(state_dir, "images");
    _close_ int lock = -1;
    bool building = false;
    if (path_exists(images) && !image_lock(images, false, &lock, err)) {
        if (err->code != LR_EBUSY)
            return false;
        lr_error_clear(err);
        building = true;
    }
    return collect(images, keep, building, dry, ret_removed, err);
}
