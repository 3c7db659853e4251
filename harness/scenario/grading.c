/* What goes with the checks: hints and their price, and which checks fail in a fresh lab. */
#include "scenario/load.h"

/* The ids that a list may name; the room suffices, since the readers of both stop at the cap. */
static size_t known_ids(const struct scenario *sc, bool guards, const char **known)
{
    size_t n = 0;
    for (size_t i = 0; i < sc->checks.n; i++)
        if (sc->checks.items[i].id)
            known[n++] = sc->checks.items[i].id;
    for (size_t i = 0; guards && i < sc->guards.n; i++)
        if (sc->guards.items[i].id)
            known[n++] = sc->guards.items[i].id;
    return n;
}

static bool is_guard(const struct scenario *sc, const char *id)
{
    for (size_t i = 0; i < sc->guards.n; i++)
        if (sc->guards.items[i].id && streq(sc->guards.items[i].id, id))
            return true;
    return false;
}

void read_check_ids(
    struct reader *r, const struct value *v, const char *key, bool guards, struct strv *ret)
{
    const char *known[SCENARIO_MAX_CHECKS];
    const struct scenario *sc = loader_of(r)->sc;
    size_t n = known_ids(sc, guards, known);
    if (!read_is_list(r, v, key, 1, SCENARIO_MAX_CHECKS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        const struct value *item = &v->items[i];
        size_t k = 0;
        while (item->type == VALUE_SCALAR && k < n && !streq(known[k], item->text))
            k++;
        if (item->type != VALUE_SCALAR)
            read_expected(r, item, key, "the id of a check");
        else if (k == n && !guards && is_guard(sc, item->text))
            problems_add(
                r->problems, item, "'%s' is a guard, which no fresh lab may break", item->text);
        else if (k == n)
            read_unknown(r, item, guards ? "check or guard" : "check", item->text, known, n);
        else if (strv_contains(ret, item->text))
            problems_add(r->problems, item, "'%s': '%s' is named twice", key, item->text);
        else
            strv_add(ret, item->text);
    }
}

static void read_fails(struct reader *r, const struct value *v, void *member)
{
    read_check_ids(r, v, "fails", false, member);
}

static const struct field baseline_fields[] = {
    FIELD_CUSTOM("fails", struct baseline, fails, read_fails, FIELD_REQUIRED, .schema = REF("ids"),
        .help = "exactly these checks fail in a freshly broken lab; all others pass"),
};

void read_baseline(struct reader *r, const struct value *v, void *member)
{
    struct baseline *baseline = member;
    baseline->given = true;
    read_map(r, v, baseline_fields, N_FIELDS(baseline_fields), baseline);
}

static const struct field hint_fields[] = {
    FIELD_NUMBER("cost", struct hint, cost, FIELD_REQUIRED, .min = 0, .max = 100,
        .help = "points that it takes; those of all hints are at most 100"),
    FIELD_TEXT("text", struct hint, text, FIELD_REQUIRED, .max = 4096,
        .help = "what the candidate is told"),
};

void read_hints(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    double sum = 0;
    if (!read_is_list(r, v, "hints", 0, SCENARIO_MAX_HINTS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct hint *hint = array_append(sc->hints, sc->n_hints);
        read_map(r, &v->items[i], hint_fields, N_FIELDS(hint_fields), hint);
        if (hint->text && !hint->text[strspn(hint->text, " \t\n")])
            problems_add(r->problems, value_get(&v->items[i], "text"), "'text' is empty");
        sum += hint->cost;
    }
    if (sum > 100 + 1e-6)
        problems_add(r->problems, v, "the costs of all hints add up to %.10g, more than 100", sum);
}

void grading_schema(json_t *defs)
{
    json_t *ids = list_schema("id", 1, SCENARIO_MAX_CHECKS);
    json_object_set_new(ids, "uniqueItems", json_true());
    json_object_set_new(defs, "ids", ids);
    json_object_set_new(
        defs, "baseline", fields_schema(baseline_fields, N_FIELDS(baseline_fields)));
    json_object_set_new(defs, "hint", fields_schema(hint_fields, N_FIELDS(hint_fields)));
}
