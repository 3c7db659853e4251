#include "graders/report/report.h"
#include "util/utf8.h"
#include <math.h>

static bool harmful(uint32_t c)
{
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0x200e ||
        c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
        c == 0xfeff || (c & 0xfffe) == 0xfffe;
}

char *plain_text(const char *text)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    size_t len = text ? strlen(text) : 0;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        int used = utf8_next(text + i, len - i, &c);
        if (used > 0 && !harmful(c))
            strbuf_add(&b, text + i, (size_t)used);
        else
            strbuf_adds(&b, UTF8_REPLACEMENT);
        i += used > 0 ? (size_t)used : 1;
    }
    return strbuf_steal(&b);
}

char *draw_text(const json_t *draw)
{
    if (!draw)
        return NULL;
    struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b, "seed %lld", (long long)json_integer_value(json_object_get(draw, "seed")));
    const char *name, *separator = ": ";
    json_t *value;
    json_object_foreach (json_object_get(draw, "parameters"), name, value) {
        const char *text = json_string_value(value);
        strbuf_addf(&b, "%s%s=%s", separator, name, text ? text : "");
        separator = ", ";
    }
    _free_ char *raw = strbuf_steal(&b);
    return plain_text(raw);
}

char *format_points(double points)
{
    double rounded = round(points * 100) / 100;
    if (rounded == 0)
        rounded = 0; /* no "-0" */
    char *s = xasprintf("%.2f", rounded);
    size_t n = strlen(s);
    while (s[n - 1] == '0')
        s[--n] = '\0';
    if (s[n - 1] == '.')
        s[--n] = '\0';
    return s;
}

char *report_summary(const struct score_report *r)
{
    if (r->max <= 0)
        return xstrdup("nothing to grade");
    _free_ char *score = format_points(r->score);
    _free_ char *max = format_points(r->max);
    _free_ char *percent = format_points(r->percent);
    _free_ char *mark = format_points(r->pass_mark);
    const char *word = !r->gradable ? "could not be judged in full"
        : r->passed                 ? "passed"
                                    : "not passed";
    return xasprintf(
        "%s of %s points, %s %% (pass mark %s %%): %s", score, max, percent, mark, word);
}
