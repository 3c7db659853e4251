/* The time line: how the score rose over the candidate's clock, with the hints and terminals on the
 * way, and all events as a table. */
#include "graders/report/html.h"
#include "util/deadline.h"
#include <math.h>

enum { LEFT = 104, RIGHT = 940, TOP = 26, BOTTOM = 126, HINTS = 152, TERMINALS = 180, AXIS = 200 };

/* From the candidate's clock to places in the picture. */
struct scale {
    int64_t end_ms; /* at the right edge */
};

static double x_of(const struct scale *s, int64_t ms)
{
    double x = LEFT + (RIGHT - LEFT) * (double)ms / (double)s->end_ms;
    return x < LEFT ? LEFT : x > RIGHT ? RIGHT : x;
}

static double y_of(double percent)
{
    double p = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    return BOTTOM - (BOTTOM - TOP) * p / 100;
}

/* The whole limit when a good part of it was used; else the used part, larger. */
static struct scale scale_for(const struct score_report *r)
{
    int64_t end = r->used_ms;
    for (size_t i = 0; i < r->n_events; i++)
        end = r->events[i].at_ms > end ? r->events[i].at_ms : end;
    if (end < r->time_limit_ms && end > r->time_limit_ms / 2)
        end = r->time_limit_ms;
    end += end / 50;
    return (struct scale){end > 1000 ? end : 1000};
}

/* The smallest usual step of time that gives at most eight marks. */
static int64_t step_for(int64_t end_ms)
{
    static const int64_t steps[] = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400};
    size_t i = 0;
    while (i + 1 < sizeof steps / sizeof *steps && end_ms / (steps[i] * 1000) > 8)
        i++;
    int64_t step = steps[i] * 1000;
    return end_ms / step > 8 ? end_ms / 8 : step;
}

static void text_at(struct strbuf *b, double x, double y, const char *anchor, const char *text)
{
    strbuf_addf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    html_escape(b, text);
    strbuf_adds(b, "</text>");
}

static void frame(struct strbuf *b, const struct score_report *r, const struct scale *s)
{
    for (int p = 0; p <= 100; p += 50) {
        _free_ char *label = xasprintf("%d %%", p);
        strbuf_addf(b, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y_of(p), RIGHT);
        if (fabs(p - r->pass_mark) > 15) /* room for the mark's own label */
            text_at(b, LEFT - 16, y_of(p) + 4, "end", label);
    }
    _free_ char *mark = format_points(r->pass_mark);
    _free_ char *label = xasprintf("pass %s %%", mark);
    strbuf_addf(b, "<path class=\"mark\" d=\"M%d %.1fH%d\"/>", LEFT, y_of(r->pass_mark), RIGHT);
    text_at(b, LEFT - 16, y_of(r->pass_mark) + 4, "end", label);
    text_at(b, LEFT - 16, HINTS + 4, "end", "hints");
    text_at(b, LEFT - 16, TERMINALS + 4, "end", "terminals");
    strbuf_addf(b, "<path class=\"grid\" d=\"M%d %dH%d\"/>", LEFT, AXIS, RIGHT);
    int64_t step = step_for(s->end_ms);
    for (int64_t at = 0; at <= s->end_ms; at += step) {
        _free_ char *when = at ? format_duration(at) : xstrdup("0");
        strbuf_addf(b, "<path class=\"grid\" d=\"M%.1f %dv5\"/>", x_of(s, at), AXIS);
        text_at(b, x_of(s, at), AXIS + 19, x_of(s, at) > RIGHT - 20 ? "end" : "middle", when);
    }
    if (r->time_limit_ms > 0 && r->time_limit_ms <= s->end_ms) {
        double x = x_of(s, r->time_limit_ms);
        strbuf_addf(b, "<path class=\"limit\" d=\"M%.1f %dV%d\"/>", x, TOP - 10, AXIS);
        text_at(b, x - 5, TOP - 13, "end", "time limit");
    }
}

/* Grades as points of a line; a label where there is room for it. */
static void grades(struct strbuf *b, const struct score_report *r, const struct scale *s)
{
    _strbuf_ struct strbuf line = STRBUF_INIT, dots = STRBUF_INIT;
    double labelled = -1000;
    for (size_t i = 0; i < r->n_events; i++) {
        const struct score_event *e = &r->events[i];
        if (!streq(e->kind, "grade"))
            continue;
        double x = x_of(s, e->at_ms), y = y_of(e->value);
        strbuf_addf(&line, "%s%.1f %.1f", line.len ? "L" : "M", x, y);
        strbuf_addf(&dots, "<circle class=\"grade\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>", x, y);
        if (x - labelled < 46)
            continue;
        labelled = x;
        _free_ char *percent = xasprintf("%.0f %%", round(e->value));
        strbuf_adds(&dots, "<g class=\"strong\">");
        text_at(&dots, x + (x > RIGHT - 40 ? -9 : 9), y + (e->value > 90 ? 15 : -7),
            x > RIGHT - 40 ? "end" : "start", percent);
        strbuf_adds(&dots, "</g>");
    }
    if (line.len)
        strbuf_addf(b, "<path class=\"line\" d=\"%s\"/>%s", line.data, dots.data);
}

static void marks(struct strbuf *b, const struct score_report *r, const struct scale *s)
{
    for (size_t i = 0; i < r->n_events; i++)
        if (streq(r->events[i].kind, "terminal"))
            strbuf_addf(b, "<path class=\"tick\" d=\"M%.1f %dv12\"/>", x_of(s, r->events[i].at_ms),
                TERMINALS - 6);
    for (size_t i = 0; i < r->n_hints; i++) {
        if (r->hints[i].at_ms < 0)
            continue;
        _free_ char *number = xasprintf("%lld", (long long)r->hints[i].number);
        double x = x_of(s, r->hints[i].at_ms);
        strbuf_addf(b, "<g class=\"hint\"><circle cx=\"%.1f\" cy=\"%d\" r=\"9\"/>", x, HINTS);
        text_at(b, x, HINTS + 4.5, "middle", number);
        strbuf_adds(b, "</g>");
    }
}

/* Terminals that were opened one after the other on one node are one row. */
static size_t same_terminals(const struct score_report *r, size_t from)
{
    size_t n = 1;
    while (from + n < r->n_events && streq(r->events[from].kind, "terminal") &&
        streq(r->events[from + n].kind, "terminal") &&
        streq(r->events[from + n].text, r->events[from].text))
        n++;
    return n;
}

static void table(struct strbuf *b, const struct score_report *r)
{
    strbuf_adds(b,
        "<table class=\"plain events\"><thead><tr>"
        "<th scope=\"col\">Clock</th><th scope=\"col\">Real time</th>"
        "<th scope=\"col\">What</th></tr></thead><tbody>\n");
    for (size_t i = 0, n; i < r->n_events; i += n) {
        const struct score_event *e = &r->events[i];
        n = same_terminals(r, i);
        _free_ char *at = format_duration(e->at_ms);
        _free_ char *since = format_duration(e->since_ms);
        strbuf_addf(
            b, "<tr><td class=\"when\">%s</td><td class=\"when dim\">%s</td><td>", at, since);
        html_escape(b, e->text);
        if (n > 1)
            strbuf_addf(b, ", %zu times", n);
        strbuf_adds(b, "</td></tr>\n");
    }
    strbuf_adds(b, "</tbody></table>\n");
}

void html_time_line(struct strbuf *b, const struct score_report *r)
{
    if (r->n_events == 0)
        return;
    struct scale s = scale_for(r);
    html_section(b, NULL, "Time line");
    strbuf_adds(b,
        "<p class=\"lead\">On the candidate’s clock, which stands while labrun has the "
        "nodes and while the lab is paused.</p>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Time line\">"
        "<svg class=\"timeline\" viewBox=\"0 0 960 226\" role=\"img\" aria-label=\""
        "Score over time; the table below says the same\">");
    frame(b, r, &s);
    grades(b, r, &s);
    marks(b, r, &s);
    strbuf_adds(b, "</svg></div>\n");
    table(b, r);
    html_section_end(b);
}
