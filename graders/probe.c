#include "graders/probe.h"

void outcome_clear(struct outcome *o)
{
    evidence_clear(&o->evidence);
    o->verdict = VERDICT_ERROR;
}

static void set_part(char **part, const char *fmt, va_list ap) _printf_(2, 0);

static void set_part(char **part, const char *fmt, va_list ap)
{
    _free_ char *raw = xvasprintf(fmt, ap);
    free(*part);
    *part = evidence_text(raw, strlen(raw));
}

void outcome_asked(struct outcome *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_part(&o->evidence.asked, fmt, ap);
    va_end(ap);
}

void outcome_expected(struct outcome *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_part(&o->evidence.expected, fmt, ap);
    va_end(ap);
}

void outcome_set(struct outcome *o, enum verdict v, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_part(&o->evidence.seen, fmt, ap);
    va_end(ap);
    o->verdict = v;
}
