/* Where definitions are: LABRUN_IMAGE_PATH, the folder images/ beside each folder of scenarios on
 * LABRUN_SCENARIO_PATH, the installed folder, ./images, in this order. */
#include "image/image.h"
#include "util/fs.h"
#include <errno.h>

static void add_path(struct strv *to, const char *path, const char *suffix)
{
    while (path && *path) {
        size_t len = strcspn(path, ":");
        if (len)
            strv_addf(to, "%.*s%s", (int)len, path, suffix);
        path += len + (path[len] == ':');
    }
}

static void search_path(struct strv *ret)
{
    add_path(ret, getenv("LABRUN_IMAGE_PATH"), "");
    add_path(ret, getenv("LABRUN_SCENARIO_PATH"), "/../images");
    strv_add(ret, LABRUN_DATADIR "/images");
    strv_add(ret, "images");
}

/* Cuts ".yaml" off; false when the name is something else. */
static bool cut_suffix(char *name)
{
    size_t len = strlen(name);
    if (len <= 5 || *name == '.' || !streq(name + len - 5, ".yaml"))
        return false;
    name[len - 5] = '\0';
    return true;
}

bool image_names(struct strv *ret, struct lr_error *err)
{
    _strv_ struct strv path = STRV_INIT;
    search_path(&path);
    struct strv all = STRV_INIT;
    for (size_t i = 0; i < path.n; i++) {
        _strv_ struct strv names = STRV_INIT;
        if (path_is_folder(path.items[i]) && !dir_list(path.items[i], &names, err)) {
            strv_free(&all);
            return false;
        }
        for (size_t k = 0; k < names.n; k++)
            if (cut_suffix(names.items[k]) && !strv_contains(&all, names.items[k]))
                strv_add(&all, names.items[k]);
    }
    *ret = all;
    return true;
}

static bool unknown(const char *name, const struct strv *path, struct lr_error *err)
{
    _strv_ struct strv names = STRV_INIT;
    _strbuf_ struct strbuf where = STRBUF_INIT;
    if (!image_names(&names, err))
        return false;
    const char *meant = closest_word(name, (const char *const *)names.items, names.n);
    for (size_t i = 0; i < path->n; i++)
        strbuf_addf(&where, "%s%s", i ? ", " : "", path->items[i]);
    lr_error_set(err, LR_EUSAGE, "no image '%s'%s%s%s", name, meant ? ": did you mean '" : "",
        meant ? meant : "", meant ? "'?" : "");
    return lr_error_hint(err, "images are looked for in: %s", where.data);
}

bool image_find(const char *name, char **ret_yaml, struct lr_error *err)
{
    _strv_ struct strv path = STRV_INIT;
    search_path(&path);
    for (size_t i = 0; name && *name && *name != '.' && !strchr(name, '/') && i < path.n; i++) {
        _free_ char *yaml = xasprintf("%s/%s.yaml", path.items[i], name);
        char *full = realpath(yaml, NULL);
        if (full) {
            *ret_yaml = full;
            return true;
        }
    }
    return unknown(name ? name : "", &path, err);
}
