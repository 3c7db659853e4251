/* command: a script of the scenario or a command line, and what its end must be. */
#include "graders/probes/expect.h"
#include "graders/probes/kinds.h"
#include "graders/probes/program.h"

struct command_params {
    struct program program; /* first: PROGRAM_FIELDS */
    int64_t exit;
    bool any_exit;
    struct text_rule out;
    struct text_rule err;
};

static void read_exit(struct reader *r, const struct value *v, void *member)
{
    static const struct field status = {.key = "exit", .type = FIELD_T_INT, .min = 0, .max = 255};
    struct command_params *p = (void *)((char *)member - offsetof(struct command_params, exit));
    if (v->type == VALUE_SCALAR && streq(v->text, "any"))
        p->any_exit = true;
    else
        read_field(r, v, &status, member);
}

static const struct field expect_fields[] = {
    FIELD_CUSTOM("exit", struct command_params, exit, read_exit, 0,
        .schema = "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255}, "
                  "{\"const\": \"any\"}]}",
        .help = "exit status; default 0"),
    FIELD_CUSTOM("stdout", struct command_params, out, read_text_rule, 0,
        .help = "what is expected of standard output"),
    FIELD_CUSTOM("stderr", struct command_params, err, read_text_rule, 0,
        .help = "what is expected of standard error"),
};

static void read_expect(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, expect_fields, N_FIELDS(expect_fields), member);
}

/* The whole struct is filled by one table but for what custom readers put elsewhere in it. */
static const struct field command_fields[] = {
    PROGRAM_FIELDS,
    {.key = "expect",
        .type = FIELD_T_CUSTOM,
        .offset = 0,
        .read = read_expect,
        .help = "default: exit status 0"},
};

static void *command_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    struct command_params *p = xnew(struct command_params);
    read_map(r, v, command_fields, N_FIELDS(command_fields), p);
    program_check(&p->program, r, v, sc);
    return p;
}

static void command_free(void *params)
{
    struct command_params *p = params;
    free_map(command_fields, N_FIELDS(command_fields), p);
    program_free(&p->program);
    text_rule_free(&p->out);
    text_rule_free(&p->err);
    free(p);
}

static json_t *command_schema(void)
{
    json_t *expect = fields_schema(expect_fields, N_FIELDS(expect_fields));
    json_t *properties = json_object_get(expect, "properties");
    json_object_set_new(properties, "stdout", text_rule_schema());
    json_object_set_new(properties, "stderr", text_rule_schema());
    json_t *s = fields_schema(command_fields, N_FIELDS(command_fields));
    json_object_set_new(json_object_get(s, "properties"), "expect", expect);
    program_add_schema(s);
    return s;
}

/* Both streams behind the findings, as far as they say something. */
static void add_streams(struct tally *t, const struct run_result *r)
{
    _free_ char *out = evidence_text(r->out, r->out_len);
    _free_ char *err = evidence_text(r->err, r->err_len);
    if (*err)
        strbuf_addf(&t->seen, "\nstderr:\n%s", err);
    if (*out)
        strbuf_addf(&t->seen, "\nstdout:\n%s", out);
}

static void judge(const struct command_params *p, const struct run_result *r, struct outcome *o)
{
    _tally_ struct tally t = {0};
    bool as_expected = p->any_exit || r->status == p->exit;
    if (p->any_exit)
        tally_expect(&t, "any exit status");
    else
        tally_expect(&t, "exit status %lld", (long long)p->exit);
    tally_saw(&t, as_expected, "exit status %d", r->status);
    if (as_expected && p->err.given && r->err_truncated) {
        outcome_set(o, VERDICT_ERROR, "stderr is too long to be judged");
        return;
    }
    /* After the wrong exit status the output is a message, not an answer. */
    if (as_expected &&
        (!text_rule_check(&p->out, "stdout", r->out, r->out_len, &t, o) ||
            !text_rule_check(&p->err, "stderr", r->err, r->err_len, &t, o)))
        return;
    add_streams(&t, r);
    tally_finish(&t, o);
}

static void command_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct command_params *p = params;
    _free_ char *line = program_line(&p->program);
    outcome_asked(o, "%s", line);
    outcome_expected(o, "exit status %lld", (long long)p->exit);
    _run_result_ struct run_result r = {0};
    if (!program_run(&p->program, ctx, &r, o))
        return;
    bool wanted = !p->any_exit && r.status == p->exit;
    _free_ char *err = evidence_text(r.err, r.err_len);
    if (r.status == PROGRAM_UNTOLD && !wanted)
        outcome_set(
            o, VERDICT_ERROR, "the check's script could not tell (exit status 75): %s", err);
    else if (program_not_started(r.status) && !wanted)
        outcome_set(o, VERDICT_ERROR, "%s (exit status %d): %s", program_not_started(r.status),
            r.status, err);
    else
        judge(p, &r, o);
}

const struct probe_kind probe_command = {
    .name = "command",
    .summary = "a script or command, its exit status and its output",
    .parse = command_parse,
    .free_params = command_free,
    .schema = command_schema,
    .run = command_run,
};
