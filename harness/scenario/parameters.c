/* Parameters: what differs from one candidate to the next. Their declarations are read and their
 * values drawn before anything else of the file is read, because everything else is read with the
 * values in it: value.c -> here -> substitute.c -> the table in load.c. */
#include "scenario/draw.h"
#include "scenario/load.h"

#define DEFAULT_VARIANTS 4

bool is_parameter_name(const char *s)
{
    size_t len = strlen(s);
    return len > 0 && len <= 32 && *s >= 'a' && *s <= 'z' &&
        strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static int64_t read_variants(struct reader *r, const struct value *v)
{
    static const struct field variants = {
        .key = "variants", .type = FIELD_T_INT, .min = 1, .max = SCENARIO_MAX_VARIANTS};
    int64_t n = DEFAULT_VARIANTS;
    if (v)
        read_field(r, v, &variants, &n);
    return n;
}

struct declarations {
    struct declaration *items;
    size_t n;
};

static void declarations_free(struct declarations *list)
{
    for (size_t i = 0; i < list->n; i++)
        declaration_free(&list->items[i]);
    free(list->items);
}

static void take(struct scenario *sc, const struct declarations *list, char **values)
{
    for (size_t i = 0; i < list->n; i++) {
        struct parameter *p = array_append(sc->parameters, sc->n_parameters);
        p->name = xstrdup(list->items[i].name);
        p->value = values[i];
    }
}

/* How many variants there are is settled by drawing the last of them: without `variants`, as many
 * as there are, up to the default. */
static void draw(struct reader *r, const struct value *params, const struct value *variants,
    const struct declarations *list, struct scenario *sc)
{
    _free_ char **values = xcalloc(list->n, sizeof *values);
    size_t stuck;
    int64_t found;
    bool all = draw_variant(list->items, list->n, sc->variants - 1, values, &stuck, &found);
    for (size_t i = 0; all && i < list->n; i++)
        free(STEAL(values[i]));
    if (stuck < list->n) {
        problems_add(r->problems, &params->keys[stuck],
            "parameter '%s': no value is left that differs from the others",
            params->keys[stuck].text);
        return;
    }
    if (!all && variants) {
        problems_add(r->problems, variants,
            "only %lld different variants were found: fewer of them, or more to choose from",
            (long long)found);
        return;
    }
    sc->variants = all ? sc->variants : found;
    sc->variant = sc->seed % sc->variants;
    if (draw_variant(list->items, list->n, sc->variant, values, &stuck, &found))
        take(sc, list, values);
}

void read_parameters(struct reader *r, const struct value *root, struct scenario *sc)
{
    const struct value *params = value_get(root, "parameters");
    const struct value *variants = value_get(root, "variants");
    size_t before = r->problems->n;
    sc->variants = 1;
    if (variants && !params)
        problems_add(r->problems, variants, "'variants' needs 'parameters' that can vary");
    if (!params || !read_is_map(r, params, "parameters"))
        return;
    if (params->n < 1 || params->n > SCENARIO_MAX_PARAMETERS) {
        problems_add(r->problems, params, "'parameters': expected 1 to %d of them, got %zu",
            SCENARIO_MAX_PARAMETERS, params->n);
        return;
    }
    _cleanup_(declarations_free) struct declarations list = {0};
    for (size_t i = 0; i < params->n; i++) {
        struct declaration d;
        read_declaration(r, &params->keys[i], &params->items[i], list.items, list.n, &d);
        *array_append(list.items, list.n) = d;
    }
    sc->variants = read_variants(r, variants);
    if (r->problems->n == before)
        draw(r, params, variants, &list, sc);
}

/* The row of the top level: by now nodes are known. */
void check_parameters(struct reader *r, const struct value *v, void *scenario)
{
    for (size_t i = 0; v->type == VALUE_MAP && i < v->n; i++) {
        const struct value *nodes = value_get(&v->items[i], "node");
        for (size_t k = 0; nodes && k < nodes->n; k++)
            scenario_check_node(r, &nodes->items[k], scenario);
    }
}

void check_variants(struct reader *r, const struct value *v, void *scenario)
{
    (void)r; /* read by read_parameters() */
    (void)v;
    (void)scenario;
}

void parameters_schema(json_t *defs)
{
    declaration_schema(defs);
    json_object_set_new(
        defs, "parameters", map_schema(PARAMETER_PATTERN, "parameter", 1, SCENARIO_MAX_PARAMETERS));
}
