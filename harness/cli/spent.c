#include "cli/spent.h"

static const struct column columns[] = {
    {"WHAT", ALIGN_LEFT, true},
    {"NODE", ALIGN_LEFT, false},
    {"AT", ALIGN_RIGHT, false},
    {"TOOK", ALIGN_RIGHT, false},
};

static const char *text_of(const json_t *j, const char *member)
{
    return json_string_value(json_object_get(j, member));
}

static void add_line(
    struct table *t, enum style style, const char *what, const char *node, const json_t *j)
{
    _free_ char *at =
        xasprintf("%lld ms", (long long)json_integer_value(json_object_get(j, "at_ms")));
    _free_ char *took =
        xasprintf("%lld ms", (long long)json_integer_value(json_object_get(j, "took_ms")));
    table_add_styled(t, style, what);
    table_add_styled(t, style, node ? node : "");
    table_add_styled(t, style, at);
    table_add_styled(t, style, took);
}

void spent_print(const struct out *o, struct timings *timings)
{
    _json_ json_t *j = timings_json(timings);
    _table_ struct table t;
    table_init(&t, columns, sizeof columns / sizeof *columns);
    size_t i, k;
    const json_t *phase, *part;
    json_array_foreach (json_object_get(j, "phases"), i, phase) {
        add_line(&t, STYLE_BOLD, text_of(phase, "phase"), NULL, phase);
        json_array_foreach (json_object_get(phase, "parts"), k, part) {
            _free_ char *what = xasprintf("  %s", text_of(part, "part"));
            add_line(&t, STYLE_NONE, what, text_of(part, "node"), part);
        }
    }
    table_add_styled(&t, STYLE_BOLD, "total");
    table_add(&t, "");
    table_add(&t, "");
    table_addf(&t, "%lld ms", (long long)json_integer_value(json_object_get(j, "total_ms")));
    table_print(&t, o);
}
