/* The JSON Schema of scenario.yaml, made from the tables that read it. */
#include "scenario/load.h"

json_t *list_schema(const char *ref, int min, int max)
{
    _free_ char *path = xasprintf("#/$defs/%s", ref);
    return json_pack("{s:s, s:i, s:i, s:{s:s}}", "type", "array", "minItems", min, "maxItems", max,
        "items", "$ref", path);
}

json_t *map_schema(const char *pattern, const char *ref, int min, int max)
{
    _free_ char *path = xasprintf("#/$defs/%s", ref);
    return json_pack("{s:s, s:i, s:i, s:{s:s}, s:{s:s}}", "type", "object", "minProperties", min,
        "maxProperties", max, "propertyNames", "pattern", pattern, "additionalProperties", "$ref",
        path);
}

json_t *scenario_schema(const struct scenario_opts *opts)
{
    json_t *defs = json_object();
    nodes_schema(defs);
    steps_schema(defs);
    actors_schema(defs);
    checks_schema(defs);
    grading_schema(defs);
    probe_schema(defs, opts);
    parameters_schema(defs);
    substitute_schema(defs);
    json_t *s = json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema",
        "title", "scenario.yaml of labrun");
    _json_ json_t *top = top_schema();
    json_object_update(s, top);
    json_object_set_new(s, "$defs", defs);
    return s;
}
