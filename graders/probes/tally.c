#include "graders/probes/node.h"

void tally_expect(struct tally *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *line = xvasprintf(fmt, ap);
    va_end(ap);
    strbuf_addf(&t->expected, "%s%s", t->expected.len ? "\n" : "", line);
}

void tally_saw(struct tally *t, bool holds, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *line = xvasprintf(fmt, ap);
    va_end(ap);
    strbuf_addf(
        &t->seen, "%s%s%s", t->seen.len ? "\n" : "", holds ? "" : "NOT AS EXPECTED: ", line);
    t->failed = t->failed || !holds;
}

char *tally_list(const struct strv *v)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < v->n; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", v->items[i]);
    return b.len ? strbuf_steal(&b) : xstrdup("none");
}

void tally_finish(struct tally *t, struct outcome *o)
{
    outcome_expected(o, "%s", t->expected.data ? t->expected.data : "");
    outcome_set(o, t->failed ? VERDICT_FAIL : VERDICT_PASS, "%s", t->seen.data ? t->seen.data : "");
    tally_free(t);
}

void tally_free(struct tally *t)
{
    strbuf_free(&t->expected);
    strbuf_free(&t->seen);
    t->failed = false;
}
