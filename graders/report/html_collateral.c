#include "graders/report/html.h"

static void row(struct strbuf *b, const struct difference *d)
{
    static const char *const whose[] = {"the candidate", "a fault, still there", "not known"};
    const char *cells[] = {d->node, fact_names[d->kind], d->item, difference_value(d->healthy),
        difference_value(d->now), whose[d->whose]};
    strbuf_adds(b, "<tr>");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        html_element(b, "td", NULL, cells[i]);
    strbuf_adds(b, "</tr>\n");
}

/* What the candidate did comes first. */
static void table(struct strbuf *b, const struct collateral *c)
{
    strbuf_adds(b,
        "\n<table class=\"plain\"><thead><tr><th scope=\"col\">Node</th>"
        "<th scope=\"col\">Kind</th><th scope=\"col\">What</th><th scope=\"col\">Healthy</th>"
        "<th scope=\"col\">Now</th><th scope=\"col\">By</th></tr></thead><tbody>\n");
    for (int whose = BY_CANDIDATE; whose <= BY_UNKNOWN; whose++)
        for (size_t i = 0; i < c->n_differences; i++)
            if ((int)c->differences[i].whose == whose)
                row(b, &c->differences[i]);
    strbuf_adds(b, "</tbody></table>\n");
}

static void untold(struct strbuf *b, const struct collateral *c)
{
    if (c->n_untold == 0)
        return;
    strbuf_adds(b, "<p>Could not be told:</p><ul>");
    for (size_t i = 0; i < c->n_untold; i++) {
        const struct untold *u = &c->untold[i];
        _free_ char *text = xasprintf("%s, %s: %s", u->node, fact_names[u->kind], u->reason);
        html_element(b, "li", NULL, text);
    }
    strbuf_adds(b, "</ul>");
}

void html_collateral(struct strbuf *b, const struct score_report *r)
{
    const struct collateral *c = &r->collateral;
    if (!c->compared || c->hidden)
        return;
    html_section(b, "collateral", "Collateral");
    html_element(b, "p", "lead",
        c->n_differences ? "What is different from the healthy system, beside what is checked."
                         : "Beside what is checked, nothing is different from the healthy system.");
    if (c->n_differences)
        table(b, c);
    untold(b, c);
    html_section_end(b);
}
