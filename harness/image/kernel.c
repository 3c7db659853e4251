#include "image/artifacts.h"
#include "util/cpio.h"
#include "util/fs.h"
#include <errno.h>
#include <string.h>

#define KERNEL_CAP (256UL << 20)
#define DEP_CAP    (16UL << 20)

/* What must be there for the guest to see its disk and read it; the kernel may have it built in. */
static const char *const wanted[] = {"virtio_pci", "virtio_blk", "ext4"};

/* "kernel/fs/ext4/ext4.ko.xz" is the module ext4; - and _ are the same in a module's name. */
static bool is_module(const char *path, size_t len, const char *name)
{
    const char *base = path;
    for (size_t i = 0; i < len; i++)
        if (path[i] == '/')
            base = path + i + 1;
    const char *end = path + len;
    for (; base < end && *name; base++, name++)
        if (*base != *name && !(*base == '-' && *name == '_'))
            return false;
    return !*name && end - base >= 3 && strncmp(base, ".ko", 3) == 0;
}

/* The line of modules.dep for a module: "PATH: DEPENDENCY…", or NULL. */
static const char *line_of(const char *dep, const char *name)
{
    while (*dep) {
        size_t len = strcspn(dep, ":\n");
        if (dep[len] == ':' && is_module(dep, len, name))
            return dep;
        dep += strcspn(dep, "\n");
        dep += *dep == '\n';
    }
    return NULL;
}

bool modules_needed(const char *modules_dep, const char *name, struct strv *ret)
{
    const char *line = line_of(modules_dep, name);
    if (!line)
        return false;
    _free_ char *copy = xstrndup(line, strcspn(line, "\n"));
    char *colon = strchr(copy, ':');
    *colon = '\0';
    /* depmod lists a module's dependencies in the order of use: the deepest stands last. */
    struct strv deps = STRV_INIT;
    char *save = NULL;
    for (char *d = strtok_r(colon + 1, " ", &save); d; d = strtok_r(NULL, " ", &save))
        strv_add(&deps, d);
    for (size_t i = deps.n; i-- > 0;)
        if (!strv_contains(ret, deps.items[i]))
            strv_add(ret, deps.items[i]);
    strv_free(&deps);
    if (!strv_contains(ret, copy))
        strv_add(ret, copy);
    return true;
}

static bool built_in(const char *list, const char *name)
{
    for (const char *p = list; *p;) {
        size_t len = strcspn(p, "\n");
        if (is_module(p, len, name))
            return true;
        p += len + (p[len] == '\n');
    }
    return false;
}

static bool add_module(struct cpio *c, struct strbuf *order, const char *modules, const char *path,
    struct lr_error *err)
{
    _free_ char *from = path_join(modules, path);
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    _free_ char *to = path_join("modules", base);
    _free_ char *data = NULL;
    size_t len;
    if (!file_read(from, KERNEL_CAP, &data, &len, err))
        return false;
    cpio_add_file(c, to, 0644, data, len);
    strbuf_addf(order, "%s\n", base);
    return true;
}

/* The modules of the kernel whose folder is MODULES, and the order to load them in. */
static bool add_modules(struct cpio *c, const char *modules, struct lr_error *err)
{
    _free_ char *dep_path = path_join(modules, "modules.dep");
    _free_ char *builtin_path = path_join(modules, "modules.builtin");
    _free_ char *dep = NULL, *builtin = NULL;
    if (!file_read(dep_path, DEP_CAP, &dep, NULL, err) ||
        !file_read(builtin_path, DEP_CAP, &builtin, NULL, err))
        return false;
    _strv_ struct strv needed = STRV_INIT;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!modules_needed(dep, wanted[i], &needed) && !built_in(builtin, wanted[i]))
            return lr_error_set(err, LR_EINFRA, "the image's kernel has no module '%s'", wanted[i]);
    _strbuf_ struct strbuf order = STRBUF_INIT;
    for (size_t i = 0; i < needed.n; i++)
        if (!add_module(c, &order, modules, needed.items[i], err))
            return false;
    cpio_add_file(c, "modules/order", 0644, order.data, order.len);
    return true;
}

/* The newest kernel in the root; owned. */
static char *newest_kernel(const char *root, struct lr_error *err)
{
    _free_ char *boot = path_join(root, "boot");
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(boot, &names, err))
        return NULL;
    const char *best = NULL;
    for (size_t i = 0; i < names.n; i++)
        if (has_prefix(names.items[i], "vmlinuz-") &&
            (!best || strverscmp(names.items[i], best) > 0))
            best = names.items[i];
    if (!best)
        lr_error_set(err, LR_ESCENARIO, "the image has no kernel: name a linux-image package");
    return best ? xstrdup(best + strlen("vmlinuz-")) : NULL;
}

static bool copy_kernel(
    const char *root, const char *dir, const char *version, struct lr_error *err)
{
    _free_ char *from = xasprintf("%s/boot/vmlinuz-%s", root, version);
    _free_ char *to = path_join(dir, "vmlinuz");
    _free_ char *data = NULL;
    size_t len;
    return file_read(from, KERNEL_CAP, &data, &len, err) &&
        file_write_atomic(to, data, len, 0644, err);
}

bool kernel_make(const char *dir, char **ret_version, struct lr_error *err)
{
    _free_ char *root = path_join(dir, "root");
    _free_ char *version = newest_kernel(root, err);
    if (!version || !copy_kernel(root, dir, version, err))
        return false;
    _free_ char *modules = xasprintf("%s/usr/lib/modules/%s", root, version);
    _cpio_ struct cpio c = CPIO_INIT;
    cpio_add_dir(&c, "dev", 0755);
    cpio_add_file(&c, "init", 0755, guest_init_start, (size_t)(guest_init_end - guest_init_start));
    if (!add_modules(&c, modules, err))
        return false;
    cpio_finish(&c);
    _free_ char *initrd = path_join(dir, "initrd");
    if (!file_write_atomic(initrd, c.data.data, c.data.len, 0644, err))
        return false;
    *ret_version = STEAL(version);
    return true;
}
