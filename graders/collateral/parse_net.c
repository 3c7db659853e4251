/* Listening ports, from ss. */
#include "graders/collateral/parse.h"

/* What is more is forged; each is looked for in all of them. */
#define MAX_PORTS     4096
#define MAX_PROCESSES 256 /* of one port, of different names */

/* Daemons that take any free port of a range: which one is chance. */
static const struct {
    const char *process;
    long low, high;
} ranges[] = {
    {"ceph-mds", 6800, 7568},
    {"ceph-mgr", 6800, 7568},
    {"ceph-osd", 6800, 7568},
};

/* "sshd,systemd" of users:(("sshd",pid=36,fd=6),("systemd",pid=1,fd=3)); sorted, each once. */
static const char *read_processes(char *text, struct strv *ret)
{
    static const char begin[] = "((\"";
    if (!has_prefix(text, "users:") || !strstr(text, begin))
        return "ss names the processes in another way than it should";
    for (char *p = strstr(text, begin) + 2; p && *p == '"';) {
        char *end = strstr(p + 1, "\",pid=");
        if (!end)
            return "ss names a process in another way than it should";
        if (ret->n > MAX_PROCESSES)
            return "there are too many processes at one port";
        *end = '\0';
        if (!strv_contains(ret, p + 1))
            strv_add(ret, p + 1);
        char *next = strstr(end + 1, "),(\"");
        p = next ? next + 3 : NULL;
    }
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *joined(struct strv *v)
{
    struct strbuf b = STRBUF_INIT;
    if (v->n)
        qsort(v->items, v->n, sizeof *v->items, by_name);
    for (size_t i = 0; i < v->n; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", v->items[i]);
    return strbuf_steal(&b);
}

/* Every lab gives its interfaces other link-local addresses than the stage had. */
static char *address_of(const char *local, size_t len)
{
    static const char prefix[] = "[fe80::";
    if (strncmp(local, prefix, sizeof prefix - 1) != 0)
        return xstrndup(local, len);
    _free_ char *text = xstrndup(local, len);
    const char *rest = strpbrk(text, "]%");
    return xasprintf("%s%s", prefix, rest ? rest : "]");
}

/* "tcp 0.0.0.0:22", or "tcp 10.20.0.11:6800-7568" for a daemon that takes any of these. Owned. */
static char *item_of(const char *protocol, const char *local, const struct strv *processes)
{
    const char *colon = strrchr(local, ':');
    char *end;
    long port = colon ? strtol(colon + 1, &end, 10) : 0;
    if (!colon || end == colon + 1 || *end || port < 1 || port > 65535)
        return NULL;
    _free_ char *address = address_of(local, (size_t)(colon - local));
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (processes->n == 1 && streq(processes->items[0], ranges[i].process) &&
            port >= ranges[i].low && port <= ranges[i].high)
            return xasprintf("%s %s:%ld-%ld", protocol, address, ranges[i].low, ranges[i].high);
    return xasprintf("%s %s:%ld", protocol, address, port);
}

/* One port may have many sockets, of several processes. */
static void add_port(struct facts *ret, const char *item, const char *processes)
{
    for (size_t i = 0; i < ret->n; i++) {
        struct fact *f = &ret->items[i];
        if (!streq(f->item, item))
            continue;
        if (!strstr(f->value, processes)) {
            char *both = xasprintf("%s, %s", f->value, processes);
            free(f->value);
            f->value = both;
        }
        return;
    }
    facts_add(ret, item, processes);
}

const char *parse_ports(char *text, struct facts *ret)
{
    size_t lines = 0;
    for (char *line; (line = next_line(&text));) {
        if (ret->n > MAX_PORTS || lines++ > MAX_FACTS)
            return "there are too many ports";
        char *words[7];
        size_t n = split_words(line, words, 7);
        if (n == 0)
            continue;
        bool known = streq(words[0], "tcp") || streq(words[0], "udp");
        if (n < 6 || !known)
            return "a line of ss is not as it should be";
        _strv_ struct strv processes = STRV_INIT;
        const char *why = n == 7 ? read_processes(words[6], &processes) : NULL;
        if (why)
            return why;
        _free_ char *item = item_of(words[0], words[4], &processes);
        if (!item)
            return "an address that ss gives is not one";
        _free_ char *names = joined(&processes);
        add_port(ret, item, *names ? names : "process not known");
    }
    return NULL;
}
