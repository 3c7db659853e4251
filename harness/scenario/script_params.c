/* Which parameters a script is given: those that its text names, LABRUN_PARAM_NAME, and no others.
 * So what a script can come to depend on is known without running it, and a stage is built anew for
 * exactly those values (stage/key.c); and no script leaves on a node what it has no use for. */
#include "scenario/load.h"
#include <ctype.h>

#define PREFIX "LABRUN_PARAM_"

/* The next name in the text, without the prefix; owned. NULL at the end. *AT moves on. */
static char *next_name(const char *text, size_t len, size_t *at)
{
    const char *hit = memmem(text + *at, len - *at, PREFIX, sizeof PREFIX - 1);
    if (!hit)
        return NULL;
    size_t begin = (size_t)(hit - text) + sizeof PREFIX - 1, end = begin;
    while (end < len && (isalnum((unsigned char)text[end]) || text[end] == '_'))
        end++;
    *at = end;
    return xstrndup(text + begin, end - begin);
}

/* "VICTIM" is the parameter "victim". */
static const struct parameter *by_variable(const struct scenario *sc, const char *variable)
{
    for (size_t i = 0; i < sc->n_parameters; i++) {
        const char *name = sc->parameters[i].name;
        size_t k = 0;
        while (name[k] && variable[k] == toupper((unsigned char)name[k]))
            k++;
        if (!name[k] && !variable[k])
            return &sc->parameters[i];
    }
    return NULL;
}

void scenario_script_parameters(
    const struct scenario *sc, const char *text, size_t len, struct strv *ret)
{
    size_t at = 0;
    for (char *name; (name = next_name(text, len, &at)); free(name)) {
        const struct parameter *p = by_variable(sc, name);
        _free_ char *pair = p ? xasprintf(PREFIX "%s=%s", name, p->value) : NULL;
        if (pair && !strv_contains(ret, pair))
            strv_add(ret, pair);
    }
}

void check_script_parameters(struct reader *r, const struct value *v, const struct scenario *sc,
    const char *text, size_t len)
{
    size_t at = 0;
    for (char *name; (name = next_name(text, len, &at)); free(name)) {
        if (by_variable(sc, name))
            continue;
        if (*name)
            problems_add(r->problems, v,
                "script '%s' names " PREFIX "%s: there is no such parameter", v->text, name);
        else
            problems_add(r->problems, v,
                "script '%s' must name parameters in full, as in " PREFIX "NAME", v->text);
    }
}

json_t *scenario_draw_json(const struct scenario *sc)
{
    if (!sc->n_parameters)
        return NULL;
    json_t *values = json_object();
    for (size_t i = 0; i < sc->n_parameters; i++)
        json_object_set_new(values, sc->parameters[i].name, json_string(sc->parameters[i].value));
    return json_pack("{s:I, s:I, s:I, s:o}", "seed", (json_int_t)sc->seed, "variant",
        (json_int_t)sc->variant, "variants", (json_int_t)sc->variants, "parameters", values);
}
