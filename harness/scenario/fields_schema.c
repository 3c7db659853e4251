/* The same tables as JSON Schema (draft 2020-12). */
#include "scenario/scalars.h"
#include "util/mem.h"
#include <assert.h>

static json_t *text_schema(const char *pattern, int64_t min, int64_t max)
{
    json_t *s = json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
    if (min)
        json_object_set_new(s, "minLength", json_integer(min));
    if (max)
        json_object_set_new(s, "maxLength", json_integer(max));
    return s;
}

static json_t *number_schema(const char *type, const struct field *f)
{
    json_t *s = json_pack("{s:s, s:I}", "type", type, "minimum", (json_int_t)f->min);
    if (f->min || f->max)
        json_object_set_new(s, "maximum", json_integer(f->max));
    return s;
}

/* A name that YAML reads as a number or as true is offered as both. */
static json_t *enum_schema(const struct field *f)
{
    json_t *names = json_array();
    for (int i = 0; f->names[i]; i++) {
        json_array_append_new(names, json_string(f->names[i]));
        if (!plain_is_text(f->names[i])) {
            json_t *plain = json_loads(f->names[i], JSON_DECODE_ANY, NULL);
            if (plain)
                json_array_append_new(names, plain);
        }
    }
    return json_pack("{s:o}", "enum", names);
}

static json_t *strings_schema(void)
{
    json_t *item = json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
    json_t *list =
        json_pack("{s:s, s:i, s:O}", "type", "array", "maxItems", MAX_STRINGS, "items", item);
    return json_pack("{s:[o,o]}", "anyOf", item, list);
}

static json_t *custom_schema(const struct field *f)
{
    if (!f->schema)
        return json_object();
    json_t *s = json_loads(f->schema, JSON_REJECT_DUPLICATES, NULL);
    assert(s && "a field's schema is JSON"); /* a literal in a table: wrong in every run or none */
    return s;
}

static json_t *type_schema(const struct field *f)
{
    switch (f->type) {
    case FIELD_T_STRING:
        return text_schema(PATTERN_LINE, 1, f->max ? f->max : MAX_LINE);
    case FIELD_T_TEXT:
        return text_schema(PATTERN_TEXT, 0, f->max ? f->max : MAX_TEXT);
    case FIELD_T_ID:
        return text_schema(PATTERN_ID, 0, 0);
    case FIELD_T_PATH:
        return text_schema(PATTERN_PATH, 0, MAX_PATH);
    case FIELD_T_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case FIELD_T_INT:
        return number_schema("integer", f);
    case FIELD_T_NUMBER:
        return number_schema("number", f);
    case FIELD_T_DURATION:
        return text_schema(PATTERN_DURATION, 0, 0);
    case FIELD_T_SIZE_MIB:
        return text_schema(PATTERN_SIZE, 0, 0);
    case FIELD_T_ENUM:
        return enum_schema(f);
    case FIELD_T_STRINGS:
        return strings_schema();
    case FIELD_T_CUSTOM:
        return custom_schema(f);
    }
    return json_object();
}

json_t *field_schema(const struct field *f)
{
    json_t *s = type_schema(f);
    if (f->help)
        json_object_set_new(s, "description", json_string(f->help));
    return s;
}

json_t *fields_schema(const struct field *fields, size_t n)
{
    json_t *properties = json_object();
    json_t *required = json_array();
    for (size_t i = 0; i < n; i++) {
        json_object_set_new(properties, fields[i].key, field_schema(&fields[i]));
        if (fields[i].flags & FIELD_REQUIRED)
            json_array_append_new(required, json_string(fields[i].key));
    }
    json_t *s = json_pack(
        "{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0, "properties", properties);
    if (json_array_size(required))
        json_object_set(s, "required", required);
    json_decref(required);
    return s;
}
