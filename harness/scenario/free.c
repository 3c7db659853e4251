/* The end of a scenario, sound or half read. */
#include "scenario/load.h"

static void steps_free(struct steps *steps)
{
    for (size_t i = 0; i < steps->n; i++)
        free(steps->items[i].script);
    free(steps->items);
}

static void checks_free(struct checks *checks)
{
    for (size_t i = 0; i < checks->n; i++) {
        struct check *c = &checks->items[i];
        free(c->id);
        free(c->title);
        free(c->skill);
        if (c->probe.params && c->probe.free_params)
            c->probe.free_params(c->probe.params);
    }
    free(checks->items);
}

static void nodes_free(struct scenario *sc)
{
    for (size_t i = 0; i < sc->n_networks; i++)
        free(sc->networks[i].name);
    free(sc->networks);
    for (size_t i = 0; i < sc->n_nodes; i++) {
        struct node *node = &sc->nodes[i];
        free(node->name);
        free(node->image);
        free(node->disks_mib);
        for (size_t n = 0; n < node->n_nics; n++)
            free(node->nics[n].addresses);
        free(node->nics);
    }
    free(sc->nodes);
}

static void actors_free(struct scenario *sc)
{
    for (size_t i = 0; i < sc->n_faults; i++) {
        free(sc->faults[i].id);
        free(sc->faults[i].title);
        free(sc->faults[i].skill);
        steps_free(&sc->faults[i].steps);
    }
    free(sc->faults);
    for (size_t i = 0; i < sc->n_solutions; i++) {
        free(sc->solutions[i].id);
        steps_free(&sc->solutions[i].steps);
    }
    free(sc->solutions);
    for (size_t i = 0; i < sc->n_cheats; i++) {
        free(sc->cheats[i].id);
        steps_free(&sc->cheats[i].steps);
        strv_free(&sc->cheats[i].must_fail);
    }
    free(sc->cheats);
}

void scenario_free(struct scenario *sc)
{
    if (!sc)
        return;
    nodes_free(sc);
    actors_free(sc);
    steps_free(&sc->healthy);
    checks_free(&sc->ready.healthy);
    checks_free(&sc->ready.broken);
    checks_free(&sc->checks);
    checks_free(&sc->guards);
    for (size_t i = 0; i < sc->n_hints; i++)
        free(sc->hints[i].text);
    free(sc->hints);
    for (size_t i = 0; i < sc->n_parameters; i++) {
        free(sc->parameters[i].name);
        free(sc->parameters[i].value);
    }
    free(sc->parameters);
    strv_free(&sc->needs);
    strv_free(&sc->kits);
    strv_free(&sc->baseline.fails);
    free(sc->name);
    free(sc->dir);
    free(sc->digest);
    free(sc->title);
    free(sc->summary);
    free(sc->image);
    free(sc);
}

void variants_free(struct variants *v)
{
    for (size_t i = 0; i < v->n; i++)
        scenario_free(v->items[i]);
    free(v->items);
    *v = (struct variants){0};
}
