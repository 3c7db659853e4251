/* All variants of a scenario, so that no draw gives one that is wrong. */
#include "scenario/load.h"

static bool has(const struct problems *list, const struct problem *p)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].line == p->line && list->items[i].col == p->col &&
            streq(list->items[i].message, p->message))
            return true;
    return false;
}

static void add_new(
    const struct problems *from, int64_t variant, const struct problems *known, struct problems *to)
{
    for (size_t i = 0; i < from->n; i++)
        if (!has(known, &from->items[i]))
            problems_add_at(to, from->items[i].line, from->items[i].col, "in variant %lld: %s",
                (long long)variant, from->items[i].message);
}

bool scenario_check_variants(const struct scenario *sc, const struct scenario_opts *opts,
    struct problems *problems, struct lr_error *err)
{
    _problems_ struct problems known = {0};
    for (int64_t v = 0; v < sc->variants; v++) {
        struct scenario_opts one = *opts;
        if (v == sc->variant)
            continue;
        one.seed = v;
        _problems_ struct problems own = {0};
        _scenario_ struct scenario *other = NULL;
        if (!scenario_load(sc->dir, &one, &own, &other, err) && err->code != LR_OK)
            return false;
        add_new(&own, v, &known, problems);
        /* What is wrong in the same way in many variants is told once. */
        for (size_t i = 0; i < own.n; i++)
            problems_add_at(
                &known, own.items[i].line, own.items[i].col, "%s", own.items[i].message);
    }
    return true;
}
