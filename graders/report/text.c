/* The report for a terminal: guards first, then checks, and for what did not pass the evidence
 * underneath. Widths count columns of the terminal, not bytes. */
#include "graders/report/report.h"
#include "util/deadline.h"
#include "util/utf8.h"
#include <wchar.h>

struct out {
    struct strbuf b;
    const struct text_opts *opts;
    size_t width;  /* of a line, where one ends */
    size_t titles; /* of the column of titles */
};

enum colour { NONE, GREEN, RED, YELLOW, DIM, BOLD };

static void coloured(struct out *o, enum colour c, const char *text)
{
    static const char *const codes[] = {
        "", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m"};
    bool on = o->opts->colour && c != NONE;
    strbuf_addf(&o->b, "%s%s%s", on ? codes[c] : "", text, on ? "\x1b[0m" : "");
}

static enum colour verdict_colour(enum verdict v)
{
    static const enum colour colours[] = {[VERDICT_PASS] = GREEN,
        [VERDICT_FAIL] = RED,
        [VERDICT_ERROR] = YELLOW,
        [VERDICT_SKIPPED] = DIM};
    return colours[v];
}

/* Columns that the character takes: wide ones two, combining ones none. Needs a UTF-8 LC_CTYPE;
 * without one, every character is taken to be one column wide. */
static size_t columns_of(uint32_t code)
{
    int width = code < 0x80 ? 1 : wcwidth((wchar_t)code);
    return width < 0 ? 1 : (size_t)width;
}

/* How many columns the first line of S takes, at most LIMIT, and where they end. */
static size_t measure(const char *s, size_t limit, size_t *ret_bytes)
{
    size_t columns = 0, pos = 0, len = strcspn(s, "\n");
    while (pos < len) {
        uint32_t code = 0;
        int used = utf8_next(s + pos, len - pos, &code);
        size_t width = used > 0 ? columns_of(code) : 1;
        if (columns + width > limit)
            break;
        pos += used > 0 ? (size_t)used : 1;
        columns += width;
    }
    *ret_bytes = pos;
    return columns;
}

/* S in a column of WIDTH: cut with an ellipsis, or filled up with blanks. */
static void column(struct out *o, enum colour c, const char *raw, size_t width)
{
    _free_ char *s = plain_text(raw);
    size_t bytes;
    size_t used = measure(s, width, &bytes);
    bool cut = s[bytes];
    if (cut)
        used = measure(s, width - 1, &bytes) + 1;
    _free_ char *cell = xasprintf("%.*s%s", (int)bytes, s, cut ? "…" : "");
    coloured(o, c, cell);
    strbuf_addf(&o->b, "%*s", (int)(width - used), "");
}

/* One part of the evidence, its lines under its name. On a terminal long lines are broken, so that
 * what follows stays in its column. */
static void evidence_part(struct out *o, const char *name, const char *text)
{
    enum { INDENT = 19 };
    _free_ char *plain = plain_text(text);
    size_t room = o->opts->width > 0 ? o->width - INDENT : SIZE_MAX;
    for (const char *p = plain; *p;) {
        size_t n;
        measure(p, room, &n);
        n = n ? n : 1; /* a line break of an empty line, or a character wider than the room */
        strbuf_addf(&o->b, "         %-9s ", p == plain ? name : "");
        strbuf_add(&o->b, p, *p == '\n' ? 0 : n);
        strbuf_adds(&o->b, "\n");
        p += *p == '\n' ? 1 : n;
        p += p[-1] != '\n' && *p == '\n';
    }
}

/* Both columns, where a check was judged twice and not alike. */
static void both_stages(struct out *o, const struct check_result *c)
{
    if (c->now == c->after || c->now == VERDICT_SKIPPED || c->after == VERDICT_SKIPPED)
        return;
    _free_ char *text =
        xasprintf("%s now, %s after the power cut", verdict_name(c->now), verdict_name(c->after));
    evidence_part(o, "stages", text);
}

static const char *title_of(const struct check_result *c)
{
    return c->title ? c->title : c->id;
}

/* The widest title, or WIDEST. */
static size_t widest_title(const struct check_results *r, size_t widest)
{
    for (size_t i = 0; i < r->n; i++) {
        _free_ char *title = plain_text(title_of(&r->items[i]));
        size_t bytes, columns = measure(title, SIZE_MAX, &bytes);
        widest = columns > widest ? columns : widest;
    }
    return widest;
}

static void result_line(struct out *o, const struct check_result *c, bool guard)
{
    column(o, verdict_colour(c->verdict), verdict_name(c->verdict), 8);
    _free_ char *earned = format_points(c->earned);
    _free_ char *points = format_points(c->points);
    _free_ char *caps = format_points(c->caps);
    _free_ char *worth = guard ? xasprintf("caps %s %%", caps) : xasprintf("%s/%s", earned, points);
    strbuf_adds(&o->b, " ");
    column(o, NONE, title_of(c), o->titles);
    strbuf_addf(&o->b, " %11s %s\n", worth, c->node ? c->node : "");
    bool shown = c->verdict == VERDICT_FAIL || c->verdict == VERDICT_ERROR;
    if (!shown && !(o->opts->evidence && c->verdict != VERDICT_SKIPPED))
        return;
    both_stages(o, c);
    evidence_part(o, "asked", c->evidence.asked);
    evidence_part(o, "expected", c->evidence.expected);
    evidence_part(o, "seen", c->evidence.seen);
}

static void results(struct out *o, const char *heading, const struct check_results *r, bool guard)
{
    if (r->n == 0)
        return;
    coloured(o, BOLD, heading);
    strbuf_adds(&o->b, "\n");
    for (size_t i = 0; i < r->n; i++)
        result_line(o, &r->items[i], guard);
    strbuf_adds(&o->b, "\n");
}

static void skills(struct out *o, const struct score_report *r)
{
    if (r->n_skills == 0)
        return;
    coloured(o, BOLD, "Skills");
    strbuf_adds(&o->b, "\n");
    for (size_t i = 0; i < r->n_skills; i++) {
        const struct skill_score *s = &r->skills[i];
        _free_ char *earned = format_points(s->earned);
        _free_ char *possible = format_points(s->possible);
        column(o, NONE, s->name, 24);
        strbuf_addf(&o->b, " %s/%s%s\n", earned, possible,
            s->judged < s->possible ? "  (not all could be judged)" : "");
    }
    strbuf_adds(&o->b, "\n");
}

/* Terminals by their file; the folder once, since a path of it is longer than a line. */
static void recordings(struct out *o, const struct score_report *r)
{
    if (r->n_recordings == 0 || !o->opts->folder)
        return;
    coloured(o, BOLD, "Recordings");
    _free_ char *folder = plain_text(o->opts->folder);
    strbuf_addf(&o->b, " (`asciinema play FILE`), in %s:\n", folder);
    for (size_t i = 0; i < r->n_recordings; i++) {
        _free_ char *at = format_duration(r->recordings[i].at_ms);
        _free_ char *file = plain_text(r->recordings[i].file);
        strbuf_addf(&o->b, "%8s ", at);
        column(o, NONE, r->recordings[i].node, 12);
        strbuf_addf(&o->b, " %s\n", file);
    }
    strbuf_adds(&o->b, "\n");
}

static char *stage_points(const struct stage_score *s)
{
    _free_ char *earned = format_points(s->earned);
    _free_ char *possible = format_points(s->possible);
    return xasprintf("%s of %s", earned, possible);
}

static void collateral(struct out *o, const struct score_report *r)
{
    _free_ char *text = report_collateral_text(&r->collateral);
    if (!*text)
        return;
    coloured(o, BOLD, "Collateral");
    strbuf_addf(&o->b, "\n%s\n", text);
}

/* What the summary line cannot say: why the score is what it is. */
static void remarks(struct out *o, const struct score_report *r)
{
    if (r->n_hints > 0) {
        _free_ char *cost = format_points(r->hint_cost);
        strbuf_addf(&o->b, "%zu hint%s taken: %s points less\n", r->n_hints,
            r->n_hints == 1 ? "" : "s", cost);
    }
    if (r->after.possible > 0) {
        _free_ char *now = stage_points(&r->now);
        _free_ char *after = stage_points(&r->after);
        strbuf_addf(&o->b, "before the power cut %s points, after it %s\n", now, after);
    }
    if (r->collateral.hidden && r->collateral.changed > 0)
        strbuf_addf(&o->b, "things changed on the nodes beside what is checked: %lld\n",
            (long long)r->collateral.changed);
    if (r->cap < 100) {
        _free_ char *cap = format_points(r->cap);
        strbuf_addf(&o->b, "a guard is broken: the score is capped at %s %%\n", cap);
    }
    if (!r->gradable && r->max > 0) {
        _free_ char *percent = format_points(r->percent_judged);
        _free_ char *judged = format_points(r->judged);
        strbuf_addf(&o->b,
            "not everything could be judged; of the %s points that could: %s %%; grade again\n",
            judged, percent);
    }
    if (r->total > r->max) {
        _free_ char *left = format_points(r->total - r->max);
        strbuf_addf(&o->b, "%s more points are due after the power cut\n", left);
    }
}

/* One line, cut where a terminal ends. */
static void line(struct out *o, enum colour c, const char *raw)
{
    _free_ char *s = plain_text(raw);
    size_t bytes;
    measure(s, o->opts->width > 0 ? o->width : SIZE_MAX, &bytes);
    bool cut = s[bytes] && s[bytes] != '\n';
    if (cut)
        measure(s, o->width - 1, &bytes);
    _free_ char *text = xasprintf("%.*s%s", (int)bytes, s, cut ? "…" : "");
    coloured(o, c, text);
    strbuf_adds(&o->b, "\n");
}

static void head(struct out *o, const struct score_report *r)
{
    _free_ char *used = format_duration(r->used_ms);
    _free_ char *limit = format_duration(r->time_limit_ms);
    _free_ char *who = xasprintf("%s%s%s", r->scenario, r->candidate ? ", candidate " : "",
        r->candidate ? r->candidate : "");
    _free_ char *draw = draw_text(r->draw);
    _free_ char *lab = xasprintf("lab %s, %s of %s used", r->lab, used, limit);
    line(o, BOLD, r->title);
    line(o, NONE, who);
    line(o, NONE, lab);
    if (draw)
        line(o, NONE, draw);
    strbuf_adds(&o->b, "\n");
}

char *report_text(const struct score_report *r, const struct text_opts *opts)
{
    size_t width = opts->width > 0 ? (size_t)opts->width : 80;
    width = width < 60 ? 60 : width > 160 ? 160 : width;
    /* In a file nothing is cut; a terminal's lines end where it ends. */
    size_t titles = width - 34;
    if (opts->width <= 0)
        titles = widest_title(&r->checks, widest_title(&r->guards, titles));
    struct out o = {STRBUF_INIT, opts, width, titles};
    head(&o, r);
    results(&o, "Guards", &r->guards, true);
    results(&o, "Checks", &r->checks, false);
    skills(&o, r);
    recordings(&o, r);
    collateral(&o, r);
    remarks(&o, r);
    _free_ char *summary = report_summary(r);
    coloured(&o, r->passed ? GREEN : r->gradable ? RED : YELLOW, summary);
    strbuf_adds(&o.b, "\n");
    return strbuf_steal(&o.b);
}
