/* mmdebstrap does the work, in a mount and a process name space of its own: when it is killed, what
 * it mounted and whatever the packages' scripts started go with it. Downloaded packages are linked
 * into the new root before and back into the cache after, so that images share them; those that the
 * mirror has no more leave the cache then. */
#include "image/bootstrap.h"
#include "image/image.h"
#include "image/mirror.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/proc.h"
#include <errno.h>

#define KEYRING        "/usr/share/keyrings/debian-archive-keyring.gpg"
#define KEYRING_OPTION "--keyring=" KEYRING
#define BUILD_LIMIT    (90LL * 60 * 1000) /* ms; a slow mirror and a slow machine */
#define TAIL_LINES     40
#define LINE_SHOWN     200 /* of a complaint that may hold hundreds of names */
#define HOOK_RUNNER    "running --customize-hook"
#define FIRST_HOOKS    1 /* our own hooks in front of the definition's */

/* What follows output while it comes. */
struct progress {
    const struct definition *def;
    FILE *log;
    size_t hooks;           /* customize hooks begun */
    char *full;             /* the first line that says that the disk is; dpkg goes on for long */
    char *tail[TAIL_LINES]; /* ring of the last lines */
    size_t n_lines;
};

static const struct {
    const char *said; /* by mmdebstrap, after "I: " */
    const char *stage;
} stages[] = {
    {"running apt-get update", "reading the mirror's indices"},
    {"downloading packages", "downloading packages"},
    {"extracting archives", "unpacking the base system"},
    {"installing essential packages", "setting up the base system"},
    {"installing remaining packages", "downloading and installing packages"},
    {HOOK_RUNNER, "running hooks"},
    {"cleaning package lists", "cleaning up"},
};

const char *bootstrap_stage(const char *line, bool *ret_hook)
{
    *ret_hook = false;
    if (!has_prefix(line, "I: "))
        return NULL;
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        if (!has_prefix(line + 3, stages[i].said))
            continue;
        *ret_hook = streq(stages[i].said, HOOK_RUNNER);
        return stages[i].stage;
    }
    return NULL;
}

static const char *const full[] = {"No space left on device", "not enough free space", NULL};

/* The first line of TEXT with one of the WORDS, as an owned string; NULL if there is none. */
static char *line_with(const char *text, const char *const words[])
{
    for (size_t i = 0; words[i]; i++) {
        const char *hit = strstr(text, words[i]);
        if (!hit)
            continue;
        while (hit > text && hit[-1] != '\n')
            hit--;
        return xstrndup(hit, strcspn(hit, "\n"));
    }
    return NULL;
}

static void on_line(const char *line, void *data)
{
    struct progress *p = data;
    fprintf(p->log, "%s\n", line);
    free(p->tail[p->n_lines % TAIL_LINES]);
    p->tail[p->n_lines++ % TAIL_LINES] = xstrdup(line);
    if (!p->full)
        p->full = line_with(line, full);
    bool hook;
    const char *stage = bootstrap_stage(line, &hook);
    if (!stage)
        return;
    size_t i = p->hooks;
    if (hook)
        p->hooks++;
    if (!hook)
        log_info("image %s: %s", p->def->name, stage);
    else if (i >= FIRST_HOOKS && i - FIRST_HOOKS < p->def->hooks.n)
        log_info("image %s: hook %s", p->def->name, p->def->hooks.items[i - FIRST_HOOKS]);
}

static char *tail_text(const struct progress *p)
{
    struct strbuf b = STRBUF_INIT;
    if (p->full)
        strbuf_addf(&b, "%s\n", p->full);
    size_t first = p->n_lines > TAIL_LINES ? p->n_lines - TAIL_LINES : 0;
    for (size_t i = first; i < p->n_lines; i++)
        strbuf_addf(&b, "%s\n", p->tail[i % TAIL_LINES]);
    return strbuf_steal(&b);
}

/* mmdebstrap's own complaint and the line before it, which says why: "sed: no such file; E: …". */
static char *reason_in(const char *tail)
{
    const char *own = strstr(tail, "\nE: ");
    if (!own)
        return xstrdup(last_lines(tail, 1));
    const char *before = own;
    while (before > tail && before[-1] != '\n')
        before--;
    size_t len = strcspn(own + 1, "\n");
    return xasprintf("%.*s; %.*s", (int)(own - before), before,
        (int)(len < LINE_SHOWN ? len : LINE_SHOWN), own + 1);
}

bool bootstrap_explain(const char *tail, const char *log, struct lr_error *err)
{
    static const char *const missing[] = {
        "Unable to locate package", "has no installation candidate", NULL};
    static const char *const unreachable[] = {"Failed to fetch", "Could not resolve",
        "Temporary failure", "Could not connect", "Unable to connect",
        "does not have a Release file", "is not valid yet", "NO_PUBKEY", "is not signed", NULL};
    _free_ char *line = line_with(tail, full);
    if (line) {
        lr_error_set(err, LR_EINFRA, "the disk is full");
        return lr_error_hint(err, "make room in labrun's state folder; the log is '%s'", log);
    }
    line = line_with(tail, missing);
    if (line) {
        lr_error_set(err, LR_ESCENARIO, "%s", line);
        return lr_error_hint(err, "packages are named in the image's definition; log: '%s'", log);
    }
    line = line_with(tail, unreachable);
    if (line) {
        lr_error_set(err, LR_EINFRA, "the mirror did not give what was asked for: %s", line);
        return lr_error_hint(
            err, "see that 'apt-get update' works, or set LABRUN_MIRROR; the log is '%s'", log);
    }
    _free_ char *reason = reason_in(tail);
    lr_error_set(err, LR_EINFRA, "mmdebstrap failed: %s", reason);
    return lr_error_hint(err, "the whole log is '%s'", log);
}

/* Hooks get paths through the environment: nothing has to be quoted for a shell. The root is $1. */
static void add_hooks(struct strv *argv, const struct definition *d)
{
    strv_add(argv,
        "--setup-hook=mkdir -p \"$1\"/var/cache/apt/archives; for f in"
        " \"$LABRUN_CACHE\"/*.deb; do [ ! -e \"$f\" ] || ln \"$f\""
        " \"$1\"/var/cache/apt/archives/; done");
    if (d->preseed.n)
        strv_add(
            argv, "--essential-hook=chroot \"$1\" debconf-set-selections <\"$LABRUN_PRESEED\"");
    strv_add(argv,
        "--customize-hook=chroot \"$1\" apt-get -qq autoclean; for f in \"$LABRUN_CACHE\"/*.deb; do"
        " [ -e \"$1/var/cache/apt/archives/${f##*/}\" ] || rm -f \"$f\"; done;"
        " for f in \"$1\"/var/cache/apt/archives/*.deb; do"
        " [ ! -e \"$f\" ] || ln -f \"$f\" \"$LABRUN_CACHE\"/; done");
    for (size_t i = 0; i < d->hooks.n; i++)
        strv_addf(argv,
            "--customize-hook=chroot \"$1\" /bin/sh -eu -s <\"$LABRUN_IMAGES\"/hooks/%s",
            d->hooks.items[i]);
}

static void add_packages(struct strv *argv, const struct definition *d)
{
    _strbuf_ struct strbuf list = STRBUF_INIT;
    for (size_t i = 0; i < d->packages.n; i++)
        strbuf_addf(&list, "%s%s", i ? "," : "", d->packages.items[i]);
    if (list.len)
        strv_addf(argv, "--include=%s", list.data);
}

static void make_argv(const struct bootstrap *b, const struct mirror *m, struct strv *argv)
{
    static const char *const fixed[] = {"setpriv", "--pdeathsig", "KILL", "unshare", "--mount",
        "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc", "mmdebstrap",
        "--verbose", "--mode=root", "--variant=apt", "--format=directory",
        "--skip=output/dev,essential/unlink", KEYRING_OPTION,
        "--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::Languages \"none\"",
        "--aptopt=APT::Keep-Downloaded-Packages \"true\"", "--dpkgopt=force-unsafe-io",
        "--dpkgopt=force-confold", "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/info/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/lintian/*",
        "--dpkgopt=path-exclude=/usr/share/man/[a-z][a-z]/*",
        "--dpkgopt=path-exclude=/usr/share/man/[a-z][a-z]_*"};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        strv_add(argv, fixed[i]);
    for (size_t i = 0; i < m->apt_options.n; i++)
        strv_addf(argv, "--aptopt=%s", m->apt_options.items[i]);
    add_hooks(argv, b->def);
    add_packages(argv, b->def);
    strv_add(argv, b->def->suite);
    strv_add(argv, b->root);
    strv_add(argv, m->uri);
}

/* A small environment of our own, so that the builder's does not get into the image; the way to a
 * proxy is the builder's, though. INITRD=No: the kernel's package makes no initial RAM disk, we
 * bring our own. */
static void make_env(const struct bootstrap *b, const char *preseed, struct strv *env)
{
    static const char *const kept[] = {"PATH", "http_proxy", "https_proxy", "no_proxy", NULL};
    for (size_t i = 0; kept[i]; i++) {
        const char *v = getenv(kept[i]);
        if (v)
            strv_addf(env, "%s=%s", kept[i], v);
    }
    strv_add(env, "HOME=/root");
    strv_add(env, "LC_ALL=C.UTF-8");
    strv_add(env, "DEBIAN_FRONTEND=noninteractive");
    strv_add(env, "INITRD=No");
    strv_addf(env, "LABRUN_CACHE=%s", b->cache);
    strv_addf(env, "LABRUN_IMAGES=%s", b->def->dir);
    strv_addf(env, "LABRUN_PRESEED=%s", preseed);
}

static bool write_preseed(const struct definition *d, const char *path, struct lr_error *err)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < d->preseed.n; i++)
        strbuf_addf(&b, "%s\n", d->preseed.items[i]);
    return file_write_atomic(path, b.data ? b.data : "", b.len, 0644, err);
}

static void close_progress(struct progress *p)
{
    if (p->log)
        fclose(p->log);
    free(p->full);
    for (size_t i = 0; i < TAIL_LINES; i++)
        free(p->tail[i]);
}

static bool run(const struct bootstrap *b, const struct strv *argv, const struct strv *env,
    struct lr_error *err)
{
    _cleanup_(close_progress) struct progress p = {.def = b->def, .log = fopen(b->log, "we")};
    if (!p.log)
        return lr_error_errno(err, errno, "creating '%s'", b->log);
    struct proc_opts opts = {.env = (const char *const *)env->items,
        .cap = 4096,
        .deadline = deadline_in(BUILD_LIMIT),
        .on_line = on_line,
        .data = &p};
    _proc_result_ struct proc_result r = {0};
    if (!proc_run((const char *const *)argv->items, &opts, &r, err))
        return false;
    if (r.status == 0)
        return true;
    _free_ char *tail = tail_text(&p);
    return bootstrap_explain(tail, b->log, err);
}

/* What the build needed and the guest does not: where packages came from and how they got there. */
static bool remove_traces(const char *root, struct lr_error *err)
{
    static const char *const paths[] = {"etc/apt/sources.list", "etc/apt/apt.conf.d/99mmdebstrap",
        "etc/dpkg/dpkg.cfg.d/99mmdebstrap", "var/log/apt", "var/log/dpkg.log",
        "var/log/bootstrap.log", "var/log/alternatives.log", "var/cache/apt", "var/lib/apt/lists",
        "dev"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        _free_ char *path = path_join(root, paths[i]);
        if (!tree_remove(path, err))
            return false;
    }
    /* Device nodes come from the guest's kernel, or from the driver of a container. */
    _free_ char *dev = path_join(root, "dev");
    return dir_make(dev, 0755, err);
}

void image_lacks(struct strv *ret_what, struct strv *ret_packages)
{
    static const char *const needs[][2] = {{"mmdebstrap", "mmdebstrap"}, {"unshare", "util-linux"},
        {"mke2fs", "e2fsprogs"}, {"qemu-img", "qemu-utils"}, {"dpkg-query", "dpkg"},
        {KEYRING, "debian-archive-keyring"}};
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        _free_ char *path = *needs[i][0] == '/' ? xstrdup(needs[i][0]) : proc_find(needs[i][0]);
        if (path && path_exists(path))
            continue;
        strv_add(ret_what, needs[i][0]);
        strv_add(ret_packages, needs[i][1]);
    }
}

static bool need_tools(struct lr_error *err)
{
    _strv_ struct strv what = STRV_INIT, packages = STRV_INIT;
    image_lacks(&what, &packages);
    if (what.n > 0) {
        struct strbuf names = STRBUF_INIT;
        for (size_t i = 0; i < packages.n; i++)
            strbuf_addf(&names, " %s", packages.items[i]);
        _free_ char *all = strbuf_steal(&names);
        lr_error_set(err, LR_ESERVICE, "building an image needs '%s'", what.items[0]);
        return lr_error_hint(err, "apt-get install%s", all);
    }
    if (geteuid() != 0) {
        lr_error_set(err, LR_ESERVICE, "building an image needs root");
        return lr_error_hint(err, "run `labrun build` of the scenario once as root");
    }
    return true;
}

bool bootstrap_run(const struct bootstrap *b, struct lr_error *err)
{
    _mirror_ struct mirror m = {0};
    if (!need_tools(err) || !mirror_of_host(&m, err))
        return false;
    _free_ char *preseed = xasprintf("%s.preseed", b->root);
    if (!write_preseed(b->def, preseed, err))
        return false;
    _strv_ struct strv argv = STRV_INIT;
    _strv_ struct strv env = STRV_INIT;
    make_argv(b, &m, &argv);
    make_env(b, preseed, &env);
    if (!run(b, &argv, &env, err))
        return false;
    unlink(preseed);
    return remove_traces(b->root, err);
}
