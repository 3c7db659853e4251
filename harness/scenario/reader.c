/* The table-driven reader: maps and lists into structs, and what is said of a value that does not
 * fit. What each field type accepts is in field_types.c. */
#include "scenario/field_types.h"
#include "scenario/scalars.h"
#include "util/mem.h"

/* The start of a scalar for a message, cut between characters. */
static char *excerpt(const char *s)
{
    size_t cut = strlen(s) > 60 ? 60 : strlen(s);
    while (s[cut] && ((unsigned char)s[cut] & 0xc0) == 0x80)
        cut--;
    return xasprintf("%.*s%s", (int)cut, s, s[cut] ? "…" : "");
}

/* What stands there instead; owned by the caller. */
static char *got(const struct value *v, enum form form)
{
    if (v->type != VALUE_SCALAR)
        return xstrdup(v->type == VALUE_LIST ? "a list" : "a map");
    if (!v->quoted && plain_is_null(v->text))
        return xstrdup("nothing");
    _free_ char *text = excerpt(v->text);
    if (v->drawn)
        return xasprintf("'%s' (from a parameter)", text);
    if (form == FORM_TEXT && !v->quoted && !plain_is_text(v->text))
        return xasprintf("'%s', which is text only in quotes", text);
    if (form == FORM_PLAIN && v->quoted && !plain_is_text(v->text))
        return xasprintf("'%s' in quotes, which make it text", text);
    return xasprintf("'%s'", text);
}

/* What stands in front of a message about the value of KEY. */
static char *place_text(const char *key)
{
    return key ? xasprintf("'%s': ", key) : xstrdup("");
}

static void expected(
    struct reader *r, const struct value *v, const char *key, const char *what, enum form form)
{
    _free_ char *instead = got(v, form);
    _free_ char *place = place_text(key);
    problems_add(r->problems, v, "%sexpected %s, got %s", place, what, instead);
}

void read_expected(struct reader *r, const struct value *v, const char *key, const char *what)
{
    expected(r, v, key, what, FORM_ANY);
}

bool read_is_list(struct reader *r, const struct value *v, const char *key, size_t min, size_t max)
{
    if (v->type != VALUE_LIST) {
        read_expected(r, v, key, "a list");
        return false;
    }
    if (v->n >= min && v->n <= max)
        return true;
    _free_ char *place = place_text(key);
    problems_add(r->problems, v, "%sexpected %zu to %zu items, got %zu", place, min, max, v->n);
    return false;
}

bool read_is_map(struct reader *r, const struct value *v, const char *key)
{
    if (v->type == VALUE_MAP)
        return true;
    read_expected(r, v, key, "a map");
    return false;
}

void read_unknown(struct reader *r, const struct value *at, const char *what, const char *word,
    const char *const *known, size_t n)
{
    const char *meant = closest_word(word, known, n);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; !meant && i < n; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : " (known: ", known[i]);
    if (b.len)
        strbuf_adds(&b, ")");
    if (meant)
        problems_add(r->problems, at, "unknown %s '%s': did you mean '%s'?", what, word, meant);
    else
        problems_add(r->problems, at, "unknown %s '%s'%s", what, word, b.len ? b.data : "");
}

static bool strings_item(const struct value *v)
{
    return v->type == VALUE_SCALAR && (v->quoted || !plain_is_null(v->text)) &&
        is_text(v->text, true, MAX_TEXT);
}

/* One scalar is a list of one. Numbers are taken as they are written: in an argument list nobody
 * should need to quote them. */
static void read_strings(
    struct reader *r, const struct value *v, const struct field *f, struct strv *member)
{
    const struct value *items = v->type == VALUE_LIST ? v->items : v;
    size_t n = v->type == VALUE_LIST ? v->n : 1;
    if (v->type == VALUE_MAP || n > MAX_STRINGS) {
        _free_ char *what = field_types[f->type].say(f);
        read_expected(r, v, f->key, what);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (strings_item(&items[i]))
            strv_add(member, items[i].text);
        else
            read_expected(r, &items[i], f->key, "text");
    }
}

void read_field(struct reader *r, const struct value *v, const struct field *f, void *member)
{
    if (f->type == FIELD_T_CUSTOM) {
        f->read(r, v, member);
        return;
    }
    if (f->type == FIELD_T_STRINGS) {
        read_strings(r, v, f, member);
        return;
    }
    const struct type_ops *ops = &field_types[f->type];
    bool fits = v->type == VALUE_SCALAR;
    if (fits && ops->form == FORM_TEXT)
        fits = v->quoted || v->drawn || plain_is_text(v->text);
    if (fits && ops->form == FORM_PLAIN)
        fits = !v->quoted || v->drawn;
    if (fits && ops->get(v->text, f, member))
        return;
    _free_ char *what = ops->say(f);
    expected(r, v, f->key, what, ops->form);
}

static void report_unknown_keys(
    struct reader *r, const struct value *v, const struct field *fields, size_t n)
{
    _free_ const char **known = xcalloc(n, sizeof *known);
    for (size_t i = 0; i < n; i++)
        known[i] = fields[i].key;
    for (size_t k = 0; k < v->n; k++) {
        size_t i = 0;
        while (i < n && !streq(v->keys[k].text, known[i]))
            i++;
        if (i == n)
            read_unknown(r, &v->keys[k], "key", v->keys[k].text, known, n);
    }
}

void read_map(
    struct reader *r, const struct value *v, const struct field *fields, size_t n, void *out)
{
    if (!read_is_map(r, v, NULL))
        return;
    report_unknown_keys(r, v, fields, n);
    /* In the table's order, not the file's: a later row may refer to what an earlier one read. */
    for (size_t i = 0; i < n; i++) {
        const struct value *item = value_get(v, fields[i].key);
        if (item)
            read_field(r, item, &fields[i], (char *)out + fields[i].offset);
        else if (fields[i].flags & FIELD_REQUIRED)
            problems_add(r->problems, v, "'%s' is missing", fields[i].key);
    }
}

void free_map(const struct field *fields, size_t n, void *out)
{
    for (size_t i = 0; i < n; i++) {
        void *member = (char *)out + fields[i].offset;
        if (fields[i].type == FIELD_T_STRINGS) {
            strv_free(member);
        } else if (fields[i].type <= FIELD_T_PATH) {
            free(*(char **)member);
            *(char **)member = NULL;
        }
    }
}
