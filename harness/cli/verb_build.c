#include "cli/lookup.h"
#include "cli/verbs.h"
#include "lab/build.h"
#include "lab/life.h"
#include "util/log.h"

static bool build_one(const struct cmd *c, const char *ref, struct lr_error *err)
{
    _variants_ struct variants all = {0};
    _host_ struct host h = {0};
    int64_t seed = -1;
    if (!cmd_int(c, "seed", 0, SEED_MAX, &seed, err) || !lookup_variants(ref, &all, err) ||
        !host_open(c->state_dir, cmd_value(c, "driver"), all.items[0], &h, err))
        return false;
    if (h.reason)
        log_info("%s", h.reason);
    for (size_t i = 0; i < all.n; i++) {
        _warm_ struct warm w = {0};
        if (seed >= 0 && (size_t)seed % all.n != i)
            continue;
        if (all.n > 1)
            log_info("variant %zu of 0 to %zu", i, all.n - 1);
        if (!build_warm(&h, all.items[i], STAGE_OF_BROKEN, NULL, 0, &w, err))
            return false;
    }
    log_info("'%s' is warm with %s", all.items[0]->name, h.ops->name);
    return true;
}

static bool operands(const struct cmd *c, struct strv *ret, struct lr_error *err)
{
    if (cmd_has(c, "all") && c->operands.n == 0)
        return scenario_list(ret, err);
    if (cmd_has(c, "all") || c->operands.n == 0)
        return lr_error_set(err, LR_EUSAGE, "either scenarios or --all");
    for (size_t i = 0; i < c->operands.n; i++)
        strv_add(ret, c->operands.items[i]);
    return true;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _strv_ struct strv refs = STRV_INIT;
    if (!operands(c, &refs, err) || !life_sweep(c->state_dir, false, NULL, err))
        return false;
    for (size_t i = 0; i < refs.n; i++)
        if (!build_one(c, refs.items[i], err))
            return lr_error_prefix(err, "%s", refs.items[i]);
    return true;
}

const struct verb verb_build = {
    .name = "build",
    .group = "For the author",
    .summary = "make the stages of scenarios warm, so that starting them takes seconds",
    .help =
        "Of a scenario with parameters, each of its variants. They share what does not depend on "
        "what was drawn.\n\nWhat is broken, and what checks see meanwhile, is told with --verbose "
        "only, here and in `labrun start`: it is what candidates are to find out.",
    .options =
        (const struct option_def[]){
            {"driver", 'd', "DRIVER", "auto|qemu|lxc", "for this driver; auto if not said"},
            {"seed", 's', "N", NULL, "only the variant of this seed"},
            {"all", 'a', NULL, NULL, "every scenario that can be found"},
            OPTIONS_END,
        },
    .operands =
        (const struct operand_def[]){
            {"SCENARIO", "scenario", OPERAND_OPTIONAL | OPERAND_MANY}, OPERANDS_END},
    .run = run,
};
