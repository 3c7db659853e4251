/* The thin layer that makes the root file system fit for a container: the files of images/lxc/root
 * (first of all the first process), units masked by links to /dev/null, and pam_loginuid off, which
 * cannot set the login uid there. /sbin is a link in the root: files go to usr/sbin, for a folder
 * sbin in the layer would hide the link. */
#include "image/artifacts.h"
#include "util/fs.h"
#include <ctype.h>
#include <errno.h>
#include <sys/stat.h>

#define TEXT_CAP (256UL << 10)

static bool add_dir(const char *layer, const char *sub, struct lr_error *err)
{
    _free_ char *path = path_join(layer, sub);
    return dir_make(path, 0755, err);
}

/* A unit's name and nothing that leads elsewhere. */
static bool is_unit(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_.@\\", *c))
            return false;
    return strchr(name, '.') && *name != '.';
}

static bool mask(const char *layer, const char *unit, struct lr_error *err)
{
    _free_ char *path = xasprintf("%s/etc/systemd/system/%s", layer, unit);
    if (symlink("/dev/null", path) < 0 && errno != EEXIST)
        return lr_error_errno(err, errno, "masking unit '%s'", unit);
    return true;
}

static bool mask_all(const char *layer, const char *list, struct lr_error *err)
{
    _free_ char *text = NULL;
    if (!file_read(list, TEXT_CAP, &text, NULL, err))
        return false;
    char *lines = text;
    for (char *line; (line = strsep(&lines, "\n"));) {
        if (!*line || *line == '#')
            continue;
        if (!is_unit(line))
            return lr_error_set(
                err, LR_ESCENARIO, "'%s': '%s' is not the name of a unit", list, line);
        if (!mask(layer, line, err))
            return false;
    }
    return true;
}

static bool copy_file(const char *from, const char *to, struct lr_error *err)
{
    _free_ char *text = NULL;
    size_t len;
    mode_t mode = access(from, X_OK) == 0 ? 0755 : 0644;
    return file_read(from, TEXT_CAP, &text, &len, err) &&
        file_write_atomic(to, text, len, mode, err);
}

/* Plain files and folders: the definition's digest has refused anything else. */
static bool copy_tree(const char *from, const char *to, struct lr_error *err)
{
    struct stat st;
    if (stat(from, &st) < 0)
        return lr_error_errno(err, errno, "looking at '%s'", from);
    if (!S_ISDIR(st.st_mode))
        return copy_file(from, to, err);
    _strv_ struct strv names = STRV_INIT;
    if (!dir_make(to, 0755, err) || !dir_list(from, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *sub_from = path_join(from, names.items[i]);
        _free_ char *sub_to = path_join(to, names.items[i]);
        if (!copy_tree(sub_from, sub_to, err))
            return false;
    }
    return true;
}

/* TEXT with the lines that use pam_loginuid commented out; NULL when there are none. Owned. */
static char *without_loginuid(const char *text)
{
    struct strbuf b = STRBUF_INIT;
    bool changed = false;
    while (*text) {
        size_t len = strcspn(text, "\n");
        _free_ char *line = xstrndup(text, len);
        bool off = *line != '#' && strstr(line, "pam_loginuid.so");
        changed |= off;
        strbuf_addf(&b, "%s%s\n", off ? "# " : "", line);
        text += len + (text[len] == '\n');
    }
    if (changed)
        return strbuf_steal(&b);
    strbuf_free(&b);
    return NULL;
}

static bool pam(const char *root, const char *layer, struct lr_error *err)
{
    _free_ char *dir = path_join(root, "etc/pam.d");
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(dir, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *from = path_join(dir, names.items[i]);
        _free_ char *to = xasprintf("%s/etc/pam.d/%s", layer, names.items[i]);
        _free_ char *text = NULL;
        if (!file_read(from, TEXT_CAP, &text, NULL, err))
            return false;
        _free_ char *changed = without_loginuid(text);
        if (changed && !file_write_atomic(to, changed, strlen(changed), 0644, err))
            return false;
    }
    return true;
}

bool layer_make(const char *dir, const struct definition *d, struct lr_error *err)
{
    _free_ char *root = path_join(dir, "root");
    _free_ char *layer = path_join(dir, "lxc");
    _free_ char *units = path_join(d->dir, "lxc/masked");
    _free_ char *files = path_join(d->dir, "lxc/root");
    return copy_tree(files, layer, err) && add_dir(layer, "etc/systemd/system", err) &&
        add_dir(layer, "etc/pam.d", err) && mask_all(layer, units, err) && pam(root, layer, err);
}
