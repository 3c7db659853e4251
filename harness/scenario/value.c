/* YAML text into a tree of values: the first stop of everything that people write in a scenario.
 *
 * The tree is built straight from libyaml's events, counting depth and nodes on the way, so that a
 * hostile file is refused at the cap instead of after it was built. What YAML offers beyond plain
 * data (aliases, anchors, tags, directives, several documents) is refused: a scenario is to be read
 * by people, and every value is to stand where the message about it points. */
#include "scenario/value.h"
#include "util/mem.h"
#include <yaml.h>

struct builder {
    const char *text; /* not closed by a zero */
    size_t len;
    yaml_parser_t *parser;
    struct problems *problems;
    size_t count;
};

static bool build(struct builder *b, const yaml_event_t *event, unsigned depth, struct value *ret)
    _must_check_;

static bool refuse(struct builder *b, const yaml_event_t *e, const char *message)
{
    problems_add_at(
        b->problems, (int)e->start_mark.line + 1, (int)e->start_mark.column + 1, "%s", message);
    return false;
}

/* The byte at a mark, 0 at the end of the text. libyaml counts characters. */
static char byte_at(const struct builder *b, const yaml_mark_t *mark)
{
    size_t left = mark->index;
    for (size_t i = 0; i < b->len; i++)
        if ((b->text[i] & 0xc0) != 0x80 && left-- == 0)
            return b->text[i];
    return '\0';
}

/* What usually is behind libyaml's words, or "". */
static const char *syntax_hint(const struct builder *b)
{
    const yaml_parser_t *p = b->parser;
    if (!p->problem)
        return "";
    if (strstr(p->problem, "cannot start any token"))
        return byte_at(b, &p->problem_mark) == '\t' ? ": a tab; YAML is indented with blanks"
                                                    : ": a text that begins so needs quotes";
    if (strstr(p->problem, "mapping values are not allowed"))
        return ": a text with ': ' in it needs quotes";
    return "";
}

static bool syntax_error(struct builder *b)
{
    const yaml_parser_t *p = b->parser;
    const char *what = p->problem ? p->problem : "cannot be read";
    if (p->error == YAML_READER_ERROR) { /* found when the text is taken in: known by its offset */
        int line = 1, col = 1;
        for (size_t i = 0; i < p->problem_offset && i < b->len; i++) {
            bool ends = b->text[i] == '\n';
            line += ends;
            col = ends ? 1 : col + ((b->text[i] & 0xc0) != 0x80);
        }
        problems_add_at(b->problems, line, col, "not valid YAML: %s", what);
    } else {
        /* An open quote or bracket is noticed far behind the place to mend. */
        bool far = p->context && p->context_mark.line != p->problem_mark.line;
        _free_ char *begun =
            far ? xasprintf(", begun in line %zu", p->context_mark.line + 1) : xstrdup("");
        problems_add_at(b->problems, (int)p->problem_mark.line + 1, (int)p->problem_mark.column + 1,
            "not valid YAML: %s%s%s%s%s", what, p->context ? " " : "", p->context ? p->context : "",
            begun, syntax_hint(b));
    }
    return false;
}

static bool next_event(struct builder *b, yaml_event_t *ret)
{
    return yaml_parser_parse(b->parser, ret) ? true : syntax_error(b);
}

static bool build_scalar(struct builder *b, const yaml_event_t *e, struct value *v)
{
    const char *text = (const char *)e->data.scalar.value;
    v->type = VALUE_SCALAR;
    if (memchr(text, '\0', e->data.scalar.length))
        return refuse(b, e, "text must not contain a NUL character");
    v->text = xstrdup(text);
    v->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return true;
}

/* Makes room for one more in an array of N, zeroed. Room doubles when N is a power of two: one by
 * one, a list of 20000 would be copied 20000 times wherever realloc has to move it. */
static struct value *make_room(struct value **array, size_t n)
{
    if ((n & (n - 1)) == 0)
        *array = xreallocarray(*array, n ? 2 * n : 1, sizeof **array);
    (*array)[n] = (struct value){0};
    return &(*array)[n];
}

static bool build_list(struct builder *b, unsigned depth, struct value *v)
{
    v->type = VALUE_LIST;
    for (;;) {
        _cleanup_(yaml_event_delete) yaml_event_t e = {0};
        if (!next_event(b, &e))
            return false;
        if (e.type == YAML_SEQUENCE_END_EVENT)
            return true;
        struct value *item = make_room(&v->items, v->n++);
        if (!build(b, &e, depth + 1, item))
            return false;
    }
}

static int by_text(const void *a, const void *b)
{
    const struct value *x = *(const struct value *const *)a, *y = *(const struct value *const *)b;
    int order = strcmp(x->text, y->text);
    if (order)
        return order;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->col < y->col ? -1 : x->col > y->col;
}

/* Sorted by text, equal keys stand side by side: no map is large enough to be slow. */
static void report_duplicates(struct builder *b, const struct value *v)
{
    if (v->n < 2)
        return;
    _free_ const struct value **sorted = xcalloc(v->n, sizeof *sorted);
    for (size_t i = 0; i < v->n; i++)
        sorted[i] = &v->keys[i];
    qsort(sorted, v->n, sizeof *sorted, by_text);
    for (size_t i = 1; i < v->n; i++)
        if (streq(sorted[i - 1]->text, sorted[i]->text))
            problems_add(b->problems, sorted[i], "key '%s' is given twice, first in line %d",
                sorted[i]->text, sorted[i - 1]->line);
}

static bool build_map(struct builder *b, unsigned depth, struct value *v)
{
    v->type = VALUE_MAP;
    for (;;) {
        _cleanup_(yaml_event_delete) yaml_event_t key = {0};
        _cleanup_(yaml_event_delete) yaml_event_t item = {0};
        if (!next_event(b, &key))
            return false;
        if (key.type == YAML_MAPPING_END_EVENT)
            break;
        if (key.type == YAML_SEQUENCE_START_EVENT || key.type == YAML_MAPPING_START_EVENT)
            return refuse(b, &key, "a key must be plain text, not a list or a map");
        struct value *new_key = make_room(&v->keys, v->n);
        struct value *new_item = make_room(&v->items, v->n++);
        if (!build(b, &key, depth + 1, new_key) || !next_event(b, &item) ||
            !build(b, &item, depth + 1, new_item))
            return false;
    }
    report_duplicates(b, v);
    return true;
}

/* Why YAML offers more than plain data here, or NULL. */
static const char *not_plain(const yaml_event_t *e)
{
    static const char anchor[] = "anchors (&name) are not allowed: write the value out";
    static const char tag[] = "tags (!name) are not allowed";
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return "aliases (*name) are not allowed: write the value out";
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor ? anchor : e->data.scalar.tag ? tag : NULL;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor ? anchor : e->data.sequence_start.tag ? tag : NULL;
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor ? anchor : e->data.mapping_start.tag ? tag : NULL;
    default:
        return "a value is missing";
    }
}

static bool build(struct builder *b, const yaml_event_t *e, unsigned depth, struct value *ret)
{
    *ret = (struct value){.line = (int)e->start_mark.line + 1,
        .col = (int)e->start_mark.column + 1,
        .type = VALUE_SCALAR};
    const char *why = not_plain(e);
    if (why)
        return refuse(b, e, why);
    if (++b->count > VALUE_MAX_NODES)
        return refuse(b, e, "the file has more than 20000 values");
    if (depth > VALUE_MAX_DEPTH)
        return refuse(b, e, "lists and maps are nested more than 16 deep");
    if (e->type == YAML_SCALAR_EVENT)
        return build_scalar(b, e, ret);
    return e->type == YAML_SEQUENCE_START_EVENT ? build_list(b, depth, ret)
                                                : build_map(b, depth, ret);
}

/* Reads up to the root's first event, and takes the document's frame off. */
static bool build_document(struct builder *b, struct value *ret)
{
    _cleanup_(yaml_event_delete) yaml_event_t stream = {0};
    _cleanup_(yaml_event_delete) yaml_event_t document = {0};
    _cleanup_(yaml_event_delete) yaml_event_t root = {0};
    _cleanup_(yaml_event_delete) yaml_event_t end = {0};
    _cleanup_(yaml_event_delete) yaml_event_t last = {0};
    if (!next_event(b, &stream) || !next_event(b, &document))
        return false;
    if (document.type == YAML_STREAM_END_EVENT)
        return refuse(b, &document, "the file is empty");
    if (!next_event(b, &root) || !build(b, &root, 1, ret) || !next_event(b, &end) ||
        !next_event(b, &last))
        return false;
    if (last.type != YAML_STREAM_END_EVENT)
        return refuse(b, &last, "the file has more than one document");
    return true;
}

/* Directives are looked for in the text: libyaml compares each %TAG with all before it, and hands
 * nothing out until it has seen the last. */
static bool no_directives(const char *text, size_t len, struct problems *problems)
{
    int line = 1;
    for (const char *p = text, *end = text + len; p && p < end; line++) {
        if (*p == '%') {
            problems_add_at(problems, line, 1, "a line must not begin with '%%' (YAML directive)");
            return false;
        }
        p = memchr(p, '\n', (size_t)(end - p));
        p = p ? p + 1 : NULL;
    }
    return true;
}

bool value_parse(const char *text, size_t len, struct problems *problems, struct value *ret)
{
    if (len > VALUE_MAX_BYTES) {
        problems_add_at(problems, 1, 1, "the file is larger than 1 MiB");
        return false;
    }
    if (len >= 3 &&
        memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* the byte order mark of some editors */
        text += 3;
        len -= 3;
    }
    if (!no_directives(text, len, problems))
        return false;
    _cleanup_(yaml_parser_delete) yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    struct builder b = {.text = text, .len = len, .parser = &parser, .problems = problems};
    _value_ struct value v = {0};
    size_t before = problems->n + problems->dropped;
    if (!build_document(&b, &v) || problems->n + problems->dropped != before)
        return false;
    *ret = v;
    v = (struct value){0};
    return true;
}

static struct value *copy_all(const struct value *v, size_t n)
{
    struct value *copy = xcalloc(n, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = value_copy(&v[i]);
    return copy;
}

struct value value_copy(const struct value *v)
{
    struct value copy = *v;
    copy.text = xstrdup(v->text);
    copy.items = v->items ? copy_all(v->items, v->n) : NULL;
    copy.keys = v->keys ? copy_all(v->keys, v->n) : NULL;
    return copy;
}

void value_free(struct value *v)
{
    for (size_t i = 0; i < v->n; i++) {
        value_free(&v->items[i]);
        if (v->keys)
            value_free(&v->keys[i]);
    }
    free(v->items);
    free(v->keys);
    free(v->text);
    *v = (struct value){0};
}

const struct value *value_get(const struct value *map, const char *key)
{
    if (map->type != VALUE_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (streq(map->keys[i].text, key))
            return &map->items[i];
    return NULL;
}
