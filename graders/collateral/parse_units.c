/* Units: what starts at boot and what has failed. systemctl list-unit-files would tell the first,
 * at the price of half a second of the node's time; the folders tell it as well, which are looked
 * at here as systemd.unit(5) says: the first folder that has a unit wins, a link to /dev/null masks
 * it, links in NAME.wants and NAME.requires enable it.
 *
 * Whether a unit runs is told only where somebody decides it: units without an [Install] section
 * come and go with what pulls them in, and some of them with every call over D-Bus. */
#include "graders/collateral/parse.h"

#define MAX_UNITS 4096 /* each is looked for in all of them */
#define TOO_MANY  "there are too many units"

enum file_state { F_STATIC, F_DISABLED, F_ENABLED, F_MASKED, F_ALIAS, F_GENERATED, F_TRANSIENT };
static const char *const file_states[] = {
    "static", "disabled", "enabled", "masked", "alias", "generated", "transient"};

/* Where units lie, best first; ask.c looks into these. */
static const struct {
    const char *path;
    enum file_state state; /* of a unit that is there without anything else being said */
} folders[] = {
    {"/etc/systemd/system", F_DISABLED},
    {"/run/systemd/system", F_DISABLED},
    {"/run/systemd/transient", F_TRANSIENT},
    {"/run/systemd/generator", F_GENERATED},
    {"/usr/local/lib/systemd/system", F_DISABLED},
    {"/usr/lib/systemd/system", F_DISABLED},
};
#define N_FOLDERS (sizeof folders / sizeof *folders)

struct unit {
    const char *name;
    size_t folder; /* the best one that has it; N_FOLDERS: none, it is only a link in a .wants */
    enum file_state state;
    bool enabled;
};

struct units {
    struct unit *items;
    size_t n;
};

static struct unit *unit_get(struct units *u, const char *name)
{
    for (size_t i = 0; i < u->n; i++)
        if (streq(u->items[i].name, name))
            return &u->items[i];
    if (u->n % 64 == 0)
        u->items = xreallocarray(u->items, u->n + 64, sizeof *u->items);
    u->items[u->n] = (struct unit){.name = name, .folder = N_FOLDERS};
    return &u->items[u->n++];
}

static bool is_unit(const char *name)
{
    static const char *const types[] = {".service", ".socket", ".timer", ".path"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (streq(dot, types[i]))
            return true;
    return false;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A unit's file, or a link in its place. */
static void read_file(
    struct units *u, size_t folder, const char *name, bool empty, const char *target)
{
    struct unit *unit = unit_get(u, name);
    bool alias = target && !streq(base_of(target), name) && is_unit(target);
    if (folder < unit->folder) {
        unit->folder = folder;
        unit->state = empty || (target && streq(target, "/dev/null")) ? F_MASKED
            : alias                                                   ? F_ALIAS
                                                                      : folders[folder].state;
    }
    /* "systemctl enable" makes the aliases in /etc. */
    if (alias && folder == 0)
        unit_get(u, base_of(target))->enabled = true;
}

/* FOLDER|PATH|TYPE|SIZE|TARGET, of what is in the folder and one level below. */
static const char *read_entry(struct units *u, char *line, struct facts *ret)
{
    char *f[5], *save = line;
    for (size_t i = 0; i < 5; i++) {
        f[i] = strsep(&save, "|");
        if (!f[i])
            return "a line of the units' folders is not as it should be";
    }
    size_t folder = 0;
    while (folder < N_FOLDERS && !streq(f[0], folders[folder].path))
        folder++;
    if (folder == N_FOLDERS)
        return "a folder of units is not one of those that were asked for";
    char *slash = strchr(f[1], '/');
    bool link = *f[2] == 'l';
    if (!slash && is_unit(f[1]) && (link || *f[2] == 'f'))
        read_file(u, folder, f[1], !link && streq(f[3], "0"), link ? f[4] : NULL);
    if (!slash || folder > 1)
        return NULL;
    const char *kind = slash - f[1] > 2 ? slash - 2 : "";
    if (has_prefix(kind, ".d/") && strstr(slash, ".conf"))
        facts_add(ret, f[1], "a drop-in");
    else if (link && is_unit(slash))
        unit_get(u, slash + 1)->enabled = true;
    return NULL;
}

/* Paths of the files that have an [Install] section. Without one a unit is static. */
static const char *read_installs(struct units *u, char *text)
{
    _strv_ struct strv can = STRV_INIT;
    for (char *line; (line = next_line(&text));) {
        if (can.n > MAX_FACTS)
            return TOO_MANY;
        if (*line)
            strv_add(&can, line);
    }
    for (size_t i = 0; i < u->n; i++) {
        struct unit *unit = &u->items[i];
        if (unit->folder == N_FOLDERS || unit->state != F_DISABLED)
            continue;
        _free_ char *path = xasprintf("%s/%s", folders[unit->folder].path, unit->name);
        if (!strv_contains(&can, path))
            unit->state = F_STATIC;
    }
    return NULL;
}

/* "ceph-osd@.service" of "ceph-osd@3.service"; NULL for what is no instance. Owned. */
static char *template_of(const char *unit)
{
    const char *at = strchr(unit, '@');
    const char *dot = strrchr(unit, '.');
    if (!at || !dot || dot < at || dot == at + 1)
        return NULL;
    return xasprintf("%.*s%s", (int)(at - unit + 1), unit, dot);
}

/* One is made for every connection. */
static bool is_session(const char *unit)
{
    _free_ char *template = template_of(unit);
    return template && (streq(template, "ssh@.service") || streq(template, "sshd@.service"));
}

static const char *state_word(const char *active, const char *sub)
{
    if (streq(active, "failed") || has_prefix(sub, "auto-restart"))
        return "failed";
    if (streq(active, "active") || streq(active, "reloading") || streq(active, "refreshing"))
        return "active";
    if (streq(active, "inactive") || streq(active, "maintenance"))
        return "inactive";
    return "starting"; /* or stopping: on its way */
}

/* How the file of a unit stands; that of an instance is its template's. */
static enum file_state file_state(struct units *u, struct unit *unit)
{
    if (unit->enabled && unit->state != F_MASKED)
        return F_ENABLED;
    _free_ char *template = template_of(unit->name);
    if (unit->folder < N_FOLDERS || !template)
        return unit->state;
    for (size_t i = 0; i < u->n; i++)
        if (streq(u->items[i].name, template))
            return u->items[i].state;
    return unit->state;
}

/* Adds what is to be said of a unit in STATE, if there is anything. */
static void add_unit(struct units *u, struct unit *unit, const char *state, struct facts *ret)
{
    enum file_state file = file_state(u, unit);
    bool own = unit->folder < N_FOLDERS || unit->enabled;
    bool failed = streq(state, "failed");
    bool decided = file != F_STATIC && file != F_ALIAS;
    if (!own && !failed && (!decided || streq(state, "inactive")))
        return;
    bool template = strstr(unit->name, "@.") != NULL;
    _free_ char *value = (!decided || template) && !failed
        ? xstrdup(file_states[file])
        : xasprintf("%s, %s", file_states[file], state);
    facts_add(ret, unit->name, value);
}

static const char *read_loaded(struct units *u, char *text, struct facts *ret)
{
    size_t lines = 0;
    for (char *line; (line = next_line(&text));) {
        if (u->n > MAX_UNITS || lines++ > MAX_FACTS)
            return TOO_MANY;
        char *words[5];
        size_t n = split_words(line, words, 5);
        if (n == 0)
            continue;
        if (n < 4 || !is_unit(words[0]))
            return "a line of systemctl list-units is not as it should be";
        if (streq(words[1], "not-found") || is_session(words[0]))
            continue;
        add_unit(u, unit_get(u, words[0]), state_word(words[2], words[3]), ret);
    }
    facts_finish(ret);
    return NULL;
}

/* Of those that are not loaded nothing runs. */
static void add_unloaded(struct units *u, size_t n_loaded, struct facts *ret)
{
    struct facts loaded = {.items = ret->items, .n = n_loaded};
    for (size_t i = 0; i < u->n; i++) {
        loaded.items = ret->items;
        if (!facts_get(&loaded, u->items[i].name))
            add_unit(u, &u->items[i], "inactive", ret);
    }
}

const char *parse_units(char *files, char *installs, char *loaded, struct facts *ret)
{
    struct units u = {0};
    const char *why = NULL;
    struct facts drop_ins = {0};
    size_t lines = 0;
    for (char *line; !why && (line = next_line(&files));)
        if (*line)
            why =
                u.n > MAX_UNITS || lines++ > MAX_FACTS ? TOO_MANY : read_entry(&u, line, &drop_ins);
    if (!why)
        why = read_installs(&u, installs);
    if (!why)
        why = read_loaded(&u, loaded, ret);
    if (!why)
        add_unloaded(&u, ret->n, ret);
    for (size_t i = 0; !why && i < drop_ins.n; i++)
        facts_add(ret, drop_ins.items[i].item, drop_ins.items[i].value);
    facts_free(&drop_ins);
    free(u.items);
    return why;
}
