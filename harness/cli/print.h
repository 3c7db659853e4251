/* Results for people: columns, colours, and text from strangers that must not drive the terminal.
 */
#ifndef LABRUN_CLI_PRINT_H
#define LABRUN_CLI_PRINT_H

#include "util/error.h"
#include "util/mem.h"

/* Where results go and what it can show. */
struct out {
    FILE *file;
    bool color;
    size_t width; /* columns; 0: no terminal, nothing is cut */
};

/* FILE's abilities: colours only on a terminal, and not with NO_COLOR set or NO_COLOR_ASKED. */
struct out out_for(FILE *file, bool no_color_asked);

enum style { STYLE_NONE, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_WARN };

/* Columns that the text takes on a terminal: wide characters two, combining ones none. Needs a
 * UTF-8 LC_CTYPE, which cli_run() sets. */
size_t text_width(const char *s);
/* A copy fit for one line of a terminal: valid UTF-8, line breaks and tabs as blanks, control
 * characters (escape sequences!) as "?"; owned. */
char *text_printable(const char *s);
/* Adds TEXT's words to B, in lines of at most WIDTH columns that begin with INDENT blanks; the
 * first line is taken to be at column AT already. */
void text_wrap(struct strbuf *b, const char *text, size_t at, size_t indent, size_t width);

/* Prints the text, of one line or many, with its control characters made harmless. */
void out_text(const struct out *o, enum style style, const char *text);
/* A heading on a line of its own. */
void out_heading(const struct out *o, const char *text);
/* JSON with a line break after it. */
void out_json(const struct out *o, const json_t *j);

struct column {
    const char *title;
    enum { ALIGN_LEFT, ALIGN_RIGHT } align;
    bool shrinks; /* is cut, with an ellipsis, when the terminal is too narrow */
};

struct table {
    const struct column *columns;
    size_t n_columns;
    struct cell {
        char *text;
        enum style style;
    } * cells; /* row by row */
    size_t n_cells;
};

/* COLUMNS is borrowed until table_free(). */
void table_init(struct table *t, const struct column *columns, size_t n_columns);
/* The next cell, from left to right, row after row. NULL is shown as "-". */
void table_add(struct table *t, const char *text);
void table_addf(struct table *t, const char *fmt, ...) _printf_(2, 3);
void table_add_styled(struct table *t, enum style style, const char *text);
void table_print(const struct table *t, const struct out *o);
void table_free(struct table *t);
#define _table_ _cleanup_(table_free)

/* "labrun: MESSAGE" and, where there is one, a line with the hint. */
void print_error(FILE *f, const char *program, const struct lr_error *err);

#endif
