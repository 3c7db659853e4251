/* The whole of scenario.yaml: the table of its top level, and what is true only of the whole. */
#include "scenario/load.h"
#include "scenario/scalars.h"
#include "util/fs.h"
#include <errno.h>
#include <limits.h>
#include <math.h>

static const char *const difficulty_names[] = {"junior", "intermediate", "senior", NULL};

static void read_version(struct reader *r, const struct value *v, void *unused)
{
    (void)unused;
    if (v->type != VALUE_SCALAR || v->quoted || !streq(v->text, "1"))
        read_expected(r, v, "labrun", "the number 1 without quotes, the version of the format");
}

/* What a driver must offer: words such as kernel.wireguard or dm-crypt. */
static void read_needs(struct reader *r, const struct value *v, void *member)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    struct strv *needs = member;
    if (!read_is_list(r, v, "needs", 0, 32))
        return;
    for (size_t i = 0; i < v->n; i++) {
        const struct value *item = &v->items[i];
        bool word = item->type == VALUE_SCALAR && *item->text >= 'a' && *item->text <= 'z' &&
            strlen(item->text) <= 64 && !item->text[strspn(item->text, letters)];
        if (!word)
            read_expected(r, item, "needs", "a word such as kernel.wireguard");
        else if (strv_contains(needs, item->text))
            problems_add(r->problems, item, "'needs': '%s' is named twice", item->text);
        else
            strv_add(needs, item->text);
    }
}

#define LIST_OF(name, min, max)                                                                    \
    "{\"type\": \"array\", \"minItems\": " #min ", \"maxItems\": " #max                            \
    ", \"items\": " REF(name) "}"

static const struct field top_fields[] = {
    FIELD_WHOLE("labrun", read_version, FIELD_REQUIRED, .schema = "{\"const\": 1}",
        .help = "version of the format"),
    FIELD_STRING("title", struct scenario, title, FIELD_REQUIRED, .max = 120,
        .help = "what the candidate and the list see"),
    FIELD_STRING(
        "summary", struct scenario, summary, 0, .max = 200, .help = "one line for the interviewer"),
    FIELD_ENUM("difficulty", struct scenario, difficulty, difficulty_names, FIELD_REQUIRED,
        .help = "whom it is for"),
    FIELD_DURATION("time_limit", struct scenario, time_limit_ms, FIELD_REQUIRED, .min = 60 * 1000,
        .max = 24 * HOUR_MS, .help = "1m to 24h"),
    FIELD_NUMBER("pass_mark", struct scenario, pass_mark, 0, .min = 1, .max = 100,
        .help = "per cent of the points that pass; default 70"),
    FIELD_CUSTOM("image", struct scenario, image, read_image, FIELD_REQUIRED, .schema = REF("id"),
        .help = "images/NAME.yaml, for all nodes that name none of their own"),
    FIELD_CUSTOM("needs", struct scenario, needs, read_needs, 0,
        .schema = "{\"type\": \"array\", \"maxItems\": 32, \"uniqueItems\": true, \"items\": "
                  "{\"type\": \"string\", \"pattern\": \"^[a-z][a-z0-9._-]{0,63}$\"}}",
        .help = "what the driver and the kernel must offer"),
    FIELD_CUSTOM("kits", struct scenario, kits, read_kits, 0,
        .schema = "{\"type\": \"array\", \"minItems\": 1, \"maxItems\": 8, \"uniqueItems\": true, "
                  "\"items\": " REF("id") "}",
        .help = "folders of scripts that several scenarios share, beside this scenario's folder"),
    FIELD_WHOLE("networks", read_networks, FIELD_REQUIRED, .schema = REF("networks"),
        .help = "segments of the lab; the names become the interfaces' names in the nodes"),
    FIELD_WHOLE("nodes", read_nodes, FIELD_REQUIRED, .schema = REF("nodes"),
        .help = "machines of the lab, by host name"),
    FIELD_WHOLE("parameters", check_parameters, 0, .schema = REF("parameters"),
        .help = "what differs from one candidate to the next"),
    FIELD_WHOLE("variants", check_variants, 0,
        .schema = "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 16}",
        .help = "how many different draws of the parameters there are; default 4"),
    FIELD_CUSTOM("healthy", struct scenario, healthy, read_steps, 0, .schema = REF("steps"),
        .help = "from the image to a working system, in this order"),
    FIELD_WHOLE("faults", read_faults, 0, .schema = LIST_OF("fault", 0, 50),
        .help = "from the working to the broken system, in this order"),
    FIELD_WHOLE("ready", read_ready, 0, .schema = REF("ready"),
        .help = "what must be true before a stage is kept"),
    FIELD_WHOLE("hints", read_hints, 0, .schema = LIST_OF("hint", 0, 20),
        .help = "help for points, in this order"),
    FIELD_WHOLE("checks", read_checks, FIELD_REQUIRED, .schema = LIST_OF("check", 1, 200),
        .help = "what the score is made of; points add up to 100"),
    FIELD_WHOLE("guards", read_guards, 0, .schema = LIST_OF("guard", 0, 200),
        .help = "what must never fail; a broken guard caps the score"),
    FIELD_CUSTOM("baseline", struct scenario, baseline, read_baseline, 0, .schema = REF("baseline"),
        .help = "what a freshly broken lab scores, for labrun prove"),
    FIELD_WHOLE("solutions", read_solutions, 0, .schema = LIST_OF("solution", 0, 50),
        .help = "each brings full marks, for labrun prove"),
    FIELD_WHOLE("cheats", read_cheats, 0, .schema = LIST_OF("cheat", 0, 50),
        .help = "each must be caught, for labrun prove"),
};

json_t *top_schema(void)
{
    json_t *s = fields_schema(top_fields, N_FIELDS(top_fields));
    json_object_set_new(s, "dependentRequired", json_pack("{s:[s]}", "variants", "parameters"));
    return s;
}

/* The sum is asked for only when every check has points: else one mistake would be told twice. */
static void check_points(struct reader *r, const struct value *root, struct scenario *sc)
{
    for (size_t i = 0; i < sc->checks.n; i++) {
        if (sc->checks.items[i].points <= 0)
            return;
        sc->max_points += sc->checks.items[i].points;
    }
    if (sc->checks.n && fabs(sc->max_points - 100) > 1e-6)
        problems_add(r->problems, value_get(root, "checks"),
            "the points of all checks add up to %.10g, not to 100", sc->max_points);
}

static struct scenario *begin(
    const char *dir, const struct scenario_opts *opts, struct problems *problems)
{
    struct scenario *sc = xnew(struct scenario);
    struct reader r = {.problems = problems};
    sc->pass_mark = 70;
    sc->dir = xstrdup(dir);
    sc->seed = opts->seed;
    if (dir)
        check_briefing(&r, sc);
    return sc;
}

/* Puts the parameters' values into ROOT. SCRIPTS: those of other variants; gets this one's. */
static void read_root(struct value *root, const struct scenario_opts *opts,
    struct problems *problems, struct scripts *scripts, struct scenario *sc)
{
    struct loader loader = {.sc = sc, .opts = opts};
    struct reader r = {.problems = problems, .context = &loader};
    size_t before = problems->n;
    read_parameters(&r, root, sc);
    if (problems->n == before) /* what is not drawn cannot be put in, and would be told twice */
        substitute(&r, root, sc);
    if (problems->n != before)
        return;
    if (sc->dir)
        check_briefing_text(&r, sc);
    sc->scripts = scripts;
    read_map(&r, root, top_fields, N_FIELDS(top_fields), sc);
    sc->scripts = NULL;
    check_points(&r, root, sc);
}

void scenario_read(const char *text, size_t len, const char *dir, const struct scenario_opts *opts,
    struct problems *problems, struct scenario **ret)
{
    _value_ struct value root = {0};
    _scripts_ struct scripts scripts = {0};
    *ret = begin(dir, opts, problems);
    if (value_parse(text, len, problems, &root))
        read_root(&root, opts, problems, &scripts, *ret);
}

/* Names of scenarios become parts of the names of labs, domains and folders. */
static void set_name(struct scenario *sc, struct problems *problems)
{
    sc->name = xstrdup(strrchr(sc->dir, '/') + 1);
    if (!is_id(sc->name))
        problems_add(problems, NULL,
            "the folder's name '%s' is not of a-z, 0-9 and '-', at most 32 characters", sc->name);
    else if (streq(sc->name, SCENARIO_KITS))
        problems_add(problems, NULL,
            "the folder's name is '" SCENARIO_KITS "', which is where the kits of scenarios are");
}

static bool digest_of(const struct scenario *sc, char **ret, struct lr_error *err)
{
    _hasher_ struct hasher *h = hasher_new();
    if (!hasher_add_tree(h, sc->dir, err) || !hasher_add_kits(h, sc, err))
        return false;
    *ret = hasher_finish(h);
    return true;
}

bool scenario_unchanged(const struct scenario *sc, struct lr_error *err)
{
    _free_ char *now = NULL;
    if (!digest_of(sc, &now, err))
        return false;
    if (streq(now, sc->digest))
        return true;
    lr_error_set(err, LR_EINFRA, "the files of scenario '%s' changed under this command", sc->name);
    return lr_error_hint(err, "run it again when they are as they should be");
}

/* A folder that holds what a digest cannot cover is the scenario's fault, not the host's. */
static bool set_digest(struct scenario *sc, struct problems *problems, struct lr_error *err)
{
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if (digest_of(sc, &sc->digest, &own))
        return true;
    if (own.code == LR_ESCENARIO)
        problems_add(problems, NULL, "%s", own.message);
    else
        lr_error_move(err, &own);
    return false;
}

/* A scenario's folder and the text of its file. */
struct source {
    char *dir;
    char *text;
    size_t len;
};

static void source_end(struct source *s)
{
    free(s->dir);
    free(s->text);
}

static bool open_source(
    const char *dir, struct problems *problems, struct source *ret, struct lr_error *err)
{
    _free_ char *file = path_join(dir, "scenario.yaml");
    if (!problems->file)
        problems_init(problems, file);
    ret->dir = realpath(dir, NULL);
    if (!ret->dir)
        return lr_error_errno(err, errno, "opening scenario '%s'", dir);
    return file_read(file, VALUE_MAX_BYTES + 1, &ret->text, &ret->len, err);
}

bool scenario_load(const char *dir, const struct scenario_opts *opts, struct problems *problems,
    struct scenario **ret, struct lr_error *err)
{
    _cleanup_(source_end) struct source s = {0};
    if (!open_source(dir, problems, &s, err))
        return false;
    _scenario_ struct scenario *sc = NULL;
    scenario_read(s.text, s.len, s.dir, opts, problems, &sc);
    set_name(sc, problems);
    if (problems->n || !set_digest(sc, problems, err))
        return false;
    *ret = STEAL(sc);
    return true;
}

/* The next of ALL, from a tree of its own. */
static bool add_variant(const struct value *root, const struct source *s,
    const struct scenario_opts *opts, struct problems *problems, struct scripts *scripts,
    struct variants *all, struct lr_error *err)
{
    struct scenario_opts drawn = *opts;
    drawn.seed = (int64_t)all->n;
    struct scenario *sc = begin(s->dir, &drawn, problems);
    *array_append(all->items, all->n) = sc;
    _value_ struct value own = value_copy(root);
    read_root(&own, &drawn, problems, scripts, sc);
    set_name(sc, problems);
    if (problems->n)
        return false;
    if (all->n == 1)
        return set_digest(sc, problems, err);
    /* Of the same files: no parameter goes into `kits`. */
    sc->digest = xstrdup(all->items[0]->digest);
    return true;
}

bool scenario_load_variants(const char *dir, const struct scenario_opts *opts,
    struct problems *problems, struct variants *ret, struct lr_error *err)
{
    _cleanup_(source_end) struct source s = {0};
    _value_ struct value root = {0};
    _variants_ struct variants all = {0};
    _scripts_ struct scripts scripts = {0};
    if (!open_source(dir, problems, &s, err) || !value_parse(s.text, s.len, problems, &root))
        return false;
    do {
        if (!add_variant(&root, &s, opts, problems, &scripts, &all, err))
            return false;
    } while ((int64_t)all.n < all.items[0]->variants);
    *ret = all;
    all = (struct variants){0};
    return true;
}
