/* The table of verbs as text: usage, help, man pages, completions. Pure. */
#ifndef LABRUN_CLI_TEXT_H
#define LABRUN_CLI_TEXT_H

#include "cli/cmd.h"

/* "labrun ssh [OPTION...] LAB [NODE] [-- COMMAND...]"; owned. */
char *usage_line(const struct program *p, const struct verb *v);

/* `labrun --help` and `labrun VERB --help`, wrapped at WIDTH columns; owned. */
char *help_program(const struct program *p, size_t width);
char *help_verb(const struct program *p, const struct verb *v, size_t width);

/* Pages in roff: labrun.1, and labrun-VERB.1; owned. */
char *man_program(const struct program *p);
char *man_verb(const struct program *p, const struct verb *v);

/* Completion scripts; owned. They hand the words so far to `labrun __complete -- WORD…`. */
char *completion_bash(const struct program *p);
char *completion_zsh(const struct program *p);

/* Exit statuses and what they mean, the same for all verbs; ends with a row without meaning. */
struct exit_meaning {
    int status;
    const char *meaning;
};
extern const struct exit_meaning exit_meanings[];

struct variable {
    const char *name;
    const char *meaning;
};
extern const struct variable variables[]; /* environment; ends with a row without name */

#endif
