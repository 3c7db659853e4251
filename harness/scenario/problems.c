/* The list of findings about one file. */
#include "scenario/value.h"
#include "util/mem.h"

#define MESSAGE_MAX 500 /* bytes */

void problems_init(struct problems *p, const char *file)
{
    *p = (struct problems){.file = xstrdup(file)};
}

/* Makes a message fit for one line of a terminal: it quotes what a user wrote. */
static void make_printable(char *s)
{
    size_t len = strlen(s);
    if (len > MESSAGE_MAX) {
        len = MESSAGE_MAX;
        while (len && ((unsigned char)s[len] & 0xc0) == 0x80)
            len--;
        s[len] = '\0';
    }
    for (unsigned char *c = (unsigned char *)s; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            *c = ' ';
        else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) /* U+0080 to U+009F */
            c[0] = c[1] = ' ';
}

static void _printf_(4, 0) add(struct problems *p, int line, int col, const char *fmt, va_list ap)
{
    if (p->n >= PROBLEMS_MAX) {
        p->dropped++;
        return;
    }
    struct problem *item = array_append(p->items, p->n);
    item->line = line;
    item->col = col;
    item->message = xvasprintf(fmt, ap);
    make_printable(item->message);
}

void problems_add(struct problems *p, const struct value *at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add(p, at ? at->line : 1, at ? at->col : 1, fmt, ap);
    va_end(ap);
}

void problems_add_at(struct problems *p, int line, int col, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add(p, line, col, fmt, ap);
    va_end(ap);
}

static int by_position(const void *a, const void *b)
{
    const struct problem *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->col != y->col)
        return x->col < y->col ? -1 : 1;
    return strcmp(x->message, y->message);
}

char *problems_text(const struct problems *p)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    _free_ struct problem *sorted = NULL;
    if (p->n) {
        sorted = xmemdup(p->items, p->n * sizeof *sorted);
        qsort(sorted, p->n, sizeof *sorted, by_position);
    }
    for (size_t i = 0; i < p->n; i++)
        strbuf_addf(
            &b, "%s:%d:%d: %s\n", p->file, sorted[i].line, sorted[i].col, sorted[i].message);
    if (p->dropped)
        strbuf_addf(&b, "%s: %zu more findings not shown\n", p->file, p->dropped);
    return strbuf_steal(&b);
}

void problems_free(struct problems *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->items[i].message);
    free(p->items);
    free(p->file);
    *p = (struct problems){0};
}
