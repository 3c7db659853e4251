#include "cli/lookup.h"
#include "cli/verbs.h"
#include "lab/build.h"
#include "util/log.h"
#include "util/parallel.h"

/* The scenario's skills, each once, in the order of its checks. */
static char *skills_of(const struct scenario *sc)
{
    _strv_ struct strv seen = STRV_INIT;
    struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < sc->checks.n; i++) {
        const char *skill = sc->checks.items[i].skill;
        if (!skill || strv_contains(&seen, skill))
            continue;
        strbuf_addf(&b, "%s%s", b.len ? ", " : "", skill);
        strv_add(&seen, skill);
    }
    return strbuf_steal(&b);
}

/* Names of the drivers whose stage of this scenario is there: what starts in seconds. */
static char *warm_with(const struct host *hosts, const struct variants *all)
{
    struct strbuf b = STRBUF_INIT;
    _free_ bool *which = xcalloc(all->n, sizeof *which);
    for (size_t i = 0; drivers[i]; i++) {
        size_t warm = hosts[i].driver ? build_find_warm(&hosts[i], all, which) : 0;
        if (warm)
            strbuf_addf(&b, "%s%s", b.len ? ", " : "", drivers[i]->name);
        if (warm && warm < all->n)
            strbuf_addf(&b, " (%zu of %zu)", warm, all->n);
    }
    return strbuf_steal(&b);
}

static void add_row(struct table *t, json_t *list, const struct scenario *sc, const char *warm)
{
    _free_ char *skills = skills_of(sc);
    _free_ char *limit = format_duration(sc->time_limit_ms);
    _free_ char *ref = xasprintf("scenario/%s", sc->name);
    table_add(t, ref);
    table_add(t, sc->title);
    table_add(t, difficulty_names[sc->difficulty]);
    table_add(t, limit);
    table_add(t, skills);
    table_add(t, *warm ? warm : "no");
    json_array_append_new(list,
        json_pack("{s:s, s:s, s:s, s:s*, s:I, s:s, s:s}", "scenario", ref, "title", sc->title,
            "difficulty", difficulty_names[sc->difficulty], "summary", sc->summary, "time_limit_ms",
            (json_int_t)sc->time_limit_ms, "skills", skills, "warm", warm));
}

/* One row of what is found in DIRS. */
struct found {
    struct scenario *scenario; /* any variant; NULL: it is wrong */
    char *warm;
};

struct reading {
    const struct strv *dirs;
    const struct host *hosts;
    struct found *found; /* one a folder */
};

static bool read_one(size_t i, void *data, struct lr_error *err)
{
    struct reading *r = data;
    _variants_ struct variants all = {0};
    if (!lookup_variants(r->dirs->items[i], &all, err)) {
        log_warning("%s: %s", r->dirs->items[i], err->message);
        return false;
    }
    r->found[i].warm = warm_with(r->hosts, &all);
    r->found[i].scenario = STEAL(all.items[0]);
    return true;
}

/* False when one of them is wrong. */
static bool add_all(
    const struct strv *dirs, const struct host *hosts, struct table *t, json_t *list)
{
    _lr_error_ struct lr_error told = LR_ERROR_INIT;
    _free_ struct found *found = xcalloc(dirs->n, sizeof *found);
    struct reading r = {dirs, hosts, found};
    bool sound = parallel_run_few(dirs->n, processors(), read_one, &r, &told);
    for (size_t i = 0; i < dirs->n; i++) {
        if (found[i].scenario)
            add_row(t, list, found[i].scenario, found[i].warm);
        scenario_free(found[i].scenario);
        free(found[i].warm);
    }
    return sound;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    static const struct column columns[] = {{.title = "SCENARIO"},
        {.title = "TITLE", .shrinks = true}, {.title = "DIFFICULTY"},
        {.title = "TIME", .align = ALIGN_RIGHT}, {.title = "SKILLS", .shrinks = true},
        {.title = "WARM"}};
    _strv_ struct strv dirs = STRV_INIT;
    if (!scenario_list(&dirs, err))
        return false;
    if (dirs.n == 0)
        log_warning("no scenarios are found: set LABRUN_SCENARIO_PATH to their folder");
    struct host hosts[4] = {0};
    for (size_t i = 0; drivers[i] && i < 4; i++) {
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        if (!host_open_as(c->state_dir, drivers[i]->name, &hosts[i], &own))
            log_debug("driver %s: %s", drivers[i]->name, own.message);
    }
    _table_ struct table t;
    table_init(&t, columns, sizeof columns / sizeof *columns);
    _json_ json_t *list = json_array();
    if (!add_all(&dirs, hosts, &t, list))
        c->status = 3;
    for (size_t i = 0; i < 4; i++)
        host_close(&hosts[i]);
    if (cmd_json(c))
        out_json(&c->out, list);
    else
        table_print(&t, &c->out);
    return true;
}

const struct verb verb_list = {
    .name = "list",
    .group = "Labs",
    .summary = "the scenarios: title, difficulty, time, skills, is a stage warm",
    .help = "Scenarios are looked for along LABRUN_SCENARIO_PATH, in the installed folder, and in "
            "./scenarios.\n\n"
            "Exit status: 3 when one of them is wrong; `labrun check` says what.",
    .options = (const struct option_def[]){OPTIONS_JSON, OPTIONS_END},
    .run = run,
};
