/* A script goes through the interpreter's stdin, so that it never lies on a disk the candidate can
 * read. A shell takes it whole before it begins, or a program in it that reads stdin would eat the
 * rest of the script. */
#include "graders/probes/program.h"
#include "transport/quote.h"

void program_read_run(struct reader *r, const struct value *v, void *member)
{
    static const struct field words = {.key = "run", .type = FIELD_T_STRINGS};
    static const struct field line = {.key = "run", .type = FIELD_T_TEXT};
    struct program *p = member;
    if (v->type == VALUE_LIST)
        read_field(r, v, &words, &p->run);
    else
        read_field(r, v, &line, &p->run_line);
}

/* Interpreters that a script may name in its first line, and how each takes a script from stdin:
 * the words that stand before the script's arguments. */
static const struct interpreter {
    const char *name;
    const char *argv[5];
} interpreters[] = {
    {"sh", {"/bin/sh", "-c", "eval \"$(/bin/cat)\" </dev/null"}},
    {"bash", {"/bin/bash", "--norc", "-c", "eval \"$(/bin/cat)\" </dev/null"}},
    {"python3", {"/usr/bin/python3", "-I", "-"}},
    {"perl", {"/usr/bin/perl", "-"}},
};

/* By the last word of "#!/bin/sh", "#!/usr/bin/env python3". One with options is none of them: a
 * script that comes through stdin is not started by its first line. */
static const struct interpreter *interpreter_of(const char *text)
{
    size_t end = strcspn(text, "\n"), at = end;
    while (at > 0 && text[at - 1] != '/' && text[at - 1] != ' ')
        at--;
    for (size_t i = 0; has_prefix(text, "#!") && at > 0 && i < N_FIELDS(interpreters); i++)
        if (end - at == strlen(interpreters[i].name) &&
            memcmp(text + at, interpreters[i].name, end - at) == 0)
            return &interpreters[i];
    return NULL;
}

#define NO_INTERPRETER                                                                             \
    "names no interpreter that can be used in its first line: sh, bash, python3 or perl, without " \
    "options"

static void check_script(
    const char *name, struct reader *r, const struct value *v, const struct scenario *sc)
{
    _free_ char *text = NULL;
    if (scenario_check_script(r, v, sc, &text) && !interpreter_of(text))
        problems_add(r->problems, v, "script '%s' " NO_INTERPRETER, name);
}

void program_check(
    const struct program *p, struct reader *r, const struct value *v, const struct scenario *sc)
{
    if (v->type != VALUE_MAP)
        return;
    const struct value *script = value_get(v, "script");
    const struct value *args = value_get(v, "args");
    if (!script == !value_get(v, "run"))
        problems_add(r->problems, v, "either 'script' or 'run' is needed");
    if (script && p->script)
        check_script(p->script, r, script, sc);
    if (args && (p->run.n > 0 || p->run_line))
        problems_add(r->problems, args, "'args' goes with 'script'; 'run' has its own words");
}

void program_free(struct program *p)
{
    strv_free(&p->run);
    free(p->run_line);
}

void program_add_schema(json_t *s)
{
    json_object_set_new(
        s, "oneOf", json_pack("[{s:[s]}, {s:[s]}]", "required", "script", "required", "run"));
}

/* In front of a script that names parameters: a line that sets them. They come through stdin like
 * the script, so that no process list shows them; dash and bash read a line byte by byte there and
 * leave the rest to the interpreter. NULL when it names none; owned. */
static const char take_line[] = "IFS= read -r line; eval \"$line\"; unset line; exec \"$@\"";

static char *with_parameters(const struct scenario *sc, const char *text, size_t len)
{
    _strv_ struct strv given = STRV_INIT;
    scenario_script_parameters(sc, text, len, &given);
    struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < given.n; i++) {
        strbuf_adds(&b, i ? " " : "export ");
        quote_add(&b, given.items[i]);
    }
    if (!given.n)
        return NULL;
    strbuf_adds(&b, "\n");
    strbuf_add(&b, text, len);
    return strbuf_steal(&b);
}

static bool run_script(
    const struct program *p, struct probe_ctx *ctx, struct run_result *ret, struct outcome *o)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *text = NULL;
    size_t len = 0;
    if (!ctx->read_script(ctx, p->script, &text, &len, &err)) {
        outcome_set(o, VERDICT_ERROR, "the check's script could not be read: %s", err.message);
        return false;
    }
    const struct interpreter *in = interpreter_of(text);
    if (!in) {
        outcome_set(o, VERDICT_ERROR, "the check's script '%s' " NO_INTERPRETER, p->script);
        return false;
    }
    _strv_ struct strv argv = STRV_INIT;
    _free_ char *whole = with_parameters(ctx->scenario, text, len);
    const char *const take[] = {"/bin/sh", "-c", take_line, "labrun"};
    for (size_t i = 0; whole && i < N_FIELDS(take); i++)
        strv_add(&argv, take[i]);
    for (size_t i = 0; in->argv[i]; i++)
        strv_add(&argv, in->argv[i]);
    if (has_prefix(in->name, "sh") || has_prefix(in->name, "bash"))
        strv_add(&argv, p->script); /* $0 */
    for (size_t i = 0; i < p->args.n; i++)
        strv_add(&argv, p->args.items[i]);
    const char *input = whole ? whole : text;
    return node_run(
        ctx, (const char *const *)argv.items, input, whole ? strlen(whole) : len, ret, o);
}

bool program_run(
    const struct program *p, struct probe_ctx *ctx, struct run_result *ret, struct outcome *o)
{
    if (p->script)
        return run_script(p, ctx, ret, o);
    const char *line[] = {"/bin/sh", "-c", p->run_line, NULL};
    return node_run(ctx, p->run_line ? line : (const char *const *)p->run.items, NULL, 0, ret, o);
}

char *program_line(const struct program *p)
{
    if (p->run_line)
        return xstrdup(p->run_line);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    if (p->script)
        strbuf_addf(&b, "%s%s", p->script, p->args.n ? " " : "");
    const struct strv *words = p->script ? &p->args : &p->run;
    _free_ char *quoted = words->n ? quote_argv((const char *const *)words->items) : NULL;
    strbuf_adds(&b, quoted ? quoted : "");
    return strbuf_steal(&b);
}

const char *program_not_started(int status)
{
    return status == 127 ? "a program was not found"
        : status == 126  ? "a program could not be executed"
                         : NULL;
}
