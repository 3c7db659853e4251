#include "prove/unchanged.h"
#include "lab/collateral.h"

static bool collect(const struct scenario *sc, const struct grade_env *env,
    const struct lab_facts *since, struct lab_facts *ret, struct lr_error *err)
{
    collateral_collect(sc, env, &collateral_of_stage, since, ret);
    if (!cancel_check(err))
        return false;
    _free_ char *gap = collateral_gap(sc, ret, since != NULL);
    for (size_t i = 0; !gap && i < ret->n; i++)
        if (ret->nodes[i].clock <= 0)
            gap = xasprintf("node '%s' does not say what time it is", sc->nodes[i].name);
    if (gap)
        return lr_error_set(
            err, LR_EINFRA, "whether grading changes the nodes could not be told: %s", gap);
    return true;
}

bool unchanged_begin(const struct scenario *sc, const struct grade_env *env,
    struct lab_facts *ret_before, struct lr_error *err)
{
    _lab_facts_ struct lab_facts before = {0};
    if (!collect(sc, env, NULL, &before, err))
        return false;
    *ret_before = before;
    before = (struct lab_facts){0};
    return true;
}

static bool changes(const struct scenario *sc, const struct grade_env *env,
    const struct lab_facts *before, struct strv *ret, struct lr_error *err)
{
    _lab_facts_ struct lab_facts after = {0};
    if (!collect(sc, env, before, &after, err))
        return false;
    for (size_t i = 0; i < after.n; i++)
        facts_changes(sc->nodes[i].name, &before->nodes[i], &after.nodes[i], ret);
    return true;
}

bool unchanged_end(const struct scenario *sc, const struct grade_env *env,
    const struct lab_facts *before, struct strv *ret_lines, struct lr_error *err)
{
    _strv_ struct strv first = STRV_INIT;
    _strv_ struct strv second = STRV_INIT;
    if (!changes(sc, env, before, &first, err))
        return false;
    if (first.n > 0 && !changes(sc, env, before, &second, err))
        return false;
    for (size_t i = 0; i < first.n; i++)
        if (strv_contains(&second, first.items[i]))
            strv_add(ret_lines, first.items[i]);
    return true;
}
