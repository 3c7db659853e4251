/* Two probe kinds for tests of scenario/, which must not need graders/: one with a script, one that
 * names a node. They take what the real ones of these names take, as far as the tests go. */
#ifndef LABRUN_TESTS_SCENARIO_KINDS_H
#define LABRUN_TESTS_SCENARIO_KINDS_H

#include "scenario/model.h"

struct test_expect {
    int64_t exit;
};

struct test_command {
    char *script;
    struct strv run;
    struct test_expect expect;
};

static const struct field test_expect_fields[] = {
    FIELD_INT("exit", struct test_expect, exit, 0, .min = 0, .max = 255),
};

static inline void test_read_expect(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, test_expect_fields, N_FIELDS(test_expect_fields), member);
}

static const struct field test_command_fields[] = {
    FIELD_PATH("script", struct test_command, script, 0),
    FIELD_STRINGS("run", struct test_command, run, 0),
    FIELD_CUSTOM("expect", struct test_command, expect, test_read_expect, 0,
        .schema = "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": "
                  "{\"exit\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255}}}"),
};

static inline void *test_command_parse(
    struct reader *r, const struct value *v, const struct scenario *sc)
{
    struct test_command *c = xnew(struct test_command);
    read_map(r, v, test_command_fields, N_FIELDS(test_command_fields), c);
    if (value_get(v, "script"))
        scenario_check_script(r, value_get(v, "script"), sc, NULL);
    return c;
}

static inline void test_command_free(void *params)
{
    struct test_command *c = params;
    free_map(test_command_fields, N_FIELDS(test_command_fields), c);
    free(c);
}

static inline json_t *test_command_schema(void)
{
    return fields_schema(test_command_fields, N_FIELDS(test_command_fields));
}

static inline void test_read_node(struct reader *r, const struct value *v, void *member)
{
    *(int *)member = scenario_check_node(r, v, r->context);
}

static const struct field test_peer_fields[] = {
    {.key = "node",
        .type = FIELD_T_CUSTOM,
        .flags = FIELD_REQUIRED,
        .read = test_read_node,
        .schema = "{\"$ref\": \"#/$defs/node-name\"}"},
};

static inline void *test_peer_parse(
    struct reader *r, const struct value *v, const struct scenario *sc)
{
    int *node = xnew(int);
    struct scenario copy = *sc;
    struct reader own = {.problems = r->problems, .context = &copy};
    read_map(&own, v, test_peer_fields, N_FIELDS(test_peer_fields), node);
    return node;
}

static inline json_t *test_peer_schema(void)
{
    return fields_schema(test_peer_fields, N_FIELDS(test_peer_fields));
}

/* Kinds are opaque to scenario/: any address will do, and must come back as it was given. */
static const char test_kind_marks[2];

static const struct probe_kind_info test_kinds[] = {
    {"command", (const struct probe_kind *)&test_kind_marks[0], test_command_parse,
        test_command_free, test_command_schema},
    {"peer", (const struct probe_kind *)&test_kind_marks[1], test_peer_parse, free,
        test_peer_schema},
};

#endif
