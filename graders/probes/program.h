/* A program that a probe runs on its node: a script of the scenario's folder, or a command. Shared
 * by the kinds `command` and `script`. */
#ifndef LABRUN_GRADERS_PROGRAM_H
#define LABRUN_GRADERS_PROGRAM_H

#include "graders/probes/node.h"

struct program {
    char *script;
    struct strv run; /* argv */
    char *run_line;  /* instead: a line for sh */
    struct strv args;
};

/* Rows of a kind's field table for the struct program that lies at the beginning of struct S. */
#define PROGRAM_FIELDS                                                                             \
    {.key = "script",                                                                              \
        .type = FIELD_T_PATH,                                                                      \
        .offset = offsetof(struct program, script),                                                \
        .help = "a script of the scenario's folder, fed to its interpreter on the node"},          \
        {.key = "run",                                                                             \
            .type = FIELD_T_CUSTOM,                                                                \
            .offset = 0,                                                                           \
            .read = program_read_run,                                                              \
            .schema = PROGRAM_RUN_SCHEMA,                                                          \
            .help = "instead: a command as a list of words, or a line for sh"},                    \
    {                                                                                              \
        .key = "args", .type = FIELD_T_STRINGS, .offset = offsetof(struct program, args),          \
        .help = "arguments of the script"                                                          \
    }
#define PROGRAM_RUN_SCHEMA                                                                         \
    "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"minItems\": 1, \"items\": "      \
    "{\"type\": [\"string\", \"number\", \"boolean\"]}}]}"

void program_read_run(struct reader *r, const struct value *v, void *member);
/* After read_map() of the map V: one of script and run is there, and the script is a file. */
void program_check(
    const struct program *p, struct reader *r, const struct value *v, const struct scenario *sc);
/* What read_map() does not free. */
void program_free(struct program *p);
/* Adds to the schema S of the kind that script and run exclude each other. */
void program_add_schema(json_t *s);

/* As people would type it; owned. */
char *program_line(const struct program *p);
bool program_run(const struct program *p, struct probe_ctx *ctx, struct run_result *ret,
    struct outcome *o) _must_check_;

#define PROGRAM_UNTOLD 75 /* EX_TEMPFAIL: the program says that it could not tell */
/* For the statuses by which a shell says that it could not start what was asked for; else NULL. */
const char *program_not_started(int status);

#endif
