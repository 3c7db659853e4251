#include "cli/lookup.h"
#include "cli/verbs.h"
#include "lab/start.h"
#include "util/log.h"

static bool stop_one(struct cmd *c, const char *name, struct lr_error *err)
{
    _lab_ struct lab *lab = NULL;
    _host_ struct host h = {0};
    if (!lab_find(c->state_dir, name, &lab, err) ||
        !host_open_as(c->state_dir, lab->driver, &h, err) || !lab_stop(&h, lab, false, err))
        return false;
    log_info("lab '%s' is gone%s%s", lab->name, lab->attempt ? "; its attempt is kept: " : "",
        lab->attempt ? lab->attempt : "");
    return true;
}

static bool stop_all(struct cmd *c, struct lr_error *err)
{
    _strv_ struct strv names = STRV_INIT;
    if (!labs_list(c->state_dir, false, &names, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < names.n; i++) {
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        if (stop_one(c, names.items[i], &own))
            continue;
        if (ok)
            lr_error_move(err, &own);
        ok = false;
    }
    return ok;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    const char *name = cmd_operand(c, 0);
    if (cmd_has(c, "all") && name)
        return lr_error_set(err, LR_EUSAGE, "either a lab or --all, not both");
    return cmd_has(c, "all") ? stop_all(c, err) : stop_one(c, name, err);
}

const struct verb verb_stop = {
    .name = "stop",
    .group = "Labs",
    .summary = "end a lab without grading it; its attempt stays",
    .options =
        (const struct option_def[]){
            {"all", 'a', NULL, NULL, "every lab there is"},
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};

static bool set_paused(struct cmd *c, bool paused, struct lr_error *err)
{
    _subject_ struct subject s = {0};
    return lookup_lab(c, cmd_operand(c, 0), false, &s, err) &&
        lab_set_paused(&s.host, s.lab, paused, err);
}

static bool run_pause(struct cmd *c, struct lr_error *err)
{
    return set_paused(c, true, err);
}

static bool run_resume(struct cmd *c, struct lr_error *err)
{
    return set_paused(c, false, err);
}

const struct verb verb_pause = {
    .name = "pause",
    .group = "Labs",
    .summary = "freeze the nodes; the candidate's clock stands",
    .help = "On a host with nothing but cgroup2 libvirt cannot freeze containers: the lxc driver "
            "says so then.",
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run_pause,
};

const struct verb verb_resume = {
    .name = "resume",
    .group = "Labs",
    .summary = "let a paused lab go on",
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run_resume,
};
