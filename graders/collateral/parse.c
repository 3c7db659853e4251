#include "graders/collateral/parse.h"

enum section_name {
    S_CLOCK,
    S_SETTLED,
    S_UNIT_FILES,
    S_UNITS,
    S_INSTALLS,
    S_PORTS,
    S_FIREWALL,
    S_MOUNTS,
    S_PASSWD,
    S_SHADOW,
    S_GROUP,
    S_SYSCTLS,
    S_PACKAGES,
    S_FILES,
    N_SECTIONS
};

static const char *const section_names[N_SECTIONS] = {"clock", "settled", "unit-files", "units",
    "installs", "ports", "firewall", "mounts", "passwd", "shadow", "group", "sysctls", "packages",
    "files"};

/* A section that was found whole; TEXT is inside the answer. */
struct section {
    char *text; /* NULL: it was not there, not whole, or there twice */
    long status;
};

char *next_line(char **text)
{
    char *line = *text;
    if (!*line)
        return NULL;
    size_t n = strcspn(line, "\n");
    *text = line + n + (line[n] == '\n');
    line[n] = '\0';
    return line;
}

size_t split_words(char *line, char *words[], size_t max)
{
    size_t n = 0;
    for (char *p = line + strspn(line, " \t"); *p && n < max; p += strspn(p, " \t")) {
        words[n++] = p;
        if (n == max)
            break;
        p += strcspn(p, " \t");
        if (*p)
            *p++ = '\0';
    }
    return n;
}

/* Where the line MARK begins at or after FROM. */
static char *find_line(char *from, const char *mark, const char *begin)
{
    size_t n = strlen(mark);
    for (char *p = strstr(from, mark); p; p = strstr(p + 1, mark))
        if ((p == begin || p[-1] == '\n') && (p[n] == '\n' || p[n] == ' ' || !p[n]))
            return p;
    return NULL;
}

/* The program writes a line break of its own before the closing mark, since what a command said
 * last may lack one; so one line break belongs to the mark. Returns where it stands. */
static char *find_section(char *text, const char *token, const char *name, struct section *ret)
{
    _free_ char *open = xasprintf("%s begin %s", token, name);
    _free_ char *close = xasprintf("%s end %s", token, name);
    char *begin = find_line(text, open, text);
    char *body = begin ? strchr(begin, '\n') : NULL;
    char *end = body ? find_line(body, close, text) : NULL;
    if (!end || end == body + 1 || find_line(end, open, text))
        return NULL;
    char *after;
    ret->status = strtol(end + strlen(close), &after, 10);
    if (after == end + strlen(close) || *after != '\n')
        return NULL;
    ret->text = body + 1;
    return end - 1;
}

static void find_sections(char *text, const char *token, struct section found[N_SECTIONS])
{
    char *ends[N_SECTIONS];
    for (int i = 0; i < N_SECTIONS; i++)
        ends[i] = find_section(text, token, section_names[i], &found[i]);
    for (int i = 0; i < N_SECTIONS; i++)
        if (ends[i])
            *ends[i] = '\0';
}

/* NULL when the section is there and its command ended well; else what is wrong. */
static const char *usable(const struct section *s, long also)
{
    if (!s->text)
        return "the node's answer lacks it";
    if (s->status == 124 || s->status == 137)
        return "the command took too long";
    if (s->status == 126 || s->status == 127)
        return FACTS_NO_PROGRAM;
    if (s->status != 0 && s->status != also)
        return "the command failed on the node";
    return NULL;
}

static const char *parse_kind(struct section *s, enum fact_kind kind, struct facts *ret)
{
    const char *why = NULL;
    switch (kind) {
    case FACT_UNITS: /* of folders that are not there, find and grep complain */
        why = usable(&s[S_UNIT_FILES], 1);
        why = why ? why : usable(&s[S_INSTALLS], 2);
        why = why ? why : usable(&s[S_UNITS], 0);
        return why ? why
                   : parse_units(s[S_UNIT_FILES].text, s[S_INSTALLS].text, s[S_UNITS].text, ret);
    case FACT_PORTS:
        why = usable(&s[S_PORTS], 0);
        return why ? why : parse_ports(s[S_PORTS].text, ret);
    case FACT_FIREWALL:
        why = usable(&s[S_FIREWALL], 0);
        return why ? why : parse_firewall(s[S_FIREWALL].text, ret);
    case FACT_MOUNTS:
        why = usable(&s[S_MOUNTS], 0);
        return why ? why : parse_mounts(s[S_MOUNTS].text, ret);
    case FACT_USERS:
        why = usable(&s[S_PASSWD], 0);
        why = why ? why : usable(&s[S_SHADOW], 0);
        why = why ? why : usable(&s[S_GROUP], 0);
        return why ? why : parse_users(s[S_PASSWD].text, s[S_SHADOW].text, s[S_GROUP].text, ret);
    case FACT_SYSCTLS: /* some cannot be read, which find reports */
        why = usable(&s[S_SYSCTLS], 1);
        return why ? why : parse_sysctls(s[S_SYSCTLS].text, ret);
    case FACT_PACKAGES:
        why = usable(&s[S_PACKAGES], 0);
        return why ? why : parse_packages(s[S_PACKAGES].text, ret);
    case N_FACT_KINDS:
        break;
    }
    return "not asked for";
}

/* What a boot brings up piece by piece says nothing before the boot is over. */
static const char *not_settled(const struct section *s, enum fact_kind kind)
{
    static const char *const over[] = {"running", "degraded", "maintenance"};
    if (kind == FACT_USERS || kind == FACT_PACKAGES)
        return NULL;
    if (!s->text)
        return "the node does not say whether its boot is over";
    size_t n = strcspn(s->text, "\n");
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        if (n == strlen(over[i]) && strncmp(s->text, over[i], n) == 0)
            return NULL;
    return "the node's boot is not over";
}

static void parse_files(const struct section *s, struct facts *ret)
{
    const char *why = usable(s, 1);
    if (why) {
        facts_set_untold(ret, "%s", why);
        return;
    }
    char *text = s->text;
    for (char *line; (line = next_line(&text)) && ret->n < MAX_FACTS;)
        if (*line)
            facts_add(ret, line, "");
    facts_finish(ret);
}

void facts_parse(char *text, size_t len, const char *token, unsigned kinds, struct node_facts *ret)
{
    struct section s[N_SECTIONS] = {0};
    bool whole = strlen(text) == len; /* a NUL byte would hide what follows it */
    if (whole)
        find_sections(text, token, s);
    for (int k = 0; k < N_FACT_KINDS; k++) {
        struct facts *f = &ret->kinds[k];
        const char *why = !(kinds & 1U << k) ? "not asked for"
            : !whole                         ? "the node's answer is not text"
                                             : not_settled(&s[S_SETTLED], (enum fact_kind)k);
        if (!why)
            why = parse_kind(s, (enum fact_kind)k, f);
        if (!why && f->n > MAX_FACTS)
            why = "there are too many of them";
        if (why)
            facts_set_untold(f, "%s", why);
        else
            facts_finish(f);
    }
    if (s[S_CLOCK].text && s[S_CLOCK].status == 0)
        ret->clock = strtod(s[S_CLOCK].text, NULL);
    parse_files(&s[S_FILES], &ret->files);
}
