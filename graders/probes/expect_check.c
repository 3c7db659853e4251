#include "graders/answer.h"
#include "graders/probes/expect.h"
#include "graders/probes/jsonpath.h"
#include <math.h>
#include <regex.h>

char *json_brief(const json_t *value)
{
    _free_ char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    if (!text)
        return xstrdup("nothing");
    return strlen(text) > 200 ? xasprintf("%.200s…", text) : STEAL(text);
}

/* Numbers are equal when their values are: 1 and 1.0. */
static bool same(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return fabs(json_number_value(a) - json_number_value(b)) < 1e-9;
    return json_equal(a, b);
}

static bool holds_member(const json_t *j, const json_t *wanted)
{
    if (json_is_string(j) && json_is_string(wanted))
        return strstr(json_string_value(j), json_string_value(wanted)) != NULL;
    for (size_t i = 0; i < json_array_size(j); i++)
        if (same(json_array_get(j, i), wanted))
            return true;
    return json_is_object(j) && json_is_string(wanted) &&
        json_object_get(j, json_string_value(wanted));
}

static void check_json(const struct json_rule *rule, json_t *root, struct tally *t)
{
    json_t *j = json_path_get(root, rule->path);
    _free_ char *seen = json_brief(j);
    bool holds = (j != NULL) == rule->exists;
    _strbuf_ struct strbuf want = STRBUF_INIT;
    if (!rule->exists)
        strbuf_adds(&want, " is not there");
    if (rule->equals) {
        _free_ char *s = json_brief(rule->equals);
        strbuf_addf(&want, " is %s", s);
        holds = holds && same(j, rule->equals);
    }
    if (rule->not_equals) {
        _free_ char *s = json_brief(rule->not_equals);
        strbuf_addf(&want, " is not %s", s);
        holds = holds && !same(j, rule->not_equals);
    }
    if (rule->contains) {
        _free_ char *s = json_brief(rule->contains);
        strbuf_addf(&want, " contains %s", s);
        holds = holds && holds_member(j, rule->contains);
    }
    if (rule->has_min) {
        strbuf_addf(&want, " is at least %g", rule->min);
        holds = holds && json_is_number(j) && json_number_value(j) >= rule->min;
    }
    if (rule->has_max) {
        strbuf_addf(&want, " is at most %g", rule->max);
        holds = holds && json_is_number(j) && json_number_value(j) <= rule->max;
    }
    tally_expect(t, "%s%s", rule->path, want.len ? want.data : " is there");
    tally_saw(t, holds, "%s is %s", rule->path, seen);
}

static bool check_all_json(const struct text_rule *rule, const char *name, const char *text,
    size_t len, struct tally *t, struct outcome *o)
{
    _free_ char *why = NULL;
    _json_ json_t *root = answer_json(text, len, JSON_DECODE_ANY, &why);
    if (!root) {
        _free_ char *begin = evidence_text(text, len > 200 ? 200 : len);
        outcome_set(o, VERDICT_ERROR, "%s %s: %s", name, why, begin);
        return false;
    }
    for (size_t i = 0; i < rule->n_json; i++)
        check_json(&rule->json[i], root, t);
    return true;
}

static size_t trimmed(const char *s, size_t len)
{
    while (len > 0 && (s[len - 1] == '\n' || s[len - 1] == '\r'))
        len--;
    return len;
}

static bool matches(const char *pattern, const char *text)
{
    regex_t re;
    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0)
        return false; /* refused when the scenario was read */
    bool found = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return found;
}

static bool has_part(const char *text, size_t len, const char *part)
{
    return memmem(text, len, part, strlen(part)) != NULL;
}

bool text_rule_check(const struct text_rule *rule, const char *name, const char *text, size_t len,
    struct tally *t, struct outcome *o)
{
    if (!rule->given)
        return true;
    if (rule->equals) {
        size_t n = trimmed(rule->equals, strlen(rule->equals));
        bool same_text = trimmed(text, len) == n && memcmp(text, rule->equals, n) == 0;
        tally_expect(t, "%s is \"%.*s\"", name, (int)n, rule->equals);
        tally_saw(t, same_text, "%s %s", name, same_text ? "is that" : "is something else");
    }
    for (size_t i = 0; i < rule->contains.n; i++) {
        bool there = has_part(text, len, rule->contains.items[i]);
        tally_expect(t, "%s contains \"%s\"", name, rule->contains.items[i]);
        tally_saw(t, there, "%s %s \"%s\"", name, there ? "contains" : "does not contain",
            rule->contains.items[i]);
    }
    for (size_t i = 0; i < rule->lacks.n; i++) {
        bool there = has_part(text, len, rule->lacks.items[i]);
        tally_expect(t, "%s does not contain \"%s\"", name, rule->lacks.items[i]);
        tally_saw(t, !there, "%s %s \"%s\"", name, there ? "contains" : "does not contain",
            rule->lacks.items[i]);
    }
    if (rule->matches) {
        bool found = matches(rule->matches, text);
        tally_expect(t, "%s matches /%s/", name, rule->matches);
        tally_saw(
            t, found, "%s %s /%s/", name, found ? "matches" : "does not match", rule->matches);
    }
    return rule->n_json == 0 || check_all_json(rule, name, text, len, t, o);
}
