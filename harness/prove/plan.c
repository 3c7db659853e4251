#include "prove/prove.h"

static void add(struct branches *b, enum branch_kind kind, size_t index, size_t skip, char *name)
{
    struct branch *branch = array_append(b->items, b->n);
    *branch = (struct branch){.name = name, .kind = kind, .index = index, .skip = skip};
}

static void add_solutions(const struct scenario *sc, struct branches *b)
{
    for (size_t i = 0; i < sc->n_solutions; i++) {
        const struct solution *s = &sc->solutions[i];
        add(b, BRANCH_SOLUTION, i, 0, xasprintf("solution/%s", s->id));
        /* Of one step, nothing is left without it: that is the branch `broken`. */
        for (size_t k = 0; s->steps.n > 1 && k < s->steps.n; k++)
            add(b, BRANCH_PARTIAL, i, k, xasprintf("solution/%s/without-%zu", s->id, k + 1));
    }
}

void prove_plan(const struct scenario *sc, struct branches *ret)
{
    struct branches b = {0};
    add(&b, BRANCH_HEALTHY, 0, 0, xstrdup("healthy"));
    for (size_t i = 0; i < sc->n_faults; i++)
        add(&b, BRANCH_FAULT, i, 0, xasprintf("fault/%s", sc->faults[i].id));
    add(&b, BRANCH_BROKEN, 0, 0, xstrdup("broken"));
    add(&b, BRANCH_IDLE, 0, 0, xstrdup("idle"));
    add(&b, BRANCH_TWICE, 0, 0, xstrdup("twice"));
    add_solutions(sc, &b);
    for (size_t i = 0; i < sc->n_cheats; i++)
        add(&b, BRANCH_CHEAT, i, 0, xasprintf("cheat/%s", sc->cheats[i].id));
    *ret = b;
}

void branches_free(struct branches *b)
{
    for (size_t i = 0; i < b->n; i++)
        free(b->items[i].name);
    free(b->items);
    *b = (struct branches){0};
}
