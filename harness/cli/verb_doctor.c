#include "cli/cmd.h"
#include "cli/verbs.h"
#include "driver/driver.h"
#include "image/image.h"
#include "image/mirror.h"

static const struct {
    const char *word;
    enum style style;
} levels[] = {
    [FINDING_OK] = {"ok", STYLE_GOOD},
    [FINDING_WARNING] = {"warning", STYLE_WARN},
    [FINDING_MISSING] = {"missing", STYLE_BAD},
};

/* PART: "driver" or "part", whose name NAME is. */
static json_t *report_json(const char *part, const char *name, const struct driver_report *r)
{
    json_t *findings = json_array(), *offers = json_array();
    for (size_t i = 0; i < r->n_findings; i++)
        json_array_append_new(findings,
            json_pack("{s:s, s:s, s:s*}", "level", levels[r->findings[i].level].word, "what",
                r->findings[i].what, "mend", r->findings[i].mend));
    for (size_t i = 0; i < r->offers.n; i++)
        json_array_append_new(offers, json_string(r->offers.items[i]));
    return json_pack("{s:s, s:b, s:s*, s:o, s:o}", part, name, "usable", r->usable, "why_not",
        r->why_not, "findings", findings, "offers", offers);
}

static void print_report(
    const struct cmd *c, const char *name, const char *summary, const struct driver_report *r)
{
    _free_ char *heading = xasprintf("%s: %s", name, summary);
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
    for (size_t i = 0; i < r->offers.n; i++)
        fprintf(c->out.file, "%s %s", i ? "" : "  offers  ", r->offers.items[i]);
    fprintf(c->out.file, "%s", r->offers.n ? "\n\n" : "\n");
}

/* Images are made once for each, of packages; a host that has them all needs none of this. */
static void report_images(struct driver_report *r)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv what = STRV_INIT, packages = STRV_INIT;
    _mirror_ struct mirror mirror = {0};
    image_lacks(&what, &packages);
    for (size_t i = 0; i < what.n; i++) {
        _free_ char *missing = xasprintf("'%s' is not there", what.items[i]);
        _free_ char *mend = xasprintf("apt-get install %s", packages.items[i]);
        driver_finding_add(r, FINDING_MISSING, missing, mend);
    }
    if (what.n == 0)
        driver_finding_add(r, FINDING_OK, "the programs that make them are there", NULL);
    bool known = mirror_of_host(&mirror, &err);
    _free_ char *from = known ? xasprintf("packages come from %s", mirror.uri) : NULL;
    driver_finding_add(
        r, known ? FINDING_OK : FINDING_MISSING, known ? from : err.message, err.hint);
    r->usable = known && what.n == 0;
    r->why_not = r->usable ? NULL : xstrdup("no image can be made that is not there yet");
}

/* Into the list, or onto the screen. True when nothing is to be mended. */
static bool tell(const struct cmd *c, const char *part, const char *name, const char *summary,
    const struct driver_report *r, json_t *list)
{
    bool good = true;
    for (size_t i = 0; i < r->n_findings; i++)
        good = good && r->findings[i].level == FINDING_OK;
    json_array_append_new(list, report_json(part, name, r));
    if (!cmd_json(c))
        print_report(c, name, summary, r);
    return good;
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
    bool usable[2] = {false, false}, kvm = false, good = true;
    _json_ json_t *list = json_array();
    for (size_t i = 0; drivers[i]; i++) {
        struct driver_report r = {0};
        drivers[i]->report(&r, c->state_dir, true);
        bool qemu = drivers[i] == &driver_qemu;
        usable[qemu] = r.usable;
        kvm = kvm || (qemu && strv_contains(&r.offers, "kvm"));
        good = tell(c, "driver", drivers[i]->name, drivers[i]->summary, &r, list) && good;
        driver_report_free(&r);
    }
    struct driver_report images = {0};
    report_images(&images);
    good = tell(c, "part", "images", "made once, of the distribution's packages", &images, list) &&
        good;
    driver_report_free(&images);
    if (cmd_json(c))
        out_json(&c->out, list);
    else
        print_choice(c, usable[1], kvm, usable[0]);
    if (!usable[0] && !usable[1])
        c->status = lr_error_exit_status(LR_ESERVICE);
    else if (!good)
        c->status = 3;
    return true;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .group = "This host",
    .summary = "what this host can do, what is missing, and the command that mends it",
    .help =
        "Exit status: 0 all well; 3 there are warnings, or one of the drivers cannot be used, or "
        "no images can be made; 69 no driver can be used.",
    .options = (const struct option_def[]){OPTIONS_JSON, OPTIONS_END},
    .run = run,
};
