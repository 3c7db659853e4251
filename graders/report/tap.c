/* TAP version 14 (or 13, of which 14 is a superset, and nothing of what it adds is used): one test
 * point a check and guard, evidence as a YAML block. A check that could not be judged is "not ok"
 * with severity error, since TAP knows no third verdict. */
#include "graders/report/report.h"

/* A description must not hold a line break, and '#' would begin a directive. */
static void description(struct strbuf *b, const char *text)
{
    _free_ char *plain = plain_text(text);
    for (const char *p = plain; *p; p++) {
        if (*p == '\n')
            strbuf_adds(b, " ");
        else if (*p == '#' || *p == '\\')
            strbuf_addf(b, "\\%c", *p);
        else
            strbuf_add(b, p, 1);
    }
}

/* A block where it can be one, for people: readers of TAP that know little YAML (Perl's) stumble
 * over empty lines, and a first line that is indented would need an indicator that they do not
 * know. */
static bool fits_block(const char *text)
{
    return *text != ' ' && *text != '\t' && *text != '\n' && !strstr(text, "\n\n");
}

static void yaml_text(struct strbuf *b, const char *key, const char *raw)
{
    _free_ char *plain = plain_text(raw);
    if (!*plain)
        return;
    if (!fits_block(plain)) { /* a string in JSON is one in YAML */
        _json_ json_t *j = json_string(plain);
        _free_ char *quoted = json_dumps(j, JSON_ENCODE_ANY);
        strbuf_addf(b, "  %s: %s\n", key, quoted);
        return;
    }
    strbuf_addf(b, "  %s: |\n", key);
    for (const char *p = plain; *p;) {
        size_t n = strcspn(p, "\n");
        strbuf_addf(b, "    %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
}

static void yaml_block(struct strbuf *b, const struct check_result *c, bool guard)
{
    _free_ char *earned = format_points(c->earned);
    _free_ char *points = format_points(c->points);
    _free_ char *caps = format_points(c->caps);
    strbuf_addf(b, "  ---\n  verdict: %s\n", verdict_name(c->verdict));
    if (c->verdict != VERDICT_PASS)
        strbuf_addf(b, "  severity: %s\n", c->verdict == VERDICT_ERROR ? "error" : "fail");
    if (guard)
        strbuf_addf(b, "  caps: %s\n", caps);
    else
        strbuf_addf(b, "  points: %s\n  earned: %s\n", points, earned);
    strbuf_addf(b, "  duration_ms: %lld\n", (long long)c->duration_ms);
    yaml_text(b, "node", c->node);
    yaml_text(b, "asked", c->evidence.asked);
    yaml_text(b, "expected", c->evidence.expected);
    yaml_text(b, "seen", c->evidence.seen);
    strbuf_adds(b, "  ...\n");
}

static void point(struct strbuf *b, size_t number, const struct check_result *c, bool guard)
{
    bool ok = c->verdict == VERDICT_PASS || c->verdict == VERDICT_SKIPPED;
    strbuf_addf(b, "%sok %zu - %s", ok ? "" : "not ", number, guard ? "guard " : "");
    description(b, c->id);
    strbuf_adds(b, ": ");
    description(b, c->title ? c->title : "");
    if (c->verdict == VERDICT_SKIPPED)
        strbuf_addf(b, " # SKIP not due in this grading (%s)", result_stage_name(c->stage));
    strbuf_adds(b, "\n");
    if (c->verdict != VERDICT_SKIPPED)
        yaml_block(b, c, guard);
}

char *report_tap(const struct score_report *r, int version)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b, "TAP version %d\n1..%zu\n", version, r->guards.n + r->checks.n);
    for (size_t i = 0; i < r->guards.n; i++)
        point(&b, i + 1, &r->guards.items[i], true);
    for (size_t i = 0; i < r->checks.n; i++)
        point(&b, r->guards.n + i + 1, &r->checks.items[i], false);
    _free_ char *summary = report_summary(r);
    strbuf_addf(&b, "# %s\n", summary);
    return strbuf_steal(&b);
}
