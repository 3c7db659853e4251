#include "graders/report/html.h"
#include "util/deadline.h"

void html_skills(struct strbuf *b, const struct score_report *r)
{
    if (r->n_skills == 0)
        return;
    html_section(b, NULL, "Skills");
    strbuf_adds(b,
        "<table class=\"skills\"><thead class=\"sr\"><tr><th scope=\"col\">Skill</th>"
        "<th scope=\"col\">Share</th><th scope=\"col\">Points</th></tr></thead><tbody>");
    for (size_t i = 0; i < r->n_skills; i++) {
        const struct skill_score *s = &r->skills[i];
        _free_ char *earned = format_points(s->earned);
        _free_ char *possible = format_points(s->possible);
        _free_ char *unknown = format_points(s->possible - s->judged);
        _free_ char *label = xasprintf("%s of %s points", earned, possible);
        strbuf_adds(b, "<tr>");
        strbuf_adds(b, "<th scope=\"row\">");
        html_escape(b, s->name);
        strbuf_adds(b, "</th><td class=\"bar\">");
        html_bar(b, html_share(s->earned, s->possible),
            html_share(s->possible - s->judged, s->possible), -1, label);
        strbuf_addf(b, "</td><td class=\"num\"><b>%s</b>&nbsp;/&nbsp;%s", earned, possible);
        if (s->judged < s->possible)
            strbuf_addf(b, "<small>%s could not be judged</small>", unknown);
        strbuf_adds(b, "</td></tr>\n");
    }
    strbuf_adds(b, "</tbody></table>\n");
    html_section_end(b);
}

void html_hints(struct strbuf *b, const struct score_report *r)
{
    if (r->n_hints == 0)
        return;
    html_section(b, NULL, "Hints taken");
    strbuf_adds(b,
        "<table class=\"plain\"><thead><tr><th scope=\"col\">Hint</th>"
        "<th scope=\"col\">Clock</th><th scope=\"col\">Text</th>"
        "<th scope=\"col\" class=\"num\">Cost</th></tr></thead><tbody>");
    for (size_t i = 0; i < r->n_hints; i++) {
        const struct hint_taken *h = &r->hints[i];
        _free_ char *cost = format_points(h->cost);
        _free_ char *at = h->at_ms >= 0 ? format_duration(h->at_ms) : xstrdup("–");
        strbuf_addf(b, "<tr><th scope=\"row\">%lld</th><td class=\"when\">%s</td>",
            (long long)h->number, at);
        html_element(b, "td", NULL, h->text);
        strbuf_addf(b, "<td class=\"num\">%s%s</td></tr>\n", h->cost > 0 ? "−" : "", cost);
    }
    strbuf_adds(b, "</tbody></table>\n");
    html_section_end(b);
}

void html_recordings(struct strbuf *b, const struct score_report *r)
{
    if (r->n_recordings == 0)
        return;
    html_section(b, NULL, "Recordings");
    strbuf_addf(b,
        "<p class=\"lead\">%zu terminal%s, in the attempt’s folder. To watch one: "
        "<code>asciinema play FILE</code>.</p>\n",
        r->n_recordings, r->n_recordings == 1 ? "" : "s");
    strbuf_addf(b,
        "<details%s><summary>Files</summary><table class=\"plain\"><thead><tr>"
        "<th scope=\"col\">Clock</th><th scope=\"col\">Node</th>"
        "<th scope=\"col\">File</th></tr></thead><tbody>",
        r->n_recordings <= 8 ? " open" : "");
    for (size_t i = 0; i < r->n_recordings; i++) {
        _free_ char *at = format_duration(r->recordings[i].at_ms);
        strbuf_addf(b, "<tr><td class=\"when\">%s</td>", at);
        html_element(b, "td", NULL, r->recordings[i].node);
        strbuf_adds(b, "<td>");
        html_element(b, "code", NULL, r->recordings[i].file);
        strbuf_adds(b, "</td></tr>\n");
    }
    strbuf_adds(b, "</tbody></table></details>\n");
    html_section_end(b);
}
