#include "driver/xml.h"
#include <libxml/xmlwriter.h>

struct xml {
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
};

/* Every failure of a writer in memory is that there is none left. */
static void done(int rc)
{
    if (rc < 0)
        abort();
}

struct xml *xml_new(void)
{
    struct xml *x = xnew(struct xml);
    x->buffer = xmlBufferCreate();
    x->writer = x->buffer ? xmlNewTextWriterMemory(x->buffer, 0) : NULL;
    if (!x->writer)
        abort();
    done(xmlTextWriterSetIndent(x->writer, 1));
    done(xmlTextWriterSetIndentString(x->writer, BAD_CAST "  "));
    done(xmlTextWriterSetQuoteChar(x->writer, '\''));
    return x;
}

void xml_open(struct xml *x, const char *name)
{
    done(xmlTextWriterStartElement(x->writer, BAD_CAST name));
}

void xml_close(struct xml *x)
{
    done(xmlTextWriterEndElement(x->writer));
}

/* libxml2 2.9 escapes double quotes in attributes even when the writer quotes with single ones, and
 * leaves single ones alone: an apostrophe in a path would end the attribute. */
void xml_attr(struct xml *x, const char *name, const char *value)
{
    done(xmlTextWriterStartAttribute(x->writer, BAD_CAST name));
    for (;;) {
        size_t len = strcspn(value, "'");
        _free_ char *part = xstrndup(value, len);
        done(xmlTextWriterWriteString(x->writer, BAD_CAST part));
        if (!value[len])
            break;
        done(xmlTextWriterWriteRaw(x->writer, BAD_CAST "&apos;"));
        value += len + 1;
    }
    done(xmlTextWriterEndAttribute(x->writer));
}

void xml_attrf(struct xml *x, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *value = xvasprintf(fmt, ap);
    va_end(ap);
    xml_attr(x, name, value);
}

void xml_text(struct xml *x, const char *text)
{
    done(xmlTextWriterWriteString(x->writer, BAD_CAST text));
}

void xml_textf(struct xml *x, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *text = xvasprintf(fmt, ap);
    va_end(ap);
    xml_text(x, text);
}

void xml_leaf(struct xml *x, const char *name, const char *text)
{
    done(xmlTextWriterWriteElement(x->writer, BAD_CAST name, BAD_CAST text));
}

void xml_leaff(struct xml *x, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *text = xvasprintf(fmt, ap);
    va_end(ap);
    xml_leaf(x, name, text);
}

void xml_empty(struct xml *x, const char *name, ...)
{
    va_list ap;
    va_start(ap, name);
    xml_open(x, name);
    for (const char *attr; (attr = va_arg(ap, const char *));)
        xml_attr(x, attr, va_arg(ap, const char *));
    xml_close(x);
    va_end(ap);
}

char *xml_finish(struct xml *x)
{
    done(xmlTextWriterEndDocument(x->writer));
    xmlFreeTextWriter(x->writer);
    char *text = xstrdup((const char *)xmlBufferContent(x->buffer));
    xmlBufferFree(x->buffer);
    free(x);
    return text;
}
