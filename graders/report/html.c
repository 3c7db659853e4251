/* The report for the interviewer: one page without anything external. Every text goes through
 * html_escape(); what does not is literals of these files and numbers. Should a text get through
 * all the same, the page's policy lets no script run and nothing be loaded. */
#include "graders/report/html.h"
#include "util/deadline.h"
#include "util/hash.h"

void html_escape(struct strbuf *b, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    _free_ char *plain = plain_text(text);
    for (const char *p = plain; *p; p++) {
        const char *entity = NULL;
        for (size_t k = 0; k < sizeof entities / sizeof *entities; k++)
            if (*p == entities[k].c)
                entity = entities[k].entity;
        strbuf_add(b, entity ? entity : p, entity ? strlen(entity) : 1);
    }
}

size_t html_length(const char *text)
{
    size_t chars = 0;
    for (const char *p = text; p && *p; p++)
        chars += ((unsigned char)*p & 0xc0) != 0x80;
    return chars;
}

void html_element(struct strbuf *b, const char *tag, const char *class, const char *text)
{
    strbuf_addf(b, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    html_escape(b, text);
    strbuf_addf(b, "</%s>", tag);
}

void html_section(struct strbuf *b, const char *class, const char *heading)
{
    strbuf_adds(b, "<section");
    if (class)
        strbuf_addf(b, " class=\"%s\"", class);
    strbuf_adds(b, ">");
    html_element(b, "h2", NULL, heading);
    strbuf_adds(b, "\n");
}

void html_section_end(struct strbuf *b)
{
    strbuf_adds(b, "</section>\n");
}

void html_verdict(struct strbuf *b, enum verdict v)
{
    if (v == VERDICT_SKIPPED) {
        strbuf_adds(b,
            "<span class=\"v skipped\"><span aria-hidden=\"true\">–</span>"
            "<span class=\"sr\">not judged at this stage</span></span>");
        return;
    }
    const char *name = verdict_name(v);
    strbuf_addf(b,
        "<span class=\"v %s\"><svg aria-hidden=\"true\"><use href=\"#%s\"/></svg>%s</span>", name,
        name, name);
}

const char *html_stage_name(const struct score_report *r, bool after)
{
    if (after)
        return "After the power&nbsp;cut";
    bool cut = false;
    for (size_t i = 0; i < r->guards.n; i++)
        cut = cut || r->guards.items[i].after != VERDICT_SKIPPED;
    return cut || r->after.possible > 0 ? "Before the power&nbsp;cut" : "Now";
}

double html_share(double part, double whole)
{
    double share = whole > 0 ? 100 * part / whole : 0;
    return share < 0 ? 0 : share > 100 ? 100 : share;
}

void html_bar(struct strbuf *b, double got, double unknown, double mark, const char *label)
{
    strbuf_adds(b,
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
        "role=\"img\" aria-label=\"");
    html_escape(b, label);
    strbuf_addf(b,
        "\"><rect class=\"all\" width=\"100\" height=\"10\"/>"
        "<rect class=\"got\" width=\"%.2f\" height=\"10\"/>"
        "<rect class=\"unknown\" x=\"%.2f\" width=\"%.2f\" height=\"10\"/>",
        got, got, got + unknown > 100 ? 100 - got : unknown);
    if (mark >= 0)
        strbuf_addf(b, "<path class=\"mark\" d=\"M%.2f 0V10\"/>", mark);
    strbuf_adds(b, "</svg>");
}

static void fact(struct strbuf *b, const char *name, const char *value)
{
    html_element(b, "dt", NULL, name);
    html_element(b, "dd", NULL, value && *value ? value : "–");
}

static void facts(struct strbuf *b, const struct score_report *r)
{
    _free_ char *started = format_time(r->started_ms);
    _free_ char *graded = format_time(r->graded_ms);
    _free_ char *draw = draw_text(r->draw);
    html_section(b, NULL, "About this attempt");
    strbuf_adds(b, "<dl class=\"facts\">");
    fact(b, "Candidate", r->candidate);
    fact(b, "Scenario", r->scenario);
    fact(b, "Scenario digest", r->digest);
    if (draw)
        fact(b, "Drawn", draw);
    fact(b, "Lab", r->lab);
    fact(b, "Attempt", r->attempt);
    fact(b, "Started", started);
    fact(b, "Graded", graded);
    fact(b, "Driver", r->driver);
    fact(b, "labrun", r->version);
    strbuf_adds(b, "</dl>");
    html_section_end(b);
}

/* The policy names the digest of the style sheet, in base64: not even a style of somebody else's is
 * applied. */
static char *policy(void)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    _hasher_ struct hasher *h = hasher_new();
    hasher_add(h, html_style, strlen(html_style));
    _free_ char *hex = hasher_finish(h);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < 64; i += 6) { /* three bytes are four digits */
        _free_ char *group = xasprintf("%.6s", hex + i);
        size_t bytes = strlen(group) / 2;
        unsigned long bits = strtoul(group, NULL, 16) << (8 * (3 - bytes));
        for (size_t k = 0; k < 4; k++)
            strbuf_addf(&b, "%c", k <= bytes ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
    return xasprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; "
                     "form-action 'none'",
        b.data);
}

static void page_begin(struct strbuf *b, const struct score_report *r)
{
    _free_ char *csp = policy();
    strbuf_addf(b,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"generator\" content=\"labrun\">\n<title>",
        csp);
    html_escape(b, r->title);
    strbuf_adds(b, r->candidate ? " – " : "");
    html_escape(b, r->candidate);
    strbuf_addf(b, "</title>\n<style>%s</style>\n</head>\n<body>\n%s", html_style, html_symbols);
}

/* The sections of the page, in order. */
static void (*const sections[])(struct strbuf *b, const struct score_report *r) = {
    html_headline,
    html_guards,
    html_checks,
    html_skills,
    html_collateral,
    html_hints,
    html_time_line,
    html_topology,
    html_recordings,
    facts,
};

char *report_html(const struct score_report *r)
{
    struct strbuf b = STRBUF_INIT;
    page_begin(&b, r);
    strbuf_adds(&b, "<header>\n");
    html_element(&b, "p", "kicker", r->scenario);
    html_element(&b, "h1", NULL, r->title);
    html_element(&b, "p", "who", r->candidate ? r->candidate : "no candidate named");
    strbuf_adds(&b, "</header>\n<main>\n");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        sections[i](&b, r);
    strbuf_adds(&b, "</main>\n</body>\n</html>\n");
    return strbuf_steal(&b);
}
