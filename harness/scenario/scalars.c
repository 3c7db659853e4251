/* What plain text means: numbers, durations and sizes, strictly. YAML's own reading of 020 as 16,
 * and strtol's of 20junk as 20, are what this file is there to avoid. No locale is involved. */
#include "scenario/scalars.h"
#include "util/mem.h"
#include <stdint.h>

/* Digits without a sign or a leading zero; the address after them, or NULL. */
static const char *take_digits(const char *s, int64_t *ret)
{
    int64_t n = 0;
    const char *p = s;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
            return NULL;
    if (p == s || (*s == '0' && p > s + 1))
        return NULL;
    *ret = n;
    return p;
}

bool parse_int(const char *text, int64_t *ret)
{
    bool negative = *text == '-';
    int64_t n;
    const char *end = take_digits(text + negative, &n);
    if (!end || *end || (negative && n == 0))
        return false;
    *ret = negative ? -n : n;
    return true;
}

bool parse_number(const char *text, double *ret)
{
    bool negative = *text == '-';
    int64_t whole, parts = 0;
    double scale = 1;
    const char *p = take_digits(text + negative, &whole);
    if (!p)
        return false;
    if (*p == '.') {
        const char *fraction = ++p;
        for (; *p >= '0' && *p <= '9'; p++, scale *= 10)
            parts = parts * 10 + (*p - '0');
        if (p == fraction || p - fraction > 9)
            return false;
    }
    if (*p)
        return false;
    double n = (double)whole + (double)parts / scale;
    *ret = negative ? -n : n;
    return true;
}

struct unit {
    const char *name;
    int64_t factor;
};

static bool parse_with_unit(const char *text, const struct unit *units, size_t n, int64_t *ret)
{
    int64_t value;
    const char *end = take_digits(text, &value);
    for (size_t i = 0; end && i < n; i++)
        if (streq(end, units[i].name))
            return !__builtin_mul_overflow(value, units[i].factor, ret);
    return false;
}

bool parse_duration(const char *text, int64_t *ret_ms)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    int64_t ms;
    if (!parse_with_unit(text, units, sizeof units / sizeof *units, &ms))
        return false;
    *ret_ms = ms;
    return true;
}

bool parse_size_mib(const char *text, int64_t *ret_mib)
{
    static const struct unit units[] = {{"M", 1}, {"G", 1024}, {"T", 1024 * 1024}};
    int64_t mib;
    if (!parse_with_unit(text, units, sizeof units / sizeof *units, &mib))
        return false;
    *ret_mib = mib;
    return true;
}

char *duration_text(int64_t ms)
{
    if (ms && ms % 3600000 == 0)
        return xasprintf("%lldh", (long long)ms / 3600000);
    if (ms && ms % 60000 == 0)
        return xasprintf("%lldm", (long long)ms / 60000);
    return ms % 1000 ? xasprintf("%lldms", (long long)ms)
                     : xasprintf("%llds", (long long)ms / 1000);
}

char *size_text(int64_t mib)
{
    if (mib && mib % (1024 * 1024) == 0)
        return xasprintf("%lldT", (long long)mib / (1024 * 1024));
    return mib && mib % 1024 == 0 ? xasprintf("%lldG", (long long)mib / 1024)
                                  : xasprintf("%lldM", (long long)mib);
}

static bool one_of(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (streq(text, words[i]))
            return true;
    return false;
}

bool plain_is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return one_of(text, words, sizeof words / sizeof *words);
}

bool plain_is_bool(const char *text)
{
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    return one_of(text, words, sizeof words / sizeof *words);
}

/* Numbers of YAML 1.2's core schema: 12, 0x1f, 0o17, 1.5, .5, 1e3, .inf, .nan. */
static bool plain_is_number(const char *s)
{
    static const char *const words[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
    if (has_prefix(s, "0x") || has_prefix(s, "0o")) {
        const char *digits = s[1] == 'x' ? "0123456789abcdefABCDEF" : "01234567";
        return s[2] && !s[2 + strspn(s + 2, digits)];
    }
    s += *s == '-' || *s == '+';
    if (one_of(s, words, sizeof words / sizeof *words))
        return true;
    size_t whole = strspn(s, "0123456789"), fraction = 0;
    s += whole;
    if (*s == '.') {
        fraction = strspn(s + 1, "0123456789");
        s += fraction + 1;
    }
    if (whole + fraction == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '-' || *s == '+';
        size_t exponent = strspn(s, "0123456789");
        if (!exponent)
            return false;
        s += exponent;
    }
    return *s == '\0';
}

bool plain_is_text(const char *text)
{
    return !plain_is_null(text) && !plain_is_bool(text) && !plain_is_number(text);
}
