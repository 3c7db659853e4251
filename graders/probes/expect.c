#include "graders/probes/expect.h"
#include "graders/probes/jsonpath.h"
#include <regex.h>
#include <stdlib.h>

#define MAX_BOUND   1000
#define MAX_PATTERN 10000000 /* characters, with all bounds written out */

/* What the bound such as {1,3} at P costs: copies, and of those that may be left out the square,
 * for each is written with all that may follow it. 0: it is too large; it is none: 1. */
static unsigned long cost_at(const char *p)
{
    char *end;
    if (p[1] != ',' && (p[1] < '0' || p[1] > '9'))
        return 1;
    unsigned long least = strtoul(p + 1, &end, 10);
    unsigned long most = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;
    if (least > MAX_BOUND || most > MAX_BOUND)
        return 0;
    return most > least ? most * most : least ? least : 1;
}

/* regcomp() writes bounds out, and those of a group as often as what is in it: a short pattern can
 * take all the memory there is. Bounds of groups are held to be within each other. */
static bool is_too_long(const char *pattern)
{
    size_t len = strlen(pattern);
    unsigned long inner = 1, outer = 1;
    for (const char *p = pattern; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '{' && p > pattern) {
            unsigned long n = cost_at(p);
            if (strchr(")}*+?", p[-1]))
                outer *= n;
            else
                inner = n > inner || n == 0 ? n : inner;
        }
        if (inner * outer == 0 || inner * outer * len > MAX_PATTERN)
            return true;
    }
    return false;
}

static void read_regex(struct reader *r, const struct value *v, void *member)
{
    static const struct field text = {.key = "matches", .type = FIELD_T_STRING};
    read_field(r, v, &text, member);
    const char *pattern = *(char **)member;
    regex_t re;
    if (!pattern)
        return;
    if (is_too_long(pattern)) {
        problems_add(r->problems, v,
            "'matches' is too long with its bounds ({1,3} and the like) written out");
        return;
    }
    int rc = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
    if (rc == 0) {
        regfree(&re);
        return;
    }
    char why[128];
    regerror(rc, &re, why, sizeof why);
    problems_add(r->problems, v, "'matches' is not a regular expression: %s", why);
}

static void read_json_value(struct reader *r, const struct value *v, void *member)
{
    (void)r;
    *(json_t **)member = value_to_json(v);
}

static void read_json_path(struct reader *r, const struct value *v, void *member)
{
    static const struct field text = {.key = "path", .type = FIELD_T_STRING};
    read_field(r, v, &text, member);
    const char *path = *(char **)member;
    if (path && !json_path_valid(path))
        problems_add(r->problems, v, "'%s' is not a path: write .key, .key[0] or .\"a key\"", path);
}

static const struct field json_fields[] = {
    FIELD_CUSTOM("path", struct json_rule, path, read_json_path, FIELD_REQUIRED,
        .schema = "{\"type\": \"string\"}", .help = "where in the document: .a.b[0]"),
    FIELD_CUSTOM("equals", struct json_rule, equals, read_json_value, 0, .schema = "{}",
        .help = "the value, of the same type"),
    FIELD_CUSTOM("not", struct json_rule, not_equals, read_json_value, 0, .schema = "{}",
        .help = "any value but this one"),
    FIELD_CUSTOM("contains", struct json_rule, contains, read_json_value, 0, .schema = "{}",
        .help = "a member of the list, or a part of the string"),
    FIELD_NUMBER("min", struct json_rule, min, 0, .min = -1000000000000000, .max = 1000000000000000,
        .help = "at least"),
    FIELD_NUMBER("max", struct json_rule, max, 0, .min = -1000000000000000, .max = 1000000000000000,
        .help = "at most"),
    FIELD_BOOL("exists", struct json_rule, exists, 0, .help = "false: nothing may be there"),
};

static void read_json_rules(struct reader *r, const struct value *v, void *member)
{
    struct text_rule *rule = (void *)((char *)member - offsetof(struct text_rule, json));
    if (!read_is_list(r, v, "json", 1, 100))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct json_rule *j = array_append(rule->json, rule->n_json);
        const struct value *item = &v->items[i];
        j->exists = true;
        read_map(r, item, json_fields, N_FIELDS(json_fields), j);
        j->has_min = item->type == VALUE_MAP && value_get(item, "min");
        j->has_max = item->type == VALUE_MAP && value_get(item, "max");
    }
}

static const struct field rule_fields[] = {
    FIELD_TEXT("equals", struct text_rule, equals, 0,
        .help = "the whole text, but for line breaks at its end"),
    FIELD_STRINGS("contains", struct text_rule, contains, 0, .help = "all of these are in it"),
    FIELD_STRINGS("lacks", struct text_rule, lacks, 0, .help = "none of these is in it"),
    FIELD_CUSTOM("matches", struct text_rule, matches, read_regex, 0,
        .schema = "{\"type\": \"string\"}",
        .help = "a POSIX extended regular expression; ^ and $ match at line ends"),
    FIELD_CUSTOM("json", struct text_rule, json, read_json_rules, 0, .schema = "{}",
        .help = "the text is JSON, and these hold"),
};

void read_text_rule(struct reader *r, const struct value *v, void *member)
{
    struct text_rule *rule = member;
    rule->given = true;
    if (v->type == VALUE_SCALAR)
        rule->equals = xstrdup(v->text);
    else
        read_map(r, v, rule_fields, N_FIELDS(rule_fields), rule);
}

json_t *text_rule_schema(void)
{
    json_t *map = fields_schema(rule_fields, N_FIELDS(rule_fields));
    json_t *rules = json_pack("{s:s, s:i, s:o}", "type", "array", "minItems", 1, "items",
        fields_schema(json_fields, N_FIELDS(json_fields)));
    json_object_set_new(json_object_get(map, "properties"), "json", rules);
    return json_pack("{s:[{s:s}, o]}", "anyOf", "type", "string", map);
}

void text_rule_free(struct text_rule *rule)
{
    free(rule->equals);
    free(rule->matches);
    strv_free(&rule->contains);
    strv_free(&rule->lacks);
    for (size_t i = 0; i < rule->n_json; i++) {
        free(rule->json[i].path);
        json_decref(rule->json[i].equals);
        json_decref(rule->json[i].not_equals);
        json_decref(rule->json[i].contains);
    }
    free(rule->json);
    *rule = (struct text_rule){0};
}

static json_t *scalar_to_json(const struct value *v)
{
    if (v->quoted || plain_is_text(v->text))
        return json_string(v->text);
    json_t *j = json_loads(v->text, JSON_DECODE_ANY, NULL);
    return j ? j : json_string(v->text); /* what YAML calls a number and JSON does not: 0x10 */
}

json_t *value_to_json(const struct value *v)
{
    if (v->type == VALUE_SCALAR)
        return scalar_to_json(v);
    json_t *j = v->type == VALUE_LIST ? json_array() : json_object();
    for (size_t i = 0; i < v->n; i++) {
        json_t *item = value_to_json(&v->items[i]);
        if (v->type == VALUE_LIST)
            json_array_append_new(j, item);
        else
            json_object_set_new(j, v->keys[i].text, item);
    }
    return j;
}
