#include "cli/verbs.h"
#include "graders/probe.h"
#include "image/image.h"
#include "util/fs.h"
#include "util/log.h"

static bool check_one(
    const char *ref, json_t *list, struct strbuf *text, bool *ret_sound, struct lr_error *err)
{
    _free_ char *dir = NULL;
    if (!scenario_find(ref, &dir, err))
        return false;
    _free_ char *file = path_join(dir, "scenario.yaml");
    _strv_ struct strv images = STRV_INIT;
    if (!image_names(&images, err))
        return false;
    struct scenario_opts opts = {.images = &images};
    opts.kinds = probe_kind_infos(&opts.n_kinds);
    _problems_ struct problems problems = {0};
    _scenario_ struct scenario *sc = NULL;
    problems_init(&problems, file);
    bool loads = scenario_load(dir, &opts, &problems, &sc, err);
    if (!loads && err->code != LR_OK)
        return false;
    if (loads && !scenario_check_variants(sc, &opts, &problems, err))
        return false;
    *ret_sound = problems.n == 0;
    json_t *found = json_array();
    for (size_t i = 0; i < problems.n; i++)
        json_array_append_new(found,
            json_pack("{s:i, s:i, s:s}", "line", problems.items[i].line, "column",
                problems.items[i].col, "message", problems.items[i].message));
    json_array_append_new(
        list, json_pack("{s:s, s:b, s:o}", "file", file, "sound", *ret_sound, "problems", found));
    _free_ char *lines = problems_text(&problems);
    if (*ret_sound && sc->variants > 1)
        strbuf_addf(text, "%s: well formed in all %lld variants\n", file, (long long)sc->variants);
    else if (*ret_sound)
        strbuf_addf(text, "%s: well formed\n", file);
    else
        strbuf_addf(text, "%s%s", lines, *lines && lines[strlen(lines) - 1] != '\n' ? "\n" : "");
    return true;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _json_ json_t *list = json_array();
    _strbuf_ struct strbuf text = STRBUF_INIT;
    _lr_error_ struct lr_error absent = LR_ERROR_INIT;
    for (size_t i = 0; i < c->operands.n; i++) {
        bool sound = true, known = check_one(c->operands.items[i], list, &text, &sound, err);
        if (!known && err->code != LR_EUSAGE)
            return false;
        if (!known && absent.code == LR_OK) {
            lr_error_move(&absent, err);
        } else if (!known) {
            log_warning("%s", err->message);
            lr_error_clear(err);
        }
        if (!sound)
            c->status = lr_error_exit_status(LR_ESCENARIO);
    }
    if (cmd_json(c))
        out_json(&c->out, list);
    else
        out_text(&c->out, STYLE_NONE, text.data ? text.data : "");
    if (absent.code == LR_OK)
        return true;
    lr_error_move(err, &absent);
    return false;
}

const struct verb verb_check = {
    .name = "check",
    .group = "For the author",
    .summary = "is a scenario well formed? (needs no libvirt)",
    .help = "Every mistake of a file is shown in one go, as file:line:column: message. The exit "
            "status is 65 when there is any, and 64 when a SCENARIO is none. Of a scenario with "
            "parameters every variant is checked.",
    .options = (const struct option_def[]){OPTIONS_JSON, OPTIONS_END},
    .operands = (const struct operand_def[]){{"SCENARIO", "scenario", OPERAND_MANY}, OPERANDS_END},
    .run = run,
};
