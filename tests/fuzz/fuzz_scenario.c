/* Any bytes as scenario.yaml, through the whole loader but for what looks at files. Beyond not
 * crashing: what is refused says where, and what is taken keeps the model's promises. */
#include "scenario/load.h"
#include "tests/unit/scenario_kinds.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void steps_sound(const struct scenario *sc, const struct steps *steps)
{
    for (size_t i = 0; i < steps->n; i++)
        require(steps->items[i].node < sc->n_nodes && steps->items[i].script &&
            steps->items[i].timeout_ms >= 1000);
}

static void checks_sound(const struct scenario *sc, const struct checks *checks)
{
    for (size_t i = 0; i < checks->n; i++) {
        const struct check *c = &checks->items[i];
        require(c->id && c->title && c->node < sc->n_nodes && c->probe.kind && c->probe.params);
        require(c->within_ms >= 0 && c->hold_ms >= 0 && c->timeout_ms >= 1000);
        require(c->caps >= 0 && c->caps <= 100);
    }
}

static void nodes_sound(const struct scenario *sc)
{
    require(sc->n_networks > 0 && sc->n_networks <= SCENARIO_MAX_NETWORKS);
    require(sc->n_nodes > 0 && sc->n_nodes <= SCENARIO_MAX_NODES);
    for (size_t i = 0; i < sc->n_networks; i++)
        require(strlen(sc->networks[i].name) <= 15);
    for (size_t i = 0; i < sc->n_nodes; i++) {
        const struct node *node = &sc->nodes[i];
        require(scenario_node(sc, node->name) == (int)i);
        require(node->image && node->memory_mib >= 64 && node->vcpus >= 1 && node->n_nics > 0);
        for (size_t n = 0; n < node->n_nics; n++)
            require(node->nics[n].network < sc->n_networks);
    }
}

static void sound(const struct scenario *sc)
{
    nodes_sound(sc);
    require(sc->title && sc->image && sc->time_limit_ms >= 60000);
    require(sc->checks.n > 0 && sc->checks.n + sc->guards.n <= SCENARIO_MAX_CHECKS);
    require(sc->max_points > 99.99 && sc->max_points < 100.01);
    checks_sound(sc, &sc->checks);
    checks_sound(sc, &sc->guards);
    checks_sound(sc, &sc->ready.healthy);
    checks_sound(sc, &sc->ready.broken);
    steps_sound(sc, &sc->healthy);
    for (size_t i = 0; i < sc->n_faults; i++)
        steps_sound(sc, &sc->faults[i].steps);
    for (size_t i = 0; i < sc->n_solutions; i++)
        steps_sound(sc, &sc->solutions[i].steps);
    for (size_t i = 0; i < sc->n_cheats; i++)
        steps_sound(sc, &sc->cheats[i].steps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct scenario_opts opts = {.kinds = test_kinds, .n_kinds = N_FIELDS(test_kinds)};
    _problems_ struct problems problems = {0};
    _scenario_ struct scenario *sc = NULL;
    problems_init(&problems, "F");
    scenario_read((const char *)data, size, NULL, &opts, &problems, &sc);
    for (size_t i = 0; i < problems.n; i++)
        require(problems.items[i].line >= 1 && problems.items[i].col >= 1 &&
            *problems.items[i].message);
    _free_ char *text = problems_text(&problems);
    require((*text == '\0') == (problems.n == 0));
    if (problems.n == 0)
        sound(sc);
    return 0;
}
