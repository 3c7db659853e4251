#include "image/mirror.h"
#include "util/fs.h"
#include "util/proc.h"
#include <ctype.h>
#include <strings.h>

#define SOURCES_CAP (1UL << 20)

/* One source, as far as it matters here; every member points into the text it was read from. */
struct source {
    char *types;
    char *uris;
    char *suites;
    char *components;
    char *enabled;
    char *signed_by;
};

/* The next word of *P (cut out of it), or NULL. */
static char *next_word(char **p)
{
    return strtok_r(NULL, " \t\n", p);
}

static bool has_word(const char *text, const char *word)
{
    _free_ char *copy = xstrdup(text ? text : "");
    char *p = copy;
    for (char *w; (w = next_word(&p));)
        if (streq(w, word))
            return true;
    return false;
}

/* Other archives have a component "main" too; their suites are not Debian's. */
static bool debian_suite(const char *suite)
{
    static const char *const suites[] = {"bullseye", "bookworm", "trixie", "forky", "duke", "sid",
        "oldoldstable", "oldstable", "stable", "testing", "unstable"};
    size_t len = strcspn(suite, "-/");
    if (suite[len] && !streq(suite + len, "-updates") && !streq(suite + len, "-backports") &&
        !streq(suite + len, "-proposed-updates"))
        return false;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        if (strlen(suites[i]) == len && strncmp(suite, suites[i], len) == 0)
            return true;
    return false;
}

static bool has_debian_suite(const char *text)
{
    _free_ char *copy = xstrdup(text ? text : "");
    char *p = copy;
    for (char *w; (w = next_word(&p));)
        if (debian_suite(w))
            return true;
    return false;
}

static bool usable_uri(const char *uri)
{
    static const char *const schemes[] = {
        "http://", "https://", "file:/", "copy:/", "mirror+", "tor+", "ftp://"};
    if (strstr(uri, "debian-security"))
        return false;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (has_prefix(uri, schemes[i]))
            return true;
    return false;
}

/* Is it surely Debian's own? Vendors' archives too like to call their suite "stable". */
static bool surely_debian(const struct source *s, const char *uri)
{
    const char *path = strstr(uri, "/debian");
    return (path && (path[7] == '\0' || path[7] == '/')) ||
        (s->signed_by && strstr(s->signed_by, "debian-archive-keyring"));
}

static char *uri_of(const struct source *s, bool sure)
{
    if (s->enabled && (strcasecmp(s->enabled, "no") == 0 || strcasecmp(s->enabled, "false") == 0))
        return NULL;
    if (!has_word(s->types, "deb") || !has_word(s->components, "main") ||
        !has_debian_suite(s->suites))
        return NULL;
    _free_ char *copy = xstrdup(s->uris ? s->uris : "");
    char *p = copy;
    for (char *w; (w = next_word(&p));)
        if (usable_uri(w) && (!sure || surely_debian(s, w)))
            return xstrdup(w);
    return NULL;
}

char *mirror_from_list(const char *text, bool sure)
{
    _free_ char *copy = xstrdup(text);
    char *lines = copy;
    for (char *line; (line = strsep(&lines, "\n"));) {
        line[strcspn(line, "#")] = '\0';
        /* deb [option=value …] URI SUITE COMPONENT… */
        char *open = strchr(line, '[');
        char *close = open ? strchr(open, ']') : NULL;
        _free_ char *options = close ? xstrndup(open, (size_t)(close - open)) : NULL;
        if (close)
            memset(open, ' ', (size_t)(close - open) + 1);
        char *p = line;
        struct source s = {.types = next_word(&p), .signed_by = options};
        s.uris = s.types ? next_word(&p) : NULL;
        s.suites = s.uris ? next_word(&p) : NULL;
        s.components = s.suites ? p : NULL;
        char *uri = uri_of(&s, sure);
        if (uri)
            return uri;
    }
    return NULL;
}

/* Takes "Key: value" into S. */
static char **member_of(struct source *s, const char *key)
{
    if (strcasecmp(key, "Types") == 0)
        return &s->types;
    if (strcasecmp(key, "URIs") == 0)
        return &s->uris;
    if (strcasecmp(key, "Suites") == 0)
        return &s->suites;
    if (strcasecmp(key, "Components") == 0)
        return &s->components;
    if (strcasecmp(key, "Signed-By") == 0)
        return &s->signed_by;
    return strcasecmp(key, "Enabled") == 0 ? &s->enabled : NULL;
}

static void source_clear(struct source *s)
{
    free(s->types);
    free(s->uris);
    free(s->suites);
    free(s->components);
    free(s->enabled);
    free(s->signed_by);
    *s = (struct source){0};
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    for (size_t n = strlen(s); n && isspace((unsigned char)s[n - 1]); n--)
        s[n - 1] = '\0';
    return s;
}

char *mirror_from_sources(const char *text, bool sure)
{
    _free_ char *copy = xstrdup(text);
    _cleanup_(source_clear) struct source s = {0};
    char **current = NULL; /* the member that a continuation line adds to */
    char *lines = copy;
    for (char *line; (line = strsep(&lines, "\n"));) {
        if (*line == '#')
            continue;
        if (*trim(line) == '\0') { /* end of a stanza */
            char *uri = uri_of(&s, sure);
            if (uri)
                return uri;
            source_clear(&s);
            current = NULL;
            continue;
        }
        bool continues = isspace((unsigned char)*line);
        char *value = continues ? line : strchr(line, ':');
        if (!value)
            continue;
        if (!continues) {
            *value++ = '\0';
            current = member_of(&s, line);
        }
        if (current) {
            char *joined =
                xasprintf("%s%s%s", *current ? *current : "", *current ? " " : "", trim(value));
            free(*current);
            *current = joined;
        }
    }
    return uri_of(&s, sure);
}

void mirror_apt_options(const char *dump, struct strv *ret)
{
    static const char *const wanted[] = {"Acquire::http::", "Acquire::https::", "Acquire::ftp::",
        "Acquire::Retries ", "Acquire::Check-", "Acquire::ForceIPv", "Acquire::Max-ValidTime",
        "Acquire::Min-ValidTime", "Acquire::By-Hash"};
    _free_ char *copy = xstrdup(dump);
    char *lines = copy;
    for (char *line; (line = strsep(&lines, "\n"));)
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
            if (has_prefix(line, wanted[i]) && !strstr(line, " \"\";"))
                strv_add(ret, line);
}

static char *mirror_in_file(const char *path, bool sure)
{
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    _free_ char *text = NULL;
    if (!file_read(path, SOURCES_CAP, &text, NULL, &ignored))
        return NULL;
    const char *end = strrchr(path, '.');
    if (end && streq(end, ".list"))
        return mirror_from_list(text, sure);
    return end && streq(end, ".sources") ? mirror_from_sources(text, sure) : NULL;
}

static char *mirror_of_apt(bool sure)
{
    char *uri = mirror_in_file("/etc/apt/sources.list", sure);
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    _strv_ struct strv names = STRV_INIT;
    if (!uri && !dir_list("/etc/apt/sources.list.d", &names, &ignored))
        return NULL;
    for (size_t i = 0; !uri && i < names.n; i++) {
        _free_ char *path = path_join("/etc/apt/sources.list.d", names.items[i]);
        uri = mirror_in_file(path, sure);
    }
    return uri;
}

bool mirror_of_host(struct mirror *ret, struct lr_error *err)
{
    const char *given = getenv("LABRUN_MIRROR");
    _free_ char *uri = given && *given ? xstrdup(given) : mirror_of_apt(true);
    if (!uri)
        uri = mirror_of_apt(false);
    if (!uri) {
        lr_error_set(err, LR_EINFRA, "apt on this host knows no mirror of Debian's archive");
        return lr_error_hint(err, "set LABRUN_MIRROR to the address of one");
    }
    const char *const argv[] = {"apt-config", "dump", NULL};
    _proc_result_ struct proc_result r = {0};
    if (!proc_run(argv, &(struct proc_opts){.deadline = deadline_in(30000)}, &r, err))
        return lr_error_prefix(err, "asking apt for its settings");
    struct mirror m = {.uri = STEAL(uri)};
    mirror_apt_options(r.output, &m.apt_options);
    *ret = m;
    return true;
}

void mirror_free(struct mirror *m)
{
    free(m->uri);
    strv_free(&m->apt_options);
    *m = (struct mirror){0};
}
