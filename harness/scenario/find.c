/* Where scenarios are: LABRUN_SCENARIO_PATH, the installed folder, ./scenarios, in this order. */
#include "scenario/model.h"
#include "scenario/scalars.h"
#include "util/fs.h"
#include <limits.h>
#include <sys/stat.h>

#define PREFIX "scenario/"

static void search_path(struct strv *ret)
{
    const char *path = getenv("LABRUN_SCENARIO_PATH");
    for (const char *p = path; p && *p;) {
        size_t len = strcspn(p, ":");
        if (len)
            strv_addf(ret, "%.*s", (int)len, p);
        p += len + (p[len] == ':');
    }
    strv_add(ret, LABRUN_DATADIR "/scenarios");
    strv_add(ret, "scenarios");
}

/* The absolute path of DIR if it is a folder with a scenario.yaml, or NULL; owned by the caller. */
static char *scenario_folder(const char *dir)
{
    _free_ char *file = path_join(dir, "scenario.yaml");
    struct stat st;
    return stat(file, &st) == 0 && S_ISREG(st.st_mode) ? realpath(dir, NULL) : NULL;
}

static char *find_by_name(const char *name)
{
    _strv_ struct strv path = STRV_INIT;
    search_path(&path);
    for (size_t i = 0; is_id(name) && i < path.n; i++) {
        _free_ char *dir = path_join(path.items[i], name);
        char *found = scenario_folder(dir);
        if (found)
            return found;
    }
    return NULL;
}

/* A folder, or the scenario.yaml in it. */
static char *find_by_path(const char *ref)
{
    static const char file[] = "/scenario.yaml";
    char *found = scenario_folder(ref);
    if (found)
        return found;
    if (streq(ref, file + 1))
        return scenario_folder(".");
    size_t len = strlen(ref), tail = sizeof file - 1;
    if (len <= tail || !streq(ref + len - tail, file))
        return NULL;
    _free_ char *dir = xstrndup(ref, len - tail);
    return scenario_folder(dir);
}

static const char *base_name(const char *dir)
{
    return strrchr(dir, '/') + 1;
}

static bool unknown(const char *ref, struct lr_error *err)
{
    struct stat st;
    if (stat(ref, &st) == 0) {
        lr_error_set(err, LR_EUSAGE, "'%s' is no scenario: %s", ref,
            S_ISDIR(st.st_mode) ? "there is no scenario.yaml in it"
                                : "it is a file of another name than scenario.yaml");
        return lr_error_hint(err, "a scenario is a folder with scenario.yaml and briefing.md");
    }
    _strv_ struct strv dirs = STRV_INIT;
    _strbuf_ struct strbuf known = STRBUF_INIT;
    if (!scenario_list(&dirs, err))
        return false;
    _free_ const char **names = xcalloc(dirs.n, sizeof *names);
    for (size_t i = 0; i < dirs.n; i++) {
        names[i] = base_name(dirs.items[i]);
        strbuf_addf(&known, "%s" PREFIX "%s", i ? ", " : "", names[i]);
    }
    const char *word = has_prefix(ref, PREFIX) ? ref + strlen(PREFIX) : ref;
    const char *meant = closest_word(word, names, dirs.n);
    if (meant)
        lr_error_set(err, LR_EUSAGE, "no scenario '%s': did you mean '" PREFIX "%s'?", ref, meant);
    else
        lr_error_set(err, LR_EUSAGE, "no scenario '%s'", ref);
    if (known.len)
        return lr_error_hint(err, "known scenarios: %s", known.data);
    return lr_error_hint(err, "no scenarios are found: set LABRUN_SCENARIO_PATH to their folder");
}

bool scenario_find(const char *ref, char **ret_dir, struct lr_error *err)
{
    char *found = has_prefix(ref, PREFIX) ? find_by_name(ref + strlen(PREFIX)) : NULL;
    if (!found)
        found = find_by_path(ref);
    if (!found)
        found = find_by_name(ref);
    if (!found)
        return unknown(ref, err);
    *ret_dir = found;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

bool scenario_list(struct strv *ret_dirs, struct lr_error *err)
{
    _strv_ struct strv path = STRV_INIT;
    _strv_ struct strv seen = STRV_INIT;
    _strv_ struct strv dirs = STRV_INIT;
    search_path(&path);
    for (size_t i = 0; i < path.n; i++) {
        _strv_ struct strv names = STRV_INIT;
        if (path_is_folder(path.items[i]) && !dir_list(path.items[i], &names, err))
            return false;
        for (size_t k = 0; k < names.n; k++) {
            if (!is_id(names.items[k]) || strv_contains(&seen, names.items[k]))
                continue;
            _free_ char *dir = path_join(path.items[i], names.items[k]);
            _free_ char *found = scenario_folder(dir);
            if (!found)
                continue;
            strv_add(&seen, names.items[k]);
            strv_add(&dirs, found);
        }
    }
    if (dirs.n)
        qsort(dirs.items, dirs.n, sizeof *dirs.items, by_name);
    *ret_dirs = dirs;
    dirs = STRV_INIT;
    return true;
}
