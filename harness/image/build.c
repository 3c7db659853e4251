/* Building an image: everything happens in STATE/images/.tmp-NAME-KEY, which is renamed when whole.
 *
 * One lock serves all builds of a state folder: they share the cache of packages and would only
 * slow each other down. Whoever holds it knows that every .tmp-* is what a killed build left. */
#include "image/artifacts.h"
#include "image/bootstrap.h"
#include "image/image.h"
#include "image/store.h"
#include "util/deadline.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>

#define SPACE_NEEDED                                                                               \
    (6ULL << 30) /* bytes: root, disk, the disk before it is converted, packages                   \
                  */

struct build {
    struct image_ref ref;
    const char *state_dir;
    char *images; /* STATE/images */
    char *tmp;
    char *log;
    char *cache;
    int lock;
};

static void build_free(struct build *b)
{
    image_ref_free(&b->ref);
    free(b->images);
    free(b->tmp);
    free(b->log);
    free(b->cache);
    if (b->lock >= 0)
        close(b->lock);
}

static bool take_lock(struct build *b, struct lr_error *err)
{
    if (image_lock(b->images, false, &b->lock, err))
        return true;
    if (err->code != LR_EBUSY)
        return false;
    lr_error_clear(err);
    log_info("image %s: waiting for another build to end", b->ref.def.name);
    return image_lock(b->images, true, &b->lock, err);
}

static bool prepare(struct build *b, const char *state_dir, struct lr_error *err)
{
    _free_ char *logs = path_join(state_dir, "logs");
    b->images = path_join(state_dir, "images");
    b->cache = path_join(state_dir, "cache/apt");
    b->tmp = xasprintf("%s/" IMAGE_TMP "%s-%.12s", b->images, b->ref.def.name, b->ref.key);
    b->log = xasprintf("%s/image-%s.log", logs, b->ref.def.name);
    return dir_make(b->images, 0755, err) && dir_make(logs, 0755, err) &&
        dir_make(b->cache, 0755, err);
}

static bool check_space(const struct build *b, struct lr_error *err)
{
    uint64_t bytes;
    if (!disk_free(b->images, &bytes, err))
        return false;
    if (bytes >= SPACE_NEEDED)
        return true;
    lr_error_set(err, LR_EINFRA, "building an image needs %llu GB free in '%s', there are %.1f",
        SPACE_NEEDED >> 30, b->images, (double)bytes / (double)(1ULL << 30));
    return lr_error_hint(err, "'labrun gc' frees what is not used any more");
}

static bool write_info(
    const struct build *b, const char *kernel, size_t packages, int64_t began, struct lr_error *err)
{
    _free_ char *path = path_join(b->tmp, IMAGE_INFO);
    _free_ char *when = format_time(wall_ms());
    _json_ json_t *j = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:s, s:I}", "labrun-image", 1,
        "name", b->ref.def.name, "key", b->ref.key, "suite", b->ref.def.suite, "kernel", kernel,
        "packages", (json_int_t)packages, "built", when, "build_ms",
        (json_int_t)(now_ms() - began));
    _free_ char *text = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
    if (!text)
        return lr_error_set(err, LR_EINFRA, "writing '%s' as JSON failed", path);
    return file_write_atomic(path, text, strlen(text), 0644, err);
}

/* Its key is of what was there at the beginning, and hooks are read when they run. */
static bool unchanged(const struct build *b, struct lr_error *err)
{
    _image_ref_ struct image_ref now = {0};
    if (!image_ref_make(b->state_dir, b->ref.def.name, &now, err))
        return false;
    return streq(now.key, b->ref.key) ||
        lr_error_set(
            err, LR_ESCENARIO, "its definition or what belongs to it has changed meanwhile");
}

static bool make(const struct build *b, struct lr_error *err)
{
    int64_t began = now_ms();
    _free_ char *root = path_join(b->tmp, "root");
    _free_ char *kernel = NULL;
    size_t packages;
    struct bootstrap bs = {.def = &b->ref.def, .root = root, .cache = b->cache, .log = b->log};
    if (!dir_make(b->tmp, 0755, err) || !bootstrap_run(&bs, err))
        return false;
    log_info("image %s: making the disk", b->ref.def.name);
    if (!layer_make(b->tmp, &b->ref.def, err) || !kernel_make(b->tmp, &kernel, err) ||
        !packages_list(b->tmp, &packages, err) || !disk_make(b->tmp, b->log, err))
        return false;
    if (!fs_sync(b->tmp, err) || !write_info(b, kernel, packages, began, err) || !unchanged(b, err))
        return false;
    if (rename(b->tmp, b->ref.dir) < 0)
        return lr_error_errno(err, errno, "moving the image to '%s'", b->ref.dir);
    _free_ char *took = format_duration(now_ms() - began);
    log_info("image %s: built in %s, %zu packages", b->ref.def.name, took, packages);
    return fs_sync(b->images, err);
}

/* What a failed build leaves is worth nothing: the log says more. */
static bool make_or_remove(const struct build *b, struct lr_error *err)
{
    if (make(b, err))
        return true;
    _lr_error_ struct lr_error second = LR_ERROR_INIT;
    if (!tree_remove(b->tmp, &second))
        log_warning("%s", second.message);
    return false;
}

/* Whatever stands where the image is to go is not one. */
static bool clear_way(const struct build *b, struct lr_error *err)
{
    return image_remove_leftovers(b->images, err) && tree_remove(b->ref.dir, err);
}

bool image_build(const char *state_dir, const char *name, char **ret_dir, struct lr_error *err)
{
    _cleanup_(build_free) struct build b = {.state_dir = state_dir, .lock = -1};
    if (!image_ref_make(state_dir, name, &b.ref, err))
        return false;
    if (!image_whole(b.ref.dir)) {
        if (!prepare(&b, state_dir, err) || !take_lock(&b, err))
            return lr_error_prefix(err, "building image '%s'", name);
        if (!image_whole(b.ref.dir) &&
            (!clear_way(&b, err) || !check_space(&b, err) || !make_or_remove(&b, err)))
            return lr_error_prefix(err, "building image '%s'", name);
    }
    *ret_dir = STEAL(b.ref.dir);
    return true;
}
