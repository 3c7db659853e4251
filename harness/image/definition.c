#include "image/definition.h"
#include "scenario/reader.h"
#include "util/fs.h"
#include <ctype.h>
#include <errno.h>

#define FILE_CAP     (256UL << 10)
#define MAX_SETS     32
#define MAX_PACKAGES 2000

/* One file: an image, or a set that images include. */
struct file_def {
    int64_t version;
    char *suite;
    struct strv include;
    struct strv packages;
    struct strv hooks;
    struct strv preseed;
};

/* What one load gathers over all files. */
struct load {
    struct definition *def;
    struct strv sets;    /* names of the sets that were read */
    struct strbuf found; /* the mistakes, as text */
};

static bool is_name(const char *s, const char *more)
{
    if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s))
        return false;
    for (; *s; s++)
        if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && !strchr(more, *s))
            return false;
    return true;
}

/* Reads a list of scalars, each of which VALID accepts; WHAT names one of them. */
static void read_list(struct reader *r, const struct value *v, struct strv *list, const char *what,
    bool (*valid)(struct reader *r, const struct value *item))
{
    if (v->type != VALUE_LIST) {
        problems_add(r->problems, v, "expected a list of %ss", what);
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        const struct value *item = &v->items[i];
        if (item->type != VALUE_SCALAR || !*item->text)
            problems_add(r->problems, item, "expected a %s", what);
        else if (strv_contains(list, item->text))
            problems_add(r->problems, item, "%s '%s' is named twice", what, item->text);
        else if (valid(r, item))
            strv_add(list, item->text);
    }
}

static bool valid_package(struct reader *r, const struct value *item)
{
    if (is_name(item->text, "+.-"))
        return true;
    problems_add(r->problems, item, "'%s' is not the name of a package", item->text);
    return false;
}

/* A file in the folder SUB beside the definition; NAMES of what is there help with misspellings. */
static bool exists_in(
    struct reader *r, const struct value *item, const char *sub, const char *suffix)
{
    const struct load *l = r->context;
    _free_ char *dir = path_join(l->def->dir, sub);
    _free_ char *path = xasprintf("%s/%s%s", dir, item->text, suffix);
    if (is_name(item->text, ".-") && path_exists(path))
        return true;
    _strv_ struct strv names = STRV_INIT;
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    if (!dir_list(dir, &names, &ignored))
        names = STRV_INIT;
    for (size_t i = 0; i < names.n; i++) {
        char *end = names.items[i] + strlen(names.items[i]) - strlen(suffix);
        if (end > names.items[i] && streq(end, suffix))
            *end = '\0';
    }
    const char *meant = closest_word(item->text, (const char *const *)names.items, names.n);
    problems_add(r->problems, item, "there is no '%s%s' in %s/%s%s%s", item->text, suffix, sub,
        meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
    return false;
}

static bool valid_hook(struct reader *r, const struct value *item)
{
    return exists_in(r, item, "hooks", "");
}

static bool valid_set(struct reader *r, const struct value *item)
{
    return exists_in(r, item, "sets", ".yaml");
}

static bool valid_preseed(struct reader *r, const struct value *item)
{
    if (!strchr(item->text, '\n'))
        return true;
    problems_add(r->problems, item, "an answer for debconf is one line");
    return false;
}

static void read_include(struct reader *r, const struct value *v, void *member)
{
    read_list(r, v, member, "set", valid_set);
}

static void read_packages(struct reader *r, const struct value *v, void *member)
{
    read_list(r, v, member, "package", valid_package);
}

static void read_hooks(struct reader *r, const struct value *v, void *member)
{
    read_list(r, v, member, "hook", valid_hook);
}

static void read_preseed(struct reader *r, const struct value *v, void *member)
{
    read_list(r, v, member, "answer", valid_preseed);
}

/* A set has no suite of its own: SUITE stands first, so that a set's table starts after it. */
static const struct field fields[] = {
    FIELD_ID("suite", struct file_def, suite, FIELD_REQUIRED, .help = "release: trixie"),
    FIELD_INT("labrun-image", struct file_def, version, FIELD_REQUIRED, .min = 1, .max = 1,
        .help = "version of this format"),
    FIELD_CUSTOM("include", struct file_def, include, read_include, FIELD_OPTIONAL,
        .help = "sets of packages, images/sets/NAME.yaml"),
    FIELD_CUSTOM("packages", struct file_def, packages, read_packages, FIELD_OPTIONAL,
        .help = "packages of the distribution"),
    FIELD_CUSTOM("hooks", struct file_def, hooks, read_hooks, FIELD_OPTIONAL,
        .help = "scripts in images/hooks, run in order inside the new root"),
    FIELD_CUSTOM("preseed", struct file_def, preseed, read_preseed, FIELD_OPTIONAL,
        .help = "answers for debconf"),
};

static void file_def_free(struct file_def *f)
{
    free_map(fields, N_FIELDS(fields), f);
    strv_free(&f->include);
    strv_free(&f->packages);
    strv_free(&f->hooks);
    strv_free(&f->preseed);
}

static void add_new(struct strv *to, const struct strv *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (!strv_contains(to, from->items[i]))
            strv_add(to, from->items[i]);
}

static bool load_file(struct load *l, const char *path, bool is_set, struct lr_error *err);

static bool load_sets(struct load *l, const struct strv *names, struct lr_error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strv_contains(&l->sets, names->items[i]))
            continue;
        if (l->sets.n >= MAX_SETS)
            return lr_error_set(
                err, LR_ESCENARIO, "image '%s' includes more than %d sets", l->def->name, MAX_SETS);
        strv_add(&l->sets, names->items[i]);
        _free_ char *path = xasprintf("%s/sets/%s.yaml", l->def->dir, names->items[i]);
        if (!load_file(l, path, true, err))
            return false;
    }
    return true;
}

static bool load_file(struct load *l, const char *path, bool is_set, struct lr_error *err)
{
    _free_ char *text = NULL;
    size_t len;
    if (!file_read(path, FILE_CAP, &text, &len, err))
        return false;
    _problems_ struct problems problems;
    problems_init(&problems, path);
    _value_ struct value value = {0};
    _cleanup_(file_def_free) struct file_def f = {0};
    if (value_parse(text, len, &problems, &value)) {
        struct reader r = {.problems = &problems, .context = l};
        size_t skip = is_set ? 1 : 0;
        read_map(&r, &value, fields + skip, N_FIELDS(fields) - skip, &f);
    }
    if (problems.n) {
        _free_ char *found = problems_text(&problems);
        strbuf_adds(&l->found, found);
    }
    if (!load_sets(l, &f.include, err))
        return false;
    if (!is_set)
        l->def->suite = STEAL(f.suite);
    add_new(&l->def->packages, &f.packages);
    add_new(&l->def->hooks, &f.hooks);
    add_new(&l->def->preseed, &f.preseed);
    return true;
}

static bool start(struct definition *d, const char *yaml, struct lr_error *err)
{
    _free_ char *full = realpath(yaml, NULL);
    if (!full)
        return lr_error_errno(err, errno, "opening '%s'", yaml);
    char *slash = strrchr(full, '/');
    char *dot = strrchr(slash, '.');
    d->name = xstrndup(slash + 1, (size_t)((dot ? dot : slash + strlen(slash)) - slash - 1));
    d->dir = xstrndup(full, (size_t)(slash - full));
    return true;
}

bool definition_load(const char *yaml, struct definition *ret, struct lr_error *err)
{
    _definition_ struct definition d = {0};
    struct load l = {.def = &d};
    if (!start(&d, yaml, err))
        return false;
    bool ok = load_file(&l, yaml, false, err);
    if (ok && !l.found.len && d.packages.n > MAX_PACKAGES)
        strbuf_addf(&l.found, "%s: more than %d packages", yaml, MAX_PACKAGES);
    if (ok && l.found.len) {
        while (l.found.data[l.found.len - 1] == '\n')
            l.found.data[--l.found.len] = '\0';
        ok = lr_error_set(err, LR_ESCENARIO, "%s", l.found.data);
    }
    strv_free(&l.sets);
    strbuf_free(&l.found);
    if (!ok)
        return false;
    *ret = d;
    d = (struct definition){0};
    return true;
}

void definition_free(struct definition *d)
{
    free(d->name);
    free(d->dir);
    free(d->suite);
    strv_free(&d->packages);
    strv_free(&d->hooks);
    strv_free(&d->preseed);
    *d = (struct definition){0};
}

static void digest_list(struct hasher *h, const struct strv *list)
{
    _free_ char *n = xasprintf("%zu", list->n);
    hasher_adds(h, n);
    for (size_t i = 0; i < list->n; i++)
        hasher_adds(h, list->items[i]);
}

bool definition_digest(const struct definition *d, struct hasher *h, struct lr_error *err)
{
    hasher_adds(h, d->name);
    hasher_adds(h, d->suite);
    digest_list(h, &d->packages);
    digest_list(h, &d->preseed);
    digest_list(h, &d->hooks);
    for (size_t i = 0; i < d->hooks.n; i++) {
        _free_ char *path = xasprintf("%s/hooks/%s", d->dir, d->hooks.items[i]);
        if (!hasher_add_file(h, path, err))
            return false;
    }
    _free_ char *lxc = path_join(d->dir, "lxc");
    return hasher_add_tree(h, lxc, err);
}
