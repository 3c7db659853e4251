/* script: a program that judges by itself and prints its verdict as JSON:
 *
 *   {"verdict": "pass|fail|error", "seen": TEXT, "expected": TEXT, "asked": TEXT}
 *
 * For what no other kind can ask. It is read strictly: one object, these members and no others,
 * "verdict" and "seen" always there, exit status 0. Everything else is an error, so that a program
 * that crashes half way never costs a candidate points. */
#include "graders/answer.h"
#include "graders/probes/kinds.h"
#include "graders/probes/program.h"

static const struct field script_fields[] = {PROGRAM_FIELDS};

static void *script_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    struct program *p = xnew(struct program);
    read_map(r, v, script_fields, N_FIELDS(script_fields), p);
    program_check(p, r, v, sc);
    return p;
}

static void script_free(void *params)
{
    free_map(script_fields, N_FIELDS(script_fields), params);
    program_free(params);
    free(params);
}

static json_t *script_schema(void)
{
    json_t *s = fields_schema(script_fields, N_FIELDS(script_fields));
    program_add_schema(s);
    return s;
}

static const char *const members[] = {"verdict", "seen", "expected", "asked"};
#define N_MEMBERS 4

/* The first member that has no business there; NULL when all is well. */
static const char *stray_member(json_t *answer)
{
    const char *key;
    json_t *value;
    json_object_foreach (answer, key, value) {
        bool known = false;
        for (size_t i = 0; i < N_MEMBERS; i++)
            known = known || streq(key, members[i]);
        if (!known)
            return key;
    }
    return NULL;
}

static bool read_verdict(const char *name, enum verdict *ret)
{
    return name && verdict_from_name(name, ret) && *ret != VERDICT_SKIPPED;
}

static void judge(json_t *answer, struct outcome *o)
{
    const char *missing = NULL, *stray = stray_member(answer);
    enum verdict verdict = VERDICT_ERROR;
    const char *name = get_string(answer, "verdict", &missing);
    const char *seen = get_string(answer, "seen", &missing);
    for (size_t i = 2; i < N_MEMBERS; i++)
        if (json_object_get(answer, members[i]))
            get_string(answer, members[i], &missing);
    if (!json_is_object(answer)) {
        outcome_set(o, VERDICT_ERROR, "the program's answer is not a JSON object");
    } else if (stray) {
        outcome_set(o, VERDICT_ERROR, "the program's answer has an unknown member '%s'", stray);
    } else if (missing) {
        outcome_set(
            o, VERDICT_ERROR, "the program's answer lacks '%s', or it is not text", missing);
    } else if (!read_verdict(name, &verdict)) {
        outcome_set(
            o, VERDICT_ERROR, "the program's verdict '%s' is none: pass, fail or error", name);
    } else {
        const char *asked = json_string_value(json_object_get(answer, "asked"));
        const char *expected = json_string_value(json_object_get(answer, "expected"));
        if (asked)
            outcome_asked(o, "%s", asked);
        if (expected)
            outcome_expected(o, "%s", expected);
        outcome_set(o, verdict, "%s", seen);
    }
}

static void script_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct program *p = params;
    _free_ char *line = program_line(p);
    outcome_asked(o, "%s (on %s)", line, node_name(ctx));
    outcome_expected(o, "a verdict as JSON");
    _run_result_ struct run_result r = {0};
    if (!program_run(p, ctx, &r, o))
        return;
    if (r.status != 0) {
        const char *not_started = program_not_started(r.status);
        _free_ char *err = evidence_text(r.err, r.err_len);
        outcome_set(o, VERDICT_ERROR, "%s (exit status %d): %s",
            not_started ? not_started : "the program failed", r.status, err);
        return;
    }
    _free_ char *why = NULL;
    _json_ json_t *answer = answer_json(r.out, r.out_len, JSON_REJECT_DUPLICATES, &why);
    if (!answer) {
        _free_ char *begin = evidence_text(r.out, r.out_len > 200 ? 200 : r.out_len);
        outcome_set(o, VERDICT_ERROR, "the program's answer %s: %s", why, begin);
        return;
    }
    judge(answer, o);
}

const struct probe_kind probe_script = {
    .name = "script",
    .summary = "a program that judges by itself and prints its verdict as JSON",
    .parse = script_parse,
    .free_params = script_free,
    .schema = script_schema,
    .run = script_run,
};
