/* What a verb is. One table of verbs gives the parser, --help, the man pages and the completions.
 *
 * A new verb is one file verb_NAME.c that defines `const struct verb verb_NAME`, and its line in
 * verbs.h and in the table in main.c. */
#ifndef LABRUN_CLI_CMD_H
#define LABRUN_CLI_CMD_H

#include "cli/print.h"
#include "util/error.h"
#include "util/mem.h"
#include <stdint.h>

/* WORDS says what fits, for completion: "scenario", "lab", "node", "attempt" (or a lab), "verb",
 * "file", "dir"; or the only words that are allowed, "auto|qemu|lxc", which the parser then checks.
 * NULL: anything. */
struct option_def {
    const char *name;  /* long form, without the dashes */
    char letter;       /* short form; 0: none */
    const char *value; /* what its value is called, "FILE"; NULL: a flag */
    const char *words; /* see above; of options with a value */
    const char *help;  /* one line; lower case, no full stop */
};

enum operand_flags { OPERAND_OPTIONAL = 1, OPERAND_MANY = 2 };

struct operand_def {
    const char *name;  /* "SCENARIO" */
    const char *words; /* as of options */
    int flags; /* OPERAND_MANY: the last one only; one or more, or with OPTIONAL any number */
};

struct cmd;
struct progress; /* cli/progress.h */

struct verb {
    const char *name;
    const char *group;   /* heading in `labrun --help`; verbs of a group stand together. NULL:
                            hidden */
    const char *summary; /* one line; lower case, no full stop */
    /* What --help and the man page say further: paragraphs with an empty line between; one that
     * begins with four blanks is shown as it is. */
    const char *help;
    const struct option_def *options;   /* ends with a row without name; NULL: none */
    const struct operand_def *operands; /* likewise */
    bool takes_command;                 /* [-- COMMAND...] */
    /* Does it. What is wrong is the error; another exit status of a command that worked (a failed
     * check) goes to c->status. */
    bool (*run)(struct cmd *c, struct lr_error *err);
};

#define OPTIONS_END                                                                                \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define OPERANDS_END                                                                               \
    {                                                                                              \
        .name = NULL                                                                               \
    }
/* For every verb that prints a result: then ask cmd_json(). */
#define OPTIONS_JSON                                                                               \
    {"json", 0, NULL, NULL, "print JSON, the same as -o json"},                                    \
    {                                                                                              \
        "output", 'o', "FORMAT", "text|json", "how the result is printed; text if not said"        \
    }

struct program {
    const char *name;
    const char *version;
    const char *summary;
    const struct verb *const *verbs; /* NULL-terminated */
};

enum verbosity { QUIET, NORMAL, VERBOSE };

struct given_option {
    const struct option_def *def;
    const char *value; /* NULL for a flag */
};

/* One command line, understood. */
struct cmd {
    const struct program *program;
    const struct verb *verb; /* NULL only before the parser has found one */
    struct given_option *options;
    size_t n_options;
    struct strv operands;
    struct strv command; /* what stood after "--", if the verb takes a command */
    bool help;
    bool version;
    bool no_color;
    enum verbosity verbosity;
    char *state_dir; /* absolute */
    struct out out;  /* standard output; what is written to it takes the live line away first */
    struct progress *progress; /* progress_hide() it before the terminal is handed to others */
    int status;                /* exit status when run() returns true; 0 */
};

/* Was the option given? NAME must be one of the verb's. */
bool cmd_has(const struct cmd *c, const char *name);
/* Its value where it stood last, or NULL. */
const char *cmd_value(const struct cmd *c, const char *name);
/* All its values in order, borrowed; N of them. */
size_t cmd_values(const struct cmd *c, const char *name, const char ***ret);
/* Its value as a whole number within [MIN, MAX]; *ret stays as it is when it was not given. */
bool cmd_int(const struct cmd *c, const char *name, int64_t min, int64_t max, int64_t *ret,
    struct lr_error *err) _must_check_;
/* The I-th operand, or NULL. */
const char *cmd_operand(const struct cmd *c, size_t i);
/* --json, or -o json. */
bool cmd_json(const struct cmd *c);

/* Options that every verb has; ends with a row without name. */
extern const struct option_def global_options[];

/* Fills RET from a command line; cmd_free() it in either case. What it points to is ARGV's. */
bool cmd_parse(const struct program *p, int argc, const char *const *argv, struct cmd *ret,
    struct lr_error *err) _must_check_;
void cmd_free(struct cmd *c);
#define _cmd_ _cleanup_(cmd_free)

/* NULL when there is none. */
const struct verb *verb_by_name(const struct program *p, const char *name);
bool verb_not_found(const struct program *p, const char *name, struct lr_error *err);

/* The words of "a|b|c" that are allowed; nothing for kinds and NULL. */
void words_allowed(const char *words, struct strv *ret);

/* A command line from its first to its last moment; the exit status. */
int cli_run(const struct program *p, int argc, const char *const *argv);

#endif
