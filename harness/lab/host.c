#include "lab/host.h"
#include "record/state.h"
#include "util/log.h"

/* The first of the scenario's needs that the driver does not offer, or NULL. */
static const char *unmet(const struct driver_report *r, const struct scenario *sc)
{
    for (size_t i = 0; sc && i < sc->needs.n; i++)
        if (!strv_contains(&r->offers, sc->needs.items[i]))
            return sc->needs.items[i];
    return NULL;
}

struct candidate {
    const struct driver_ops *ops;
    struct driver_report report;
    const char *need; /* what the scenario needs and this driver lacks; NULL if nothing */
};

static void look(struct candidate *c, const struct driver_ops *ops, const struct host *h,
    const struct scenario *sc)
{
    c->ops = ops;
    ops->report(&c->report, h->state_dir, sc && sc->needs.n > 0);
    c->need = unmet(&c->report, sc);
}

static bool fits(const struct candidate *c)
{
    return c->report.usable && !c->need;
}

static bool refuse(const struct candidate *c, const struct scenario *sc, struct lr_error *err)
{
    lr_error_clear(err);
    if (!c->report.usable)
        lr_error_set(err, LR_ESERVICE, "the %s driver cannot be used here: %s", c->ops->name,
            c->report.why_not ? c->report.why_not : "unknown reason");
    else
        lr_error_set(err, LR_ESERVICE,
            "scenario '%s' needs '%s', which the %s driver does not "
            "offer on this host",
            sc->name, c->need, c->ops->name);
    return lr_error_hint(err, "`labrun doctor` says what is missing and how to mend it");
}

static bool choose_auto(struct host *h, const struct scenario *sc, struct lr_error *err)
{
    struct candidate qemu, lxc;
    look(&qemu, &driver_qemu, h, sc);
    look(&lxc, &driver_lxc, h, sc);
    bool kvm = strv_contains(&qemu.report.offers, "kvm");
    bool ok = true;
    if (fits(&qemu) && kvm) {
        h->ops = &driver_qemu;
        h->reason = xstrdup("driver qemu: this host has KVM");
    } else if (fits(&lxc)) {
        h->ops = &driver_lxc;
        h->reason = xasprintf("driver lxc: %s, so containers at native speed are taken",
            qemu.report.usable ? "this host has no KVM" : "qemu cannot be used here");
    } else if (fits(&qemu)) {
        h->ops = &driver_qemu;
        h->reason = xasprintf("driver qemu with TCG (slow): no KVM, and lxc %s%s",
            lxc.need ? "lacks " : "cannot be used: ", lxc.need ? lxc.need : lxc.report.why_not);
    } else {
        ok = refuse(lxc.report.usable || !qemu.report.usable ? &lxc : &qemu, sc, err);
    }
    driver_report_free(&qemu.report);
    driver_report_free(&lxc.report);
    return ok;
}

static bool choose_named(
    struct host *h, const char *name, const struct scenario *sc, struct lr_error *err)
{
    h->ops = driver_by_name(name);
    if (!h->ops) {
        lr_error_set(err, LR_EUSAGE, "there is no driver '%s'", name);
        return lr_error_hint(err, "drivers are: auto, lxc, qemu");
    }
    struct candidate c;
    look(&c, h->ops, h, sc);
    bool ok = fits(&c) || refuse(&c, sc, err);
    driver_report_free(&c.report);
    return ok;
}

bool host_open(const char *state_dir, const char *name, const struct scenario *sc, struct host *ret,
    struct lr_error *err)
{
    _host_ struct host h = {.state_dir = xstrdup(state_dir)};
    bool named = name && !streq(name, "auto");
    if (!(named ? choose_named(&h, name, sc, err) : choose_auto(&h, sc, err)))
        return false;
    /* Whoever chooses a driver is about to make something: a fresh host has no state folder yet. */
    if (!state_init(state_dir, err) || !h.ops->open(&h.driver, err))
        return false;
    *ret = h;
    h = (struct host){0};
    return true;
}

bool host_open_as(const char *state_dir, const char *driver, struct host *ret, struct lr_error *err)
{
    struct host h = {.ops = driver_by_name(driver)};
    if (!h.ops)
        return lr_error_set(err, LR_EINFRA, "there is no driver '%s'", driver);
    if (!h.ops->open(&h.driver, err))
        return false;
    h.state_dir = xstrdup(state_dir);
    *ret = h;
    return true;
}

void host_close(struct host *h)
{
    if (h->driver)
        h->ops->close(h->driver);
    free(h->state_dir);
    free(h->reason);
    *h = (struct host){0};
}
