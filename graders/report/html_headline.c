/* What an interviewer reads first: did it pass, by how much, and why is the score what it is. */
#include "graders/report/html.h"
#include "util/deadline.h"

/* "3 of 4" of what was judged at one stage; a dash when nothing was. */
static char *tally(const struct check_results *r, bool after)
{
    size_t passed = 0, judged = 0;
    for (size_t i = 0; i < r->n; i++) {
        enum verdict v = after ? r->items[i].after : r->items[i].now;
        judged += v != VERDICT_SKIPPED;
        passed += v == VERDICT_PASS;
    }
    return judged ? xasprintf("<b>%zu</b> of %zu", passed, judged) : xstrdup("–");
}

static char *points(const struct stage_score *s)
{
    _free_ char *earned = format_points(s->earned);
    _free_ char *possible = format_points(s->possible);
    return s->possible > 0 ? xasprintf("<b>%s</b> of %s", earned, possible) : xstrdup("–");
}

static void row(struct strbuf *b, const char *name, const char *now, const char *after)
{
    strbuf_addf(b, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td></tr>", name, now, after);
}

static void stages(struct strbuf *b, const struct score_report *r)
{
    _free_ char *guards_now = tally(&r->guards, false), *guards_after = tally(&r->guards, true);
    _free_ char *checks_now = tally(&r->checks, false), *checks_after = tally(&r->checks, true);
    _free_ char *points_now = points(&r->now), *points_after = points(&r->after);
    strbuf_addf(b,
        "<table class=\"stages\"><thead><tr><td></td><th scope=\"col\">%s</th>"
        "<th scope=\"col\">%s</th></tr></thead><tbody>",
        html_stage_name(r, false), html_stage_name(r, true));
    if (r->guards.n)
        row(b, "Guards that hold", guards_now, guards_after);
    row(b, "Checks that pass", checks_now, checks_after);
    row(b, "Points earned", points_now, points_after);
    strbuf_adds(b, "</tbody></table>\n");
}

/* The sum in full, where hints or a guard changed it. */
static void account(struct strbuf *b, const struct score_report *r)
{
    double raw = 0;
    for (size_t i = 0; i < r->checks.n; i++)
        raw += r->checks.items[i].earned;
    if (r->hint_cost <= 0 && r->cap >= 100)
        return;
    _free_ char *earned = format_points(raw);
    _free_ char *cost = format_points(r->hint_cost);
    _free_ char *score = format_points(r->score);
    _free_ char *max = format_points(r->max);
    _free_ char *cap = format_points(r->cap);
    strbuf_addf(b, "<p class=\"account\">%s earned", earned);
    if (r->hint_cost > 0)
        strbuf_addf(b, " − %s for hints", cost);
    if (r->cap < 100)
        strbuf_addf(b, ", at most %s&nbsp;%% of %s", cap, max);
    strbuf_addf(b, " = <b>%s</b> of %s points</p>\n", score, max);
}

static void note(struct strbuf *b, const char *class, const char *text)
{
    strbuf_addf(b,
        "<p class=\"note %s\"><svg aria-hidden=\"true\"><use href=\"#%s\"/></svg>%s</p>\n", class,
        class, text);
}

/* Why the score is what it is, where the sums alone do not say. */
static void notes(struct strbuf *b, const struct score_report *r)
{
    _free_ char *cap = format_points(r->cap);
    _free_ char *judged = format_points(r->judged);
    _free_ char *percent = format_points(r->percent_judged);
    _free_ char *left = format_points(r->total - r->max);
    _free_ char *capped = xasprintf("A guard is broken: the score is capped at %s&nbsp;%%.", cap);
    _free_ char *untold = xasprintf(
        "Not everything could be judged, through no fault of the candidate. Of the %s points that "
        "could, the score is %s&nbsp;%%. Grade again while the lab is there.",
        judged, percent);
    _free_ char *due = xasprintf("%s more points are due after a power cut.", left);
    if (r->cap < 100)
        note(b, "fail", capped);
    if (!r->gradable && r->max > 0)
        note(b, "error", untold);
    if (r->total > r->max && r->max > 0)
        note(b, "skipped", due);
    if (r->used_ms > r->time_limit_ms && r->time_limit_ms > 0)
        note(b, "error", "The time limit was exceeded.");
}

static void meter(struct strbuf *b, const struct score_report *r)
{
    _free_ char *percent = format_points(r->percent);
    _free_ char *mark = format_points(r->pass_mark);
    _free_ char *label = xasprintf("%s per cent; the pass mark is %s per cent", percent, mark);
    strbuf_adds(b, "<div class=\"meter\">");
    html_bar(b, html_share(r->percent, 100), 0, html_share(r->pass_mark, 100), label);
    strbuf_adds(b, "</div>");
}

static void clock_figure(struct strbuf *b, const struct score_report *r)
{
    _free_ char *used = format_duration(r->used_ms);
    _free_ char *limit = format_duration(r->time_limit_ms);
    _free_ char *label = xasprintf("%s of %s used", used, limit);
    double share = html_share((double)r->used_ms, (double)r->time_limit_ms);
    strbuf_addf(
        b, "<div class=\"clock\"><p><b>%s</b> of %s on the candidate’s clock</p>", used, limit);
    html_bar(b, share, 0, -1, label);
    strbuf_adds(b, "</div>\n");
}

void html_headline(struct strbuf *b, const struct score_report *r)
{
    _free_ char *percent = format_points(r->percent);
    _free_ char *score = format_points(r->score);
    _free_ char *max = format_points(r->max);
    _free_ char *mark = format_points(r->pass_mark);
    const char *class = r->passed ? "pass" : r->gradable ? "fail" : "error";
    const char *word = r->max <= 0 ? "Nothing to grade"
        : r->passed                ? "Passed"
        : r->gradable              ? "Not passed"
                                   : "Could not be judged in full";
    strbuf_addf(b,
        "<section class=\"head %s\"><h2 class=\"sr\">Result</h2>\n<div class=\"big\">"
        "<p class=\"word\"><svg aria-hidden=\"true\"><use href=\"#%s\"/></svg>%s</p>"
        "<p class=\"percent\">%s<small>&thinsp;%%</small></p>",
        class, class, word, percent);
    meter(b, r);
    strbuf_addf(
        b, "<p class=\"dim\">%s of %s points; pass mark %s&nbsp;%%</p></div>\n", score, max, mark);
    strbuf_adds(b, "<div class=\"detail\">");
    stages(b, r);
    account(b, r);
    clock_figure(b, r);
    strbuf_adds(b, "</div></section>\n");
    notes(b, r);
}
