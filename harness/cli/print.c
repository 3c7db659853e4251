#include "cli/print.h"
#include "util/utf8.h"
#include <sys/ioctl.h>
#include <wchar.h>

#define ELLIPSIS "\xe2\x80\xa6"
enum { GAP = 2, NARROWEST = 8 };

static const char *const style_codes[] = {
    [STYLE_NONE] = "",
    [STYLE_BOLD] = "\x1b[1m",
    [STYLE_DIM] = "\x1b[2m",
    [STYLE_GOOD] = "\x1b[32m",
    [STYLE_BAD] = "\x1b[31m",
    [STYLE_WARN] = "\x1b[33m",
};

struct out out_for(FILE *file, bool no_color_asked)
{
    struct out o = {.file = file};
    struct winsize size;
    if (!isatty(fileno(file)))
        return o;
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    o.color = !no_color_asked && !(no_color && *no_color) && !(term && streq(term, "dumb"));
    o.width = ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    return o;
}

/* Columns of the character at S, and its length in bytes. */
static size_t char_width(const char *s, size_t *ret_len)
{
    uint32_t code;
    int len = utf8_next(s, strlen(s), &code);
    *ret_len = len > 0 ? (size_t)len : 1;
    int width = len > 0 ? wcwidth((wchar_t)code) : 1;
    return width < 0 ? 1 : (size_t)width;
}

/* Length of a text of nothing but printable ASCII, as most are; SIZE_MAX if it is not. */
static size_t plain_length(const char *s)
{
    size_t n = 0;
    while (s[n] >= 0x20 && s[n] < 0x7f)
        n++;
    return s[n] ? SIZE_MAX : n;
}

size_t text_width(const char *s)
{
    size_t width = plain_length(s), len;
    if (width != SIZE_MAX)
        return width;
    width = 0;
    for (; *s; s += len)
        width += char_width(s, &len);
    return width;
}

char *text_printable(const char *s)
{
    if (plain_length(s) != SIZE_MAX)
        return xstrdup(s);
    _free_ char *clean = utf8_clean(s);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (const char *p = clean; *p;) {
        uint32_t code;
        int len = utf8_next(p, strlen(p), &code);
        /* C0, DEL, C1, and the marks that turn the direction of what follows. */
        bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) ||
            (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
        if (control)
            strbuf_adds(&b, code == '\t' || code == '\n' ? " " : "?");
        else
            strbuf_add(&b, p, (size_t)len);
        p += len;
    }
    return strbuf_steal(&b);
}

void text_wrap(struct strbuf *b, const char *text, size_t at, size_t indent, size_t width)
{
    bool first = true;
    while (*(text += strspn(text, " \n"))) {
        _free_ char *word = xstrndup(text, strcspn(text, " \n"));
        size_t w = text_width(word);
        if (!first && at + 1 + w > width) {
            strbuf_addf(b, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            strbuf_adds(b, " ");
            at++;
        }
        strbuf_adds(b, word);
        at += w;
        text += strlen(word);
        first = false;
    }
    strbuf_adds(b, "\n");
}

static void put(const struct out *o, enum style style, const char *clean)
{
    bool styled = o->color && style != STYLE_NONE && *clean;
    fprintf(o->file, "%s%s%s", styled ? style_codes[style] : "", clean, styled ? "\x1b[0m" : "");
}

void out_text(const struct out *o, enum style style, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        _free_ char *line = xstrndup(text, n);
        _free_ char *clean = text_printable(line);
        put(o, style, clean);
        text += n;
        if (*text == '\n') {
            fputc('\n', o->file);
            text++;
        }
    }
}

void out_heading(const struct out *o, const char *text)
{
    out_text(o, STYLE_BOLD, text);
    fputc('\n', o->file);
}

void out_json(const struct out *o, const json_t *j)
{
    json_dumpf(j, o->file, JSON_INDENT(2) | JSON_ENCODE_ANY);
    fputc('\n', o->file);
}

void table_init(struct table *t, const struct column *columns, size_t n_columns)
{
    *t = (struct table){.columns = columns, .n_columns = n_columns};
}

void table_add_styled(struct table *t, enum style style, const char *text)
{
    struct cell *c = array_append(t->cells, t->n_cells);
    c->text = text_printable(text && *text ? text : "-");
    c->style = style;
}

void table_add(struct table *t, const char *text)
{
    table_add_styled(t, STYLE_NONE, text);
}

void table_addf(struct table *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *text = xvasprintf(fmt, ap);
    va_end(ap);
    table_add(t, text);
}

void table_free(struct table *t)
{
    for (size_t i = 0; i < t->n_cells; i++)
        free(t->cells[i].text);
    free(t->cells);
    *t = (struct table){0};
}

/* Takes from the widest of the columns that may shrink, until all fits or none can give more. */
static void fit(const struct table *t, size_t *widths, size_t total, size_t limit)
{
    while (limit && total > limit) {
        size_t widest = t->n_columns;
        for (size_t i = 0; i < t->n_columns; i++)
            if (t->columns[i].shrinks && widths[i] > NARROWEST &&
                (widest == t->n_columns || widths[i] > widths[widest]))
                widest = i;
        if (widest == t->n_columns)
            return;
        widths[widest]--;
        total--;
    }
}

/* The beginning of S that fits into WIDTH columns together with the ellipsis; owned. */
static char *cut(const char *s, size_t width)
{
    if (text_width(s) <= width)
        return xstrdup(s);
    size_t used = 0, bytes = 0, len;
    for (; s[bytes]; bytes += len) {
        size_t w = char_width(s + bytes, &len);
        if (used + w + 1 > width)
            break;
        used += w;
    }
    return xasprintf("%.*s" ELLIPSIS, (int)bytes, s);
}

static void print_cell(
    const struct table *t, const struct out *o, size_t column, size_t width, const struct cell *c)
{
    _free_ char *text = cut(c->text, width);
    size_t used = text_width(text);
    int pad = used < width ? (int)(width - used) : 0;
    bool last = column + 1 == t->n_columns;
    if (t->columns[column].align == ALIGN_RIGHT)
        fprintf(o->file, "%*s", pad, "");
    put(o, c->style, text);
    if (t->columns[column].align == ALIGN_LEFT && !last)
        fprintf(o->file, "%*s", pad, "");
    if (last)
        fputc('\n', o->file);
    else
        fprintf(o->file, "%*s", GAP, "");
}

void table_print(const struct table *t, const struct out *o)
{
    _free_ size_t *widths = xcalloc(t->n_columns, sizeof *widths);
    size_t total = (t->n_columns - 1) * GAP;
    for (size_t i = 0; i < t->n_columns; i++) {
        widths[i] = text_width(t->columns[i].title);
        for (size_t k = i; k < t->n_cells; k += t->n_columns) {
            size_t w = text_width(t->cells[k].text);
            widths[i] = w > widths[i] ? w : widths[i];
        }
        total += widths[i];
    }
    fit(t, widths, total, o->width);
    for (size_t i = 0; i < t->n_columns; i++) {
        struct cell title = {(char *)t->columns[i].title, STYLE_BOLD};
        print_cell(t, o, i, widths[i], &title);
    }
    for (size_t k = 0; k < t->n_cells; k++)
        print_cell(t, o, k % t->n_columns, widths[k % t->n_columns], &t->cells[k]);
}

void print_error(FILE *f, const char *program, const struct lr_error *err)
{
    const char *message = err->message ? err->message : "unknown error";
    fprintf(f, "%s: ", program);
    /* A message may be of several lines, each of which is made harmless by itself. */
    for (const char *p = message; *p;) {
        size_t n = strcspn(p, "\n");
        _free_ char *line = xstrndup(p, n);
        _free_ char *clean = text_printable(line);
        fprintf(f, "%s\n", clean);
        p += n + (p[n] == '\n');
    }
    if (!err->hint)
        return;
    _free_ char *hint = text_printable(err->hint);
    fprintf(f, "%*s  %s\n", (int)strlen(program), "", hint);
}
