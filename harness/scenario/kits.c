/* Kits: folders of scripts that several scenarios run, beside the scenarios themselves. A script
 * whose first folder has the name of a kit that the scenario uses is taken from there. */
#include "scenario/load.h"
#include "scenario/scalars.h"
#include "util/fs.h"
#include <sys/stat.h>

#define MAX_KITS 8

char *scenario_kit_path(const struct scenario *sc, const char *path)
{
    return xasprintf("%s/../" SCENARIO_KITS "/%s", sc->dir, path);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The kit that FILE is of, or NULL. */
static const char *kit_of(const struct scenario *sc, const char *file)
{
    for (size_t i = 0; i < sc->kits.n; i++) {
        size_t n = strlen(sc->kits.items[i]);
        if (has_prefix(file, sc->kits.items[i]) && file[n] == '/')
            return sc->kits.items[i];
    }
    return NULL;
}

char *scenario_path(const struct scenario *sc, const char *file)
{
    return kit_of(sc, file) ? scenario_kit_path(sc, file) : path_join(sc->dir, file);
}

bool is_of_missing_kit(const struct scenario *sc, const char *file)
{
    const char *kit = kit_of(sc, file);
    _free_ char *dir = kit ? scenario_kit_path(sc, kit) : NULL;
    return dir && !is_folder(dir);
}

static void check_kit(struct reader *r, const struct value *v, const struct scenario *sc)
{
    _free_ char *dir = scenario_kit_path(sc, v->text);
    _free_ char *own = path_join(sc->dir, v->text);
    if (!is_folder(dir))
        problems_add(r->problems, v,
            "there is no kit '%s': it would be the folder " SCENARIO_KITS
            "/%s beside this scenario's folder",
            v->text, v->text);
    else if (is_folder(own))
        problems_add(r->problems, v,
            "'%s' is a kit and also a folder of the scenario: give the folder another name",
            v->text);
}

void read_kits(struct reader *r, const struct value *v, void *member)
{
    static const struct field name = {.key = "kits", .type = FIELD_T_ID};
    const struct scenario *sc = loader_of(r)->sc;
    struct strv *kits = member;
    if (!read_is_list(r, v, "kits", 1, MAX_KITS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        const struct value *item = &v->items[i];
        _free_ char *kit = NULL;
        read_field(r, item, &name, &kit);
        if (!kit)
            continue;
        if (strv_contains(kits, kit))
            problems_add(r->problems, item, "'kits': '%s' is named twice", kit);
        else if (sc->dir)
            check_kit(r, item, sc);
        strv_add(kits, kit);
    }
}

bool hasher_add_kits(struct hasher *h, const struct scenario *sc, struct lr_error *err)
{
    for (size_t i = 0; i < sc->kits.n; i++) {
        _free_ char *dir = scenario_kit_path(sc, sc->kits.items[i]);
        hasher_adds(h, sc->kits.items[i]);
        if (!hasher_add_tree(h, dir, err))
            return false;
    }
    return true;
}
