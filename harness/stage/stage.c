#include "stage/stage.h"
#include "image/image.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define TMP_PREFIX     ".tmp-"
#define KEY_LEN        64
#define STAGE_INFO     "stage.json"
#define STAGE_INFO_CAP ((size_t)1 << 20)

char *stage_dir(const char *state_dir, const char *key)
{
    return xasprintf("%s/stages/%s", state_dir, key);
}

static char *lock_path(const char *state_dir, const char *key)
{
    return xasprintf("%s/locks/stage-%s", state_dir, key);
}

bool stage_info(const char *state_dir, const char *key, json_t **ret, struct lr_error *err)
{
    _free_ char *dir = stage_dir(state_dir, key);
    _free_ char *path = path_join(dir, STAGE_INFO);
    _free_ char *text = NULL;
    if (!file_read(path, STAGE_INFO_CAP, &text, NULL, err))
        return false;
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(j)) {
        json_decref(j);
        return lr_error_set(err, LR_EINFRA, "'%s' is not a JSON object", path);
    }
    *ret = j;
    return true;
}

/* What is below a stage, by more than its key: what is built anew with the same key has other
 * blocks and files, and what stood on the old ones would be a mixture. INFO: of the stage. */
static bool foundations(
    const char *state_dir, const json_t *info, json_t **ret, struct lr_error *err)
{
    _json_ json_t *list = json_array();
    const char *parent = json_string_value(json_object_get(info, "parent"));
    if (parent) {
        _json_ json_t *below = NULL;
        if (!stage_info(state_dir, parent, &below, err))
            return false;
        json_t *made = json_object_get(below, "made");
        json_array_append_new(list, made ? json_incref(made) : json_null());
    }
    size_t i;
    json_t *image;
    json_array_foreach (json_object_get(info, "images"), i, image) {
        _free_ char *built = NULL;
        if (!json_is_string(image) ||
            !image_built(state_dir, json_string_value(image), &built, err))
            return false;
        json_array_append_new(list, json_string(built));
    }
    *ret = STEAL(list);
    return true;
}

/* Stages of before this was written down have nothing to compare. */
static bool stands_as_built(const char *state_dir, const json_t *info, struct lr_error *err)
{
    _json_ json_t *now = NULL;
    const json_t *then = json_object_get(info, "foundations");
    if (!foundations(state_dir, info, &now, err))
        return false;
    return !then || json_equal(then, now) ||
        lr_error_set(err, LR_EINFRA, "what it stands on was built anew");
}

bool stage_usable(const char *state_dir, const char *key, const struct driver_ops *ops,
    struct driver *d, const struct plan *p, struct lr_error *err)
{
    _json_ json_t *info = NULL;
    if (!stage_info(state_dir, key, &info, err))
        return false;
    const char *parent = json_string_value(json_object_get(info, "parent"));
    if (parent && !stage_usable(state_dir, parent, ops, d, p, err))
        return lr_error_prefix(err, "the stage it stands on");
    _free_ char *dir = stage_dir(state_dir, key);
    return stands_as_built(state_dir, info, err) && ops->verify_stage(d, p, dir, err);
}

/* Moved aside first, so that a removal cut short leaves no folder that passes for a stage. */
static bool remove_stage(const char *dir, struct lr_error *err)
{
    const char *base = strrchr(dir, '/') + 1;
    if (has_prefix(base, TMP_PREFIX))
        return tree_remove(dir, err);
    _free_ char *aside = xasprintf("%.*s" TMP_PREFIX "%s-gone", (int)(base - dir), dir, base);
    if (!tree_remove(aside, err))
        return false;
    if (rename(dir, aside) < 0 && errno != ENOENT)
        return lr_error_errno(err, errno, "moving stage '%s' aside", dir);
    return tree_remove(aside, err);
}

static bool lock_stage(const char *state_dir, const char *key, int *ret_fd, struct lr_error *err)
{
    _free_ char *lock = lock_path(state_dir, key);
    if (file_lock(lock, false, ret_fd, err))
        return true;
    if (err->code != LR_EBUSY)
        return false;
    lr_error_clear(err);
    log_info("waiting for another labrun that builds the same stage");
    return file_lock(lock, true, ret_fd, err);
}

bool stage_discard(const char *state_dir, const char *key, const struct driver_ops *ops,
    struct driver *d, const struct plan *p, struct lr_error *err)
{
    _free_ char *dir = stage_dir(state_dir, key);
    _close_ int lock = -1;
    if (!lock_stage(state_dir, key, &lock, err))
        return false;
    if (!path_exists(dir) || stage_usable(state_dir, key, ops, d, p, err))
        return true;
    log_warning("stage %.12s cannot be used and is built again: %s", key, err->message);
    lr_error_clear(err);
    return remove_stage(dir, err);
}

bool stage_begin(const char *state_dir, const char *key, struct stage_build *ret, bool *ret_there,
    struct lr_error *err)
{
    _close_ int fd = -1;
    if (!lock_stage(state_dir, key, &fd, err))
        return false;
    _free_ char *final = stage_dir(state_dir, key);
    *ret_there = path_exists(final);
    if (*ret_there)
        return true;
    _free_ char *tmp = xasprintf("%s/stages/" TMP_PREFIX "%s", state_dir, key);
    if (!tree_remove(tmp, err) || !dir_make(tmp, 0755, err))
        return false;
    *ret = (struct stage_build){xstrdup(key), STEAL(tmp), STEAL(final), steal_fd(&fd)};
    return true;
}

static void end(struct stage_build *b)
{
    free(b->key);
    free(b->tmp_dir);
    free(b->final_dir);
    if (b->lock_fd >= 0)
        close(b->lock_fd);
    *b = (struct stage_build){.lock_fd = -1};
}

bool stage_commit(const char *state_dir, struct stage_build *b, json_t *info, struct lr_error *err)
{
    _json_ json_t *j = info;
    json_t *below = NULL;
    if (!foundations(state_dir, j, &below, err))
        return false;
    _free_ char *made = random_token(16);
    json_object_set_new(j, "foundations", below);
    json_object_set_new(j, "made", json_string(made));
    json_object_set_new(j, "key", json_string(b->key));
    _free_ char *text = json_dumps(j, JSON_INDENT(2) | JSON_SORT_KEYS);
    _free_ char *path = path_join(b->tmp_dir, STAGE_INFO);
    if (!file_write_atomic(path, text, strlen(text), 0644, err))
        return false;
    if (rename(b->tmp_dir, b->final_dir) < 0)
        return lr_error_errno(err, errno, "moving stage to '%s'", b->final_dir);
    end(b);
    return true;
}

void stage_abandon(struct stage_build *b)
{
    if (!b->key)
        return;
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (!tree_remove(b->tmp_dir, &err))
        log_warning("%s", err.message);
    end(b);
}

/* No lab has this name: theirs end in .lock. */
static char *stages_lock(const char *state_dir)
{
    return xasprintf("%s/locks/stages", state_dir);
}

bool stages_hold(const char *state_dir, int *ret_fd, struct lr_error *err)
{
    _free_ char *lock = stages_lock(state_dir);
    return file_lock_shared(lock, ret_fd, err);
}

bool stages_claim(const char *state_dir, int *ret_fd, struct lr_error *err)
{
    _free_ char *lock = stages_lock(state_dir);
    return file_lock(lock, false, ret_fd, err);
}

/* The key that a folder's name speaks of. */
static char *key_of(const char *name)
{
    const char *key = has_prefix(name, TMP_PREFIX) ? name + strlen(TMP_PREFIX) : name;
    return xstrndup(key, KEY_LEN);
}

bool stage_gc(const char *state_dir, const struct strv *keep, bool dry, struct strv *ret_removed,
    struct lr_error *err)
{
    _free_ char *root = path_join(state_dir, "stages");
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(root, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        if (strv_contains(keep, names.items[i]))
            continue;
        _free_ char *key = key_of(names.items[i]);
        _free_ char *lock = lock_path(state_dir, key);
        _close_ int fd = -1;
        _lr_error_ struct lr_error busy = LR_ERROR_INIT;
        if (!file_lock(lock, false, &fd, &busy))
            continue; /* somebody builds it at this moment */
        _free_ char *dir = path_join(root, names.items[i]);
        if (!dry && !remove_stage(dir, err))
            return false;
        strv_addf(ret_removed, "stage %.12s%s", key,
            has_prefix(names.items[i], TMP_PREFIX) ? " (half built)" : "");
    }
    return true;
}
