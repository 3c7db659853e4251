#include "cli/lookup.h"
#include "cli/verbs.h"
#include "lab/gc.h"

/* A scenario that is wrong keeps nothing: but then its stages must not be thrown away for a typing
 * mistake either, so that is an error. */
static bool load_all(struct variants *ret, struct lr_error *err)
{
    _strv_ struct strv dirs = STRV_INIT;
    if (!scenario_list(&dirs, err))
        return false;
    for (size_t i = 0; i < dirs.n; i++) {
        _variants_ struct variants one = {0};
        if (!lookup_variants(dirs.items[i], &one, err))
            return false;
        for (size_t k = 0; k < one.n; k++)
            *array_append(ret->items, ret->n) = STEAL(one.items[k]);
    }
    return true;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _variants_ struct variants all = {0}; /* of all scenarios */
    _strv_ struct strv removed = STRV_INIT;
    bool dry = cmd_has(c, "dry-run");
    if (!load_all(&all, err) ||
        !gc_run(c->state_dir, (const struct scenario *const *)(uintptr_t)all.items, all.n, dry,
            &removed, err))
        return false;
    _json_ json_t *list = json_array();
    for (size_t i = 0; i < removed.n; i++) {
        json_array_append_new(list, json_string(removed.items[i]));
        if (!cmd_json(c))
            fprintf(c->out.file, "%s %s\n", dry ? "would remove" : "removed", removed.items[i]);
    }
    if (cmd_json(c))
        out_json(&c->out, list);
    else if (removed.n == 0)
        fprintf(c->out.file, "nothing to remove\n");
    return true;
}

const struct verb verb_gc = {
    .name = "gc",
    .group = "This host",
    .summary = "remove what killed commands left, and stages and images that nothing leads to",
    .help =
        "Stages and images stay for labs that exist and for the scenarios that `labrun list` shows; "
        "for those elsewhere set LABRUN_SCENARIO_PATH first. While one of the listed scenarios is "
        "wrong none is removed (exit status 65). Logs, and what refuted proofs saw, stay for 30 "
        "days. Attempts are never removed. What carries labrun's prefix but was not made by it is "
        "not touched.",
    .options =
        (const struct option_def[]){
            {"dry-run", 'n', NULL, NULL, "only say what would be removed"},
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .run = run,
};
