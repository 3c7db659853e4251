#include "cli/cmd.h"
#include "cli/verbs.h"
#include "driver/driver.h"

static const struct {
    const char *word;
    enum style style;
} levels[] = {
    [FINDING_OK] = {"ok", STYLE_GOOD},
    [FINDING_WARNING] = {"warning", STYLE_WARN},
    [FINDING_MISSING] = {"missing", STYLE_BAD},
};

static json_t *report_json(const struct driver_ops *ops, const struct driver_report *r)
{
    json_t *findings = json_array(), *offers = json_array();
    for (size_t i = 0; i < r->n_findings; i++)
        json_array_append_new(findings,
            json_pack("{s:s, s:s, s:s*}", "level", levels[r->findings[i].level].word, "what",
                r->findings[i].what, "mend", r->findings[i].mend));
    for (size_t i = 0; i < r->offers.n; i++)
        json_array_append_new(offers, json_string(r->offers.items[i]));
    return json_pack("{s:s, s:b, s:s*, s:o, s:o}", "driver", ops->name, "usable", r->usable,
        "why_not", r->why_not, "findings", findings, "offers", offers);
}

static void print_report(
    const struct cmd *c, const struct driver_ops *ops, const struct driver_report *r)
{
    _free_ char *heading = xasprintf("%s: %s", ops->name, ops->summary);
    out_heading(&c->out, heading);
    if (!r->usable) {
        out_text(&c->out, STYLE_BAD, "  cannot be used: ");
        out_text(&c->out, STYLE_NONE, r->why_not ? r->why_not : "unknown reason");
        fprintf(c->out.file, "\n");
    }
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct driver_finding *f = &r->findings[i];
        _free_ char *word = xasprintf("  %-8s", levels[f->level].word);
        out_text(&c->out, levels[f->level].style, word);
        out_text(&c->out, STYLE_NONE, f->what);
        fprintf(c->out.file, "\n");
        if (f->mend && f->level != FINDING_OK)
            fprintf(c->out.file, "            mend it: %s\n", f->mend);
    }
    fprintf(c->out.file, "  offers  ");
    for (size_t i = 0; i < r->offers.n; i++)
        fprintf(c->out.file, " %s", r->offers.items[i]);
    fprintf(c->out.file, "\n\n");
}

static void print_choice(const struct cmd *c, bool qemu, bool kvm, bool lxc)
{
    const char *choice = qemu && kvm ? "qemu, with KVM"
        : lxc                        ? "lxc, at native speed (no KVM here)"
        : qemu ? "qemu with TCG, which is slow (no KVM, and lxc cannot be used)"
               : "nothing: no driver can be used here";
    fprintf(c->out.file, "`--driver auto` takes %s\n", choice);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    (void)err;
    bool usable[2] = {false, false}, kvm = false, warnings = false;
    _json_ json_t *list = json_array();
    for (size_t i = 0; drivers[i]; i++) {
        struct driver_report r = {0};
        drivers[i]->report(&r);
        bool qemu = drivers[i] == &driver_qemu;
        usable[qemu] = r.usable;
        kvm = kvm || (qemu && strv_contains(&r.offers, "kvm"));
        for (size_t k = 0; k < r.n_findings; k++)
            warnings = warnings || r.findings[k].level != FINDING_OK;
        json_array_append_new(list, report_json(drivers[i], &r));
        if (!cmd_json(c))
            print_report(c, drivers[i], &r);
        driver_report_free(&r);
    }
    if (cmd_json(c))
        out_json(&c->out, list);
    else
        print_choice(c, usable[1], kvm, usable[0]);
    if (!usable[0] && !usable[1])
        c->status = lr_error_exit_status(LR_ESERVICE);
    else if (warnings)
        c->status = 3;
    return true;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .group = "This host",
    .summary = "what this host can do, what is missing, and the command that mends it",
    .help = "Exit status: 0 all well; 3 only warnings; 69 no driver can be used.",
    .options = (const struct option_def[]){OPTIONS_JSON, OPTIONS_END},
    .run = run,
};
