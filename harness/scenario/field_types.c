/* The types a field can have: what each accepts, and how it is called in a message, side by side in
 * one table. What a type looks like in the JSON Schema is in fields_schema.c. */
#include "scenario/field_types.h"
#include "scenario/scalars.h"
#include "util/mem.h"

bool is_id(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = strlen(s);
    return len > 0 && len <= MAX_ID && *s != '-' && strspn(s, letters) == len;
}

/* Words joined by single slashes, none of which begins with a dot or a dash: so it cannot be
 * absolute, lead out of the folder, name a hidden file or pass for an option. */
bool is_path(const char *s)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";
    if (strlen(s) > MAX_PATH)
        return false;
    for (;;) {
        size_t len = strspn(s, letters);
        if (len == 0 || strchr(".+-", *s))
            return false;
        s += len;
        if (*s == '\0')
            return true;
        if (*s++ != '/')
            return false;
    }
}

bool is_text(const char *s, bool lines, int64_t max)
{
    int64_t n = 0;
    for (const unsigned char *c = (const unsigned char *)s; *c; c++) {
        bool is_break = *c == '\n' || *c == '\t';
        if ((*c < 0x20 && !(lines && is_break)) || *c == 0x7f)
            return false;
        if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
            return false;
        n += (*c & 0xc0) != 0x80;
    }
    return n <= max;
}

static bool in_range(const struct field *f, double n)
{
    if (f->min == 0 && f->max == 0)
        return n >= 0;
    return n >= (double)f->min && n <= (double)f->max;
}

static bool get_string(const char *s, const struct field *f, void *member)
{
    if (!*s || !is_text(s, false, f->max ? f->max : MAX_LINE))
        return false;
    *(char **)member = xstrdup(s);
    return true;
}

static bool get_text(const char *s, const struct field *f, void *member)
{
    if (!is_text(s, true, f->max ? f->max : MAX_TEXT))
        return false;
    *(char **)member = xstrdup(s);
    return true;
}

static bool get_id(const char *s, const struct field *f, void *member)
{
    (void)f;
    if (!is_id(s))
        return false;
    *(char **)member = xstrdup(s);
    return true;
}

static bool get_path(const char *s, const struct field *f, void *member)
{
    (void)f;
    if (!is_path(s))
        return false;
    *(char **)member = xstrdup(s);
    return true;
}

static bool get_bool(const char *s, const struct field *f, void *member)
{
    (void)f;
    if (!streq(s, "true") && !streq(s, "false"))
        return false;
    *(bool *)member = streq(s, "true");
    return true;
}

static bool get_int(const char *s, const struct field *f, void *member)
{
    int64_t n;
    if (!parse_int(s, &n) || !in_range(f, (double)n))
        return false;
    *(int64_t *)member = n;
    return true;
}

static bool get_number(const char *s, const struct field *f, void *member)
{
    double n;
    if (!parse_number(s, &n) || !in_range(f, n))
        return false;
    *(double *)member = n;
    return true;
}

static bool get_duration(const char *s, const struct field *f, void *member)
{
    int64_t ms;
    if (!parse_duration(s, &ms) || !in_range(f, (double)ms))
        return false;
    *(int64_t *)member = ms;
    return true;
}

static bool get_size(const char *s, const struct field *f, void *member)
{
    int64_t mib;
    if (!parse_size_mib(s, &mib) || !in_range(f, (double)mib))
        return false;
    *(int64_t *)member = mib;
    return true;
}

static bool get_enum(const char *s, const struct field *f, void *member)
{
    for (int i = 0; f->names[i]; i++) {
        if (streq(s, f->names[i])) {
            *(int *)member = i;
            return true;
        }
    }
    return false;
}

static char *range_text(const struct field *f, char *(*text)(int64_t n))
{
    if (f->min == 0 && f->max == 0)
        return xstrdup("");
    _free_ char *low = text(f->min);
    _free_ char *high = text(f->max);
    return xasprintf(" from %s to %s", low, high);
}

static char *int_text(int64_t n)
{
    return xasprintf("%lld", (long long)n);
}

static char *say_string(const struct field *f)
{
    return xasprintf("text in one line, not empty, of at most %lld characters",
        (long long)(f->max ? f->max : MAX_LINE));
}

static char *say_text(const struct field *f)
{
    return xasprintf("text of at most %lld characters", (long long)(f->max ? f->max : MAX_TEXT));
}

static char *say_id(const struct field *f)
{
    (void)f;
    return xstrdup("a name of a-z, 0-9 and '-', at most 32 characters");
}

static char *say_path(const struct field *f)
{
    (void)f;
    return xstrdup("a path inside the folder such as checks/io.sh");
}

static char *say_bool(const struct field *f)
{
    (void)f;
    return xstrdup("true or false");
}

static char *say_int(const struct field *f)
{
    _free_ char *range = range_text(f, int_text);
    return xasprintf("a whole number%s", range);
}

static char *say_number(const struct field *f)
{
    _free_ char *range = range_text(f, int_text);
    return xasprintf("a number%s", range);
}

static char *say_duration(const struct field *f)
{
    _free_ char *range = range_text(f, duration_text);
    _free_ char *least = f->min > 30000 ? duration_text(f->min) : xstrdup("30s");
    return xasprintf("a duration such as %s%s", least, range);
}

static char *say_size(const struct field *f)
{
    _free_ char *range = range_text(f, size_text);
    return xasprintf("a size such as 512M or 2G%s", range);
}

static char *say_enum(const struct field *f)
{
    struct strbuf b = STRBUF_INIT;
    for (int i = 0; f->names[i]; i++)
        strbuf_addf(&b, "%s%s", i == 0 ? "" : f->names[i + 1] ? ", " : " or ", f->names[i]);
    return strbuf_steal(&b);
}

static char *say_strings(const struct field *f)
{
    (void)f;
    return xstrdup("text or a list of at most 256 texts");
}

const struct type_ops field_types[] = {
    [FIELD_T_STRING] = {FORM_TEXT, get_string, say_string},
    [FIELD_T_TEXT] = {FORM_TEXT, get_text, say_text},
    [FIELD_T_ID] = {FORM_TEXT, get_id, say_id},
    [FIELD_T_PATH] = {FORM_TEXT, get_path, say_path},
    [FIELD_T_BOOL] = {FORM_PLAIN, get_bool, say_bool},
    [FIELD_T_INT] = {FORM_PLAIN, get_int, say_int},
    [FIELD_T_NUMBER] = {FORM_PLAIN, get_number, say_number},
    [FIELD_T_DURATION] = {FORM_ANY, get_duration, say_duration},
    [FIELD_T_SIZE_MIB] = {FORM_ANY, get_size, say_size},
    [FIELD_T_ENUM] = {FORM_ANY, get_enum, say_enum},
    [FIELD_T_STRINGS] = {FORM_ANY, NULL, say_strings},
};
