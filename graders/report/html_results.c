/* Guards and checks: one row each with the verdict now and after the power cut, and under it what
 * was asked, expected and seen. */
#include "graders/report/html.h"
#include "util/deadline.h"

static void evidence_part(struct strbuf *b, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    html_element(b, "dt", NULL, name);
    strbuf_adds(b, "<dd><pre>");
    html_escape(b, text);
    strbuf_adds(b, "</pre></dd>");
}

/* What is known beyond the evidence: how often it was asked, and which of two verdicts counts. */
static char *circumstances(const struct check_result *c)
{
    _free_ char *took = format_duration(c->duration_ms);
    bool differ = c->now != c->after && c->now != VERDICT_SKIPPED && c->after != VERDICT_SKIPPED;
    const char *which = !differ ? ""
        : c->verdict == c->now  ? "; this is what was seen before the power cut, the worse counts"
                                : "; this is what was seen after the power cut, the worse counts";
    return xasprintf("asked %lld time%s in %s%s", (long long)c->attempts,
        c->attempts == 1 ? "" : "s", took, which);
}

/* What did not pass is unfolded, so that it is seen without a click. */
static void evidence_row(struct strbuf *b, const struct check_result *c, const char *title)
{
    bool open = c->verdict == VERDICT_FAIL || c->verdict == VERDICT_ERROR;
    strbuf_addf(b,
        "<tr class=\"why\"><td colspan=\"4\"><details%s><summary>Evidence"
        "<span class=\"sr\"> of ",
        open ? " open" : "");
    html_escape(b, title);
    strbuf_adds(b, "</span></summary><dl class=\"evidence\">");
    evidence_part(b, "asked", c->evidence.asked);
    evidence_part(b, "expected", c->evidence.expected);
    evidence_part(b, "seen", c->evidence.seen);
    _free_ char *how = circumstances(c);
    html_element(b, "dt", NULL, "tries");
    html_element(b, "dd", NULL, how);
    strbuf_adds(b, "</dl></details></td></tr>\n");
}

static void one_result(struct strbuf *b, const struct check_result *c, bool guard)
{
    const char *title = c->title && *c->title ? c->title : c->id;
    const char *skill = c->skill && *c->skill ? c->skill : NULL;
    _free_ char *where = xasprintf("%s%s%s · asked from %s", skill ? skill : "", skill ? " · " : "",
        c->id, c->node && *c->node ? c->node : "–");
    _free_ char *earned = format_points(c->earned);
    _free_ char *points = format_points(guard ? c->caps : c->points);
    strbuf_addf(b, "<tr class=\"%s\"><th scope=\"row\">", verdict_name(c->verdict));
    html_element(b, "span", "title", title);
    html_element(b, "small", NULL, where);
    strbuf_adds(b, "</th>");
    strbuf_adds(b, "<td>");
    html_verdict(b, c->now);
    strbuf_adds(b, "</td><td>");
    html_verdict(b, c->after);
    if (guard)
        strbuf_addf(b, "</td><td class=\"num\">%s&nbsp;%%</td></tr>\n", points);
    else
        strbuf_addf(
            b, "</td><td class=\"num\"><b>%s</b>&nbsp;/&nbsp;%s</td></tr>\n", earned, points);
    if (c->verdict != VERDICT_SKIPPED)
        evidence_row(b, c, title);
}

static void results(struct strbuf *b, const struct score_report *r, bool guard)
{
    const struct check_results *list = guard ? &r->guards : &r->checks;
    strbuf_addf(b,
        "<table class=\"results\"><thead><tr><th scope=\"col\">%s</th>"
        "<th scope=\"col\" class=\"stage\">%s</th><th scope=\"col\" class=\"stage\">%s</th>"
        "<th scope=\"col\" class=\"num\">%s</th></tr></thead><tbody>\n",
        guard ? "Guard" : "Check", html_stage_name(r, false), html_stage_name(r, true),
        guard ? "Caps the score at" : "Points");
    for (size_t i = 0; i < list->n; i++)
        one_result(b, &list->items[i], guard);
    strbuf_adds(b, "</tbody></table>\n");
}

void html_guards(struct strbuf *b, const struct score_report *r)
{
    if (r->guards.n == 0)
        return;
    html_section(b, NULL, "Guards");
    strbuf_adds(b,
        "<p class=\"lead\">What must hold at all times. A broken one caps the score, "
        "whatever else was mended.</p>\n");
    results(b, r, true);
    html_section_end(b);
}

void html_checks(struct strbuf *b, const struct score_report *r)
{
    if (r->checks.n == 0)
        return;
    html_section(b, NULL, "Checks");
    results(b, r, false);
    html_section_end(b);
}
