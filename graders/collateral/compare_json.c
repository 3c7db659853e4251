#include "graders/collateral/compare.h"
#include "util/utf8.h"

#define MAX_UNTOLD 10000

static json_t *text(const char *s)
{
    if (!s)
        return json_null();
    _free_ char *clean = utf8_clean(s);
    return json_string(clean);
}

json_t *collateral_to_json(const struct collateral *c)
{
    json_t *differences = json_array(), *untold = json_array();
    for (size_t i = 0; i < c->n_differences; i++) {
        const struct difference *d = &c->differences[i];
        json_array_append_new(differences,
            json_pack("{s:o, s:s, s:o, s:o, s:o, s:s}", "node", text(d->node), "kind",
                fact_names[d->kind], "item", text(d->item), "healthy", text(d->healthy), "now",
                text(d->now), "by", whose_name(d->whose)));
    }
    for (size_t i = 0; i < c->n_untold; i++)
        json_array_append_new(untold,
            json_pack("{s:o, s:s, s:o}", "node", text(c->untold[i].node), "kind",
                fact_names[c->untold[i].kind], "reason", text(c->untold[i].reason)));
    return json_pack("{s:b, s:b, s:I, s:o, s:o}", "compared", (int)c->compared, "hidden",
        (int)c->hidden, "changed", (json_int_t)c->changed, "differences", differences,
        "could_not_tell", untold);
}

static bool wrong(struct lr_error *err, const char *what)
{
    return lr_error_set(err, LR_EINFRA, "score file: collateral: %s", what);
}

/* The string KEY of J, or with NULLABLE null; false when it is neither. */
static bool get_text(const json_t *j, const char *key, bool nullable, char **ret)
{
    const json_t *v = json_object_get(j, key);
    *ret = xstrdup(json_string_value(v));
    return json_is_string(v) || (nullable && json_is_null(v));
}

static bool get_kind(const json_t *j, enum fact_kind *ret)
{
    const char *kind = json_string_value(json_object_get(j, "kind"));
    return kind && fact_kind_from_name(kind, ret);
}

static bool read_difference(const json_t *j, struct difference *d)
{
    const char *by = json_string_value(json_object_get(j, "by"));
    return get_text(j, "node", false, &d->node) && get_text(j, "item", false, &d->item) &&
        get_text(j, "healthy", true, &d->healthy) && get_text(j, "now", true, &d->now) &&
        get_kind(j, &d->kind) && by && whose_from_name(by, &d->whose);
}

bool collateral_from_json(const json_t *j, struct collateral *ret, struct lr_error *err)
{
    const json_t *compared = json_object_get(j, "compared"), *hidden = json_object_get(j, "hidden");
    const json_t *changed = json_object_get(j, "changed");
    const json_t *differences = json_object_get(j, "differences");
    const json_t *untold = json_object_get(j, "could_not_tell");
    if (!json_is_boolean(compared) || !json_is_boolean(hidden) || !json_is_integer(changed))
        return wrong(err, "'compared', 'hidden' or 'changed' is not there");
    if (!json_is_array(differences) || json_array_size(differences) > MAX_DIFFERENCES ||
        !json_is_array(untold) || json_array_size(untold) > MAX_UNTOLD)
        return wrong(err, "'differences' and 'could_not_tell' are not lists of reasonable length");
    ret->compared = json_is_true(compared);
    ret->hidden = json_is_true(hidden);
    ret->changed = json_integer_value(changed);
    size_t i;
    json_t *item;
    json_array_foreach (differences, i, item)
        if (!read_difference(item, array_append(ret->differences, ret->n_differences)))
            return wrong(err, "a difference is not as it should be");
    json_array_foreach (untold, i, item) {
        struct untold *u = array_append(ret->untold, ret->n_untold);
        if (!get_text(item, "node", false, &u->node) || !get_kind(item, &u->kind) ||
            !get_text(item, "reason", false, &u->reason))
            return wrong(err, "what could not be told is not as it should be");
    }
    return true;
}
