/* What the candidate has changed in passing, for a terminal. */
#include "graders/report/report.h"

static void one(struct strbuf *b, const struct difference *d)
{
    _free_ char *node = plain_text(d->node);
    _free_ char *item = plain_text(d->item);
    _free_ char *healthy = plain_text(difference_value(d->healthy));
    _free_ char *now = plain_text(difference_value(d->now));
    strbuf_addf(b, "  %-10s %-9s %s\n                       was %s, is %s\n", node,
        fact_names[d->kind], item, healthy, now);
}

static void list(
    struct strbuf *b, const struct collateral *c, enum whose whose, const char *heading)
{
    bool begun = false;
    for (size_t i = 0; i < c->n_differences; i++) {
        if (c->differences[i].whose != whose)
            continue;
        if (!begun)
            strbuf_addf(b, "  %s:\n", heading);
        begun = true;
        one(b, &c->differences[i]);
    }
}

static void list_untold(struct strbuf *b, const struct collateral *c)
{
    if (c->n_untold > 0)
        strbuf_adds(b, "  could not be told:\n");
    for (size_t i = 0; i < c->n_untold; i++) {
        _free_ char *node = plain_text(c->untold[i].node);
        _free_ char *reason = plain_text(c->untold[i].reason);
        strbuf_addf(b, "  %-10s %-9s %s\n", node, fact_names[c->untold[i].kind], reason);
    }
}

char *report_collateral_text(const struct collateral *c)
{
    struct strbuf b = STRBUF_INIT;
    list(&b, c, BY_CANDIDATE, "changed by the candidate");
    list(&b, c, BY_UNKNOWN, "different, and it could not be told whose doing it is");
    list(&b, c, BY_FAULT, "as the faults made it");
    list_untold(&b, c);
    if (c->n_differences >= MAX_DIFFERENCES)
        strbuf_adds(&b, "  there is more; the list ends here\n");
    if (b.len == 0 && c->compared && !c->hidden)
        strbuf_adds(&b, "  nothing is different from the healthy system\n");
    return strbuf_steal(&b);
}
