/* ${NAME} in the values of the file: the tree is changed before its tables read it, so that every
 * check of types, names and addresses sees what a candidate's lab would have. A scalar stays one
 * scalar whatever is put into it: a value cannot change the shape of the file. */
#include "scenario/draw.h"
#include "scenario/load.h"

/* What a score is made of, and the size of the machines, is the same for everybody. */
static const char *const same_in_items[] = {
    "id", "skill", "points", "caps", "cost", "max_percent", "must_fail", NULL};
static const char *const same_in_nodes[] = {"witness", "image", "memory", "vcpus", "disks", NULL};

/* How the value of each key of the top level is looked through; what is not named here is the same
 * for everybody. */
enum shape { SHAPE_ANY, SHAPE_ITEMS, SHAPE_NODES, SHAPE_LISTS };

static const struct {
    const char *key;
    enum shape shape;
} varied[] = {
    {"networks", SHAPE_ANY},
    {"nodes", SHAPE_NODES},
    {"healthy", SHAPE_ANY},
    {"faults", SHAPE_ITEMS},
    {"ready", SHAPE_LISTS},
    {"hints", SHAPE_ITEMS},
    {"checks", SHAPE_ITEMS},
    {"guards", SHAPE_ITEMS},
    {"solutions", SHAPE_ITEMS},
    {"cheats", SHAPE_ITEMS},
};

struct filling {
    struct reader *r;
    const struct scenario *sc;
    const struct value *at;
    const char *same; /* the key whose value is the same for everybody, or NULL */
};

const char *scenario_parameter(const struct scenario *sc, const char *name)
{
    for (size_t i = 0; i < sc->n_parameters; i++)
        if (streq(sc->parameters[i].name, name))
            return sc->parameters[i].value;
    return NULL;
}

/* How long the reference at S is, which begins with "${": 0 when it has no end. */
static size_t reference_length(const char *s)
{
    size_t len = strcspn(s + 2, "}\n");
    return s[2 + len] == '}' ? len + 3 : 0;
}

/* TEXT with the values in it. Stops at the first reference that is none: *ret_wrong is its place in
 * TEXT, else NULL. */
static char *expand(const struct scenario *sc, const char *text, const char **ret_wrong)
{
    struct strbuf b = STRBUF_INIT;
    const char *p = text;
    *ret_wrong = NULL;
    for (const char *hit; (hit = strstr(p, "${"));) {
        bool literal = hit > p && hit[-1] == '$';
        strbuf_add(&b, p, (size_t)(hit - p) - literal);
        if (literal) {
            strbuf_adds(&b, "${");
            p = hit + 2;
            continue;
        }
        size_t len = reference_length(hit);
        _free_ char *name = len ? xstrndup(hit + 2, len - 3) : NULL;
        const char *value = name ? scenario_parameter(sc, name) : NULL;
        if (!value) {
            *ret_wrong = hit;
            break;
        }
        strbuf_adds(&b, value);
        p = hit + len;
    }
    if (!*ret_wrong)
        strbuf_adds(&b, p);
    return strbuf_steal(&b);
}

/* What is wrong with the reference at S; owned. */
static char *explain(const struct scenario *sc, const char *s)
{
    size_t len = reference_length(s);
    if (!len)
        return xstrdup("'${' begins a parameter, and no '}' ends it; '$${' stands for '${' itself");
    _free_ char *name = xstrndup(s + 2, len - 3);
    _free_ const char **known = xcalloc(sc->n_parameters + 1, sizeof *known);
    for (size_t i = 0; i < sc->n_parameters; i++)
        known[i] = sc->parameters[i].name;
    const char *meant = closest_word(name, known, sc->n_parameters);
    if (meant)
        return xasprintf("unknown parameter '${%s}': did you mean '${%s}'?", name, meant);
    return xasprintf("unknown parameter '${%s}'; '$${' stands for '${' itself", name);
}

static void fill_scalar(struct filling *f, struct value *v)
{
    if (!strstr(v->text, "${"))
        return;
    const char *wrong;
    _free_ char *text = expand(f->sc, v->text, &wrong);
    if (wrong) {
        _free_ char *why = explain(f->sc, wrong);
        problems_add(f->r->problems, v, "%s", why);
        return;
    }
    static const struct scenario none;
    const char *reference;
    free(expand(&none, v->text, &reference));
    if (reference && f->same) {
        problems_add(
            f->r->problems, v, "'%s' is the same for everybody: no parameter goes there", f->same);
        return;
    }
    v->drawn = reference != NULL;
    free(v->text);
    v->text = STEAL(text);
}

static void fill(struct filling *f, struct value *v)
{
    if (v->type == VALUE_SCALAR)
        fill_scalar(f, v);
    for (size_t i = 0; i < v->n; i++)
        fill(f, &v->items[i]);
}

static bool is_one_of(const char *const *words, const char *word)
{
    while (*words && !streq(*words, word))
        words++;
    return *words != NULL;
}

/* A map some of whose keys are the same for everybody. */
static void fill_map(struct filling *f, struct value *v, const char *const *same)
{
    if (v->type != VALUE_MAP) {
        fill(f, v);
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        f->same = is_one_of(same, v->keys[i].text) ? v->keys[i].text : NULL;
        fill(f, &v->items[i]);
    }
    f->same = NULL;
}

static void fill_shape(struct filling *f, struct value *v, enum shape shape)
{
    if (shape == SHAPE_ANY || v->type == VALUE_SCALAR) {
        fill(f, v);
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        if (shape == SHAPE_LISTS)
            fill_shape(f, &v->items[i], SHAPE_ITEMS);
        else
            fill_map(f, &v->items[i], shape == SHAPE_NODES ? same_in_nodes : same_in_items);
    }
}

void substitute(struct reader *r, struct value *root, const struct scenario *sc)
{
    for (size_t i = 0; root->type == VALUE_MAP && i < root->n; i++) {
        const char *key = root->keys[i].text;
        struct filling f = {.r = r, .sc = sc};
        if (streq(key, "parameters") || streq(key, "variants"))
            continue;
        size_t k = 0;
        while (k < N_FIELDS(varied) && !streq(varied[k].key, key))
            k++;
        f.same = k < N_FIELDS(varied) ? NULL : key;
        fill_shape(&f, &root->items[i], k < N_FIELDS(varied) ? varied[k].shape : SHAPE_ANY);
    }
}

bool text_expand(
    const struct scenario *sc, const char *text, char **ret, int *ret_line, char **ret_why)
{
    const char *wrong;
    _free_ char *expanded = expand(sc, text, &wrong);
    if (!wrong) {
        *ret = STEAL(expanded);
        return true;
    }
    *ret_line = 1;
    for (const char *p = text; p < wrong; p++)
        *ret_line += *p == '\n';
    *ret_why = explain(sc, wrong);
    return false;
}

/* The schema of a value that a parameter may stand in: what it was, or text with ${NAME} in it. */
static void allow(json_t *schema)
{
    static const char *const plain[] = {"integer", "number", "boolean"};
    const char *type = json_string_value(json_object_get(schema, "type"));
    bool strict = json_object_get(schema, "const") || json_object_get(schema, "enum");
    for (size_t i = 0; type && i < N_FIELDS(plain); i++)
        strict = strict || streq(type, plain[i]);
    const char *pattern = json_string_value(json_object_get(schema, "pattern"));
    strict = strict || (pattern && !has_prefix(pattern, "^[^\\u0000-"));
    if (!strict)
        return;
    json_t *was = json_copy(schema);
    json_t *help = json_object_get(was, "description");
    json_t *both = json_pack("{s:[o, {s:s}]}", "anyOf", was, "$ref", "#/$defs/with-parameter");
    if (help)
        json_object_set(both, "description", help);
    json_object_del(was, "description");
    json_object_clear(schema);
    json_object_update(schema, both);
    json_decref(both);
}

static void allow_all(json_t *schema, const char *const *same)
{
    static const char *const inside[] = {"items", "additionalProperties"};
    const char *key;
    json_t *part;
    size_t i;
    if (!json_is_object(schema)) /* `false`, or not there */
        return;
    json_object_foreach (json_object_get(schema, "properties"), key, part)
        if (!same || !is_one_of(same, key))
            allow_all(part, NULL);
    for (size_t k = 0; k < N_FIELDS(inside); k++)
        allow_all(json_object_get(schema, inside[k]), NULL);
    json_array_foreach (json_object_get(schema, "anyOf"), i, part)
        allow_all(part, NULL);
    allow(schema);
}

void substitute_schema(json_t *defs)
{
    static const struct {
        const char *def;
        const char *const *same;
    } parts[] = {{"network", NULL}, {"address", NULL}, {"node", same_in_nodes}, {"step", NULL},
        {"fault", same_in_items}, {"solution", same_in_items}, {"cheat", same_in_items},
        {"check", same_in_items}, {"guard", same_in_items}, {"ready-check", same_in_items},
        {"hint", same_in_items}, {"probe", NULL}, {"node-name", NULL}, {"path", NULL}};
    for (size_t i = 0; i < N_FIELDS(parts); i++)
        allow_all(json_object_get(defs, parts[i].def), parts[i].same);
    json_object_set_new(defs, "with-parameter",
        json_pack("{s:s, s:s, s:s}", "type", "string", "pattern",
            "\\u0024\\{[a-z][a-z0-9_]{0,31}\\}", "description",
            "text with the value of a parameter in it"));
}
