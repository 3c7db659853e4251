#include "graders/report/junit_writer.h"
#include "graders/report/report.h"
#include "util/deadline.h"

#define X(s) ((const xmlChar *)(s))

/* Writing into memory fails only when there is none, and that aborts everywhere. */
static void ok(int rc)
{
    if (rc < 0)
        abort();
}

static void attribute(struct junit *j, const char *name, const char *value)
{
    _free_ char *plain = plain_text(value);
    ok(xmlTextWriterWriteAttribute(j->w, X(name), X(plain)));
}

static void count(struct junit *j, const char *name, size_t n)
{
    _free_ char *s = xasprintf("%zu", n);
    attribute(j, name, s);
}

static void seconds(struct junit *j, int64_t ms)
{
    _free_ char *s = xasprintf("%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
    attribute(j, "time", s);
}

void junit_begin(struct junit *j)
{
    *j = (struct junit){.buffer = xmlBufferCreate()};
    j->w = j->buffer ? xmlNewTextWriterMemory(j->buffer, 0) : NULL;
    if (!j->w)
        abort();
    ok(xmlTextWriterSetIndent(j->w, 1));
    ok(xmlTextWriterSetIndentString(j->w, X("  ")));
    ok(xmlTextWriterStartDocument(j->w, NULL, "UTF-8", NULL));
    ok(xmlTextWriterStartElement(j->w, X("testsuites")));
}

char *junit_end(struct junit *j)
{
    ok(xmlTextWriterEndDocument(j->w));
    xmlFreeTextWriter(j->w);
    char *text = xstrdup((const char *)xmlBufferContent(j->buffer));
    xmlBufferFree(j->buffer);
    *j = (struct junit){0};
    return text;
}

void junit_suite_begin(struct junit *j, const struct junit_suite *s)
{
    _free_ char *time = format_time(s->wall_ms);
    time[strcspn(time, "Z")] = '\0'; /* the schema's pattern has no zone */
    ok(xmlTextWriterStartElement(j->w, X("testsuite")));
    attribute(j, "name", s->name);
    attribute(j, "package", "labrun");
    count(j, "id", j->n_suites++);
    attribute(j, "hostname", s->host && *s->host ? s->host : "localhost");
    attribute(j, "timestamp", time);
    count(j, "tests", s->tests);
    count(j, "failures", s->failures);
    count(j, "errors", s->errors);
    count(j, "skipped", s->skipped);
    seconds(j, s->duration_ms);
    ok(xmlTextWriterStartElement(j->w, X("properties")));
}

void junit_property(struct junit *j, const char *name, const char *value)
{
    ok(xmlTextWriterStartElement(j->w, X("property")));
    attribute(j, "name", name);
    attribute(j, "value", value ? value : "");
    ok(xmlTextWriterEndElement(j->w));
}

void junit_properties_end(struct junit *j)
{
    ok(xmlTextWriterEndElement(j->w));
}

void junit_suite_end(struct junit *j)
{
    ok(xmlTextWriterWriteElement(j->w, X("system-out"), X("")));
    ok(xmlTextWriterWriteElement(j->w, X("system-err"), X("")));
    ok(xmlTextWriterEndElement(j->w));
}

void junit_case_begin(struct junit *j, const char *class, const char *name, int64_t duration_ms)
{
    ok(xmlTextWriterStartElement(j->w, X("testcase")));
    attribute(j, "name", name);
    attribute(j, "classname", class);
    seconds(j, duration_ms);
}

void junit_finding(
    struct junit *j, const char *element, const char *type, const char *message, const char *text)
{
    _free_ char *line = xstrndup(message, strcspn(message, "\n"));
    ok(xmlTextWriterStartElement(j->w, X(element)));
    attribute(j, "message", line);
    if (type)
        attribute(j, "type", type);
    if (text) {
        _free_ char *plain = plain_text(text);
        ok(xmlTextWriterWriteString(j->w, X(plain)));
    }
    ok(xmlTextWriterEndElement(j->w));
}

void junit_case_end(struct junit *j)
{
    ok(xmlTextWriterEndElement(j->w));
}
