/* Mounts, users and groups, sysctls, packages. */
#include "graders/collateral/parse.h"
#include <ctype.h>
#include <fnmatch.h>

/* Where the system mounts and unmounts by itself. */
static const char *const own_mounts[] = {"/run/credentials/*", "/run/systemd/*", "/run/user/*",
    "/proc/sys/fs/binfmt_misc", "/sys/kernel/*", "/sys/fs/*", "/dev/*"};

static bool matches_any(const char *const patterns[], size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (fnmatch(patterns[i], text, 0) == 0)
            return true;
    return false;
}

#define MATCHES_ANY(patterns, text)                                                                \
    matches_any((patterns), sizeof(patterns) / sizeof *(patterns), (text))

/* Of the options of a mount point those that make a difference to its users. */
static void add_options(struct strbuf *b, char *options)
{
    static const char *const told[] = {"ro", "rw", "noexec", "nosuid"};
    char *save = NULL;
    for (char *o = strtok_r(options, ",", &save); o; o = strtok_r(NULL, ",", &save))
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
            if (streq(o, told[i]))
                strbuf_addf(b, " %s", o);
}

/* Which loop device it is is chance. */
static void add_source(struct strbuf *b, const char *source, const char *root)
{
    if (has_prefix(source, "/dev/loop"))
        strbuf_adds(b, " of a loop device");
    else if (*source == '/' || strchr(source, ':'))
        strbuf_addf(b, " of %s", source);
    if (!streq(root, "/"))
        strbuf_addf(b, " from %s", root);
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE SUPER-OPTIONS */
const char *parse_mounts(char *text, struct facts *ret)
{
    for (char *line; (line = next_line(&text));) {
        char *w[32];
        size_t n = split_words(line, w, 32), dash = 6;
        if (n == 0)
            continue;
        while (dash < n && !streq(w[dash], "-"))
            dash++;
        if (dash + 3 > n || w[4][0] != '/')
            return "a line of /proc/self/mountinfo is not as it should be";
        if (MATCHES_ANY(own_mounts, w[4]))
            continue;
        _strbuf_ struct strbuf b = STRBUF_INIT;
        strbuf_adds(&b, w[dash + 1]);
        add_options(&b, w[5]);
        add_source(&b, w[dash + 2], w[3]);
        facts_add(ret, w[4], b.data);
    }
    return ret->n ? NULL : "no file system is mounted";
}

/* Splits LINE at colons into exactly N fields. */
static bool split_fields(char *line, char *fields[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fields[i] = line;
        line = strchr(line, ':');
        if (!line != (i == n - 1))
            return false;
        if (line)
            *line++ = '\0';
    }
    return true;
}

/* NAME:locked, NAME:set or NAME:empty: the node does not tell more. */
static const char *read_shadow(char *text, struct facts *ret)
{
    for (char *line; (line = next_line(&text));) {
        char *f[2];
        if (!*line)
            continue;
        if (!split_fields(line, f, 2))
            return "a line of /etc/shadow is not as it should be";
        facts_add(ret, f[0], f[1]);
    }
    facts_finish(ret);
    return NULL;
}

const char *parse_users(char *passwd, char *shadow, char *group, struct facts *ret)
{
    _cleanup_(facts_free) struct facts passwords = {0};
    const char *why = read_shadow(shadow, &passwords);
    if (why)
        return why;
    for (char *line; (line = next_line(&passwd));) {
        char *f[7];
        if (!*line)
            continue;
        if (!split_fields(line, f, 7))
            return "a line of /etc/passwd is not as it should be";
        const char *password = facts_get(&passwords, f[0]);
        _free_ char *item = xasprintf("user %s", f[0]);
        _free_ char *value = xasprintf("uid %s, gid %s, home %s, shell %s, password %s", f[2], f[3],
            f[5], f[6], password ? password : "not in /etc/shadow");
        facts_add(ret, item, value);
    }
    for (char *line; (line = next_line(&group));) {
        char *f[4];
        if (!*line)
            continue;
        if (!split_fields(line, f, 4))
            return "a line of /etc/group is not as it should be";
        _free_ char *item = xasprintf("group %s", f[0]);
        _free_ char *value = xasprintf("gid %s%s%s", f[2], *f[3] ? ", members " : "", f[3]);
        facts_add(ret, item, value);
    }
    return ret->n ? NULL : "there are no users";
}

/* What changes by itself, is worked out from the memory at each boot, or is a secret. */
static const char *const not_told[] = {"kernel/random/*", "kernel/ns_last_pid", "kernel/tainted",
    "kernel/perf_event_max_sample_rate", "kernel/pty/*", "kernel/threads-max", "kernel/sched*",
    "fs/binfmt_misc/*", "fs/dentry-state", "fs/inode-*", "fs/file-*", "fs/aio-nr",
    "fs/epoll/max_user_watches", "fs/inotify/max_user_watches", "fs/quota/*", "vm/stat_refresh",
    "vm/drop_caches", "vm/compact_memory", "vm/*_reserve_kbytes", "vm/min_free_kbytes",
    "net/ipv4/tcp_mem", "net/ipv4/udp_mem", "net/ipv4/tcp_fastopen_key", "net/*/route/flush",
    "net/ipv6/conf/*/stable_secret", "net/netfilter/nf_conntrack_count",
    "net/netfilter/nf_conntrack_max", "net/netfilter/nf_conntrack_buckets", "net/nf_conntrack_max"};

static void squeeze_blanks(char *text)
{
    char *out = text;
    for (char *p = text; *p; p++) {
        bool blank = isspace((unsigned char)*p);
        if (!blank || (out > text && out[-1] != ' '))
            *out++ = blank ? ' ' : *p;
    }
    while (out > text && out[-1] == ' ')
        out--;
    *out = '\0';
}

static bool takes_part(const char *path)
{
    return !MATCHES_ANY(not_told, path);
}

/* "net/ipv4/conf/eth0.5/forwarding" as sysctl(8) writes it, in place. */
static void dotted(char *path)
{
    for (char *p = path; *p; p++)
        *p = *p == '/' ? '.' : *p == '.' ? '/' : *p;
}

/* PATH:VALUE, one for each line of the value, which stand together. */
const char *parse_sysctls(char *text, struct facts *ret)
{
    static const char top[] = "/proc/sys/";
    _strbuf_ struct strbuf value = STRBUF_INIT;
    const char *name = NULL;
    for (char *line; (line = next_line(&text));) {
        char *colon = strchr(line, ':');
        if (!*line)
            continue;
        if (!has_prefix(line, top) || !colon)
            return "a sysctl is not as it should be";
        *colon = '\0';
        squeeze_blanks(colon + 1);
        char *path = line + sizeof top - 1;
        if (!takes_part(path))
            continue;
        dotted(path);
        bool more = name && streq(name, path);
        if (name && !more)
            facts_add(ret, name, value.data);
        value.len = more ? value.len : 0;
        strbuf_addf(&value, "%s%s", more ? "; " : "", colon + 1);
        name = path;
    }
    if (name)
        facts_add(ret, name, value.data);
    return NULL;
}

/* NAME:ARCHITECTURE STATE VERSION */
const char *parse_packages(char *text, struct facts *ret)
{
    for (char *line; (line = next_line(&text));) {
        char *w[4];
        size_t n = split_words(line, w, 4);
        if (n == 0 || (n == 2 && streq(w[1], "un")))
            continue;
        if (n != 3 || !strchr(w[0], ':'))
            return "a line of dpkg-query is not as it should be";
        bool installed = streq(w[1], "ii") || streq(w[1], "hi");
        _free_ char *value = xasprintf("%s%s%s%s", w[2], installed ? "" : " (state ",
            installed ? "" : w[1], installed ? "" : ")");
        facts_add(ret, w[0], value);
    }
    return ret->n ? NULL : "no package is installed";
}
