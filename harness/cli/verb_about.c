#include "cli/text.h"
#include "cli/verbs.h"

static bool run_help(struct cmd *c, struct lr_error *err)
{
    const char *name = cmd_operand(c, 0);
    const struct verb *v = name ? verb_by_name(c->program, name) : NULL;
    if (name && !v)
        return verb_not_found(c->program, name, err);
    size_t width = c->out.width ? c->out.width : 80;
    _free_ char *text = v ? help_verb(c->program, v, width) : help_program(c->program, width);
    fputs(text, c->out.file);
    return true;
}

const struct verb verb_help = {
    .name = "help",
    .group = "About labrun",
    .summary = "help on a command",
    .operands = (const struct operand_def[]){{"COMMAND", "verb", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run_help,
};

static bool run_version(struct cmd *c, struct lr_error *err)
{
    (void)err;
    if (cmd_json(c)) {
        _json_ json_t *j = json_pack("{s:s}", "version", c->program->version);
        out_json(&c->out, j);
    } else {
        fprintf(c->out.file, "%s %s\n", c->program->name, c->program->version);
    }
    return true;
}

const struct verb verb_version = {
    .name = "version",
    .group = "About labrun",
    .summary = "the version",
    .options = (const struct option_def[]){OPTIONS_JSON, OPTIONS_END},
    .run = run_version,
};

static bool run_completion(struct cmd *c, struct lr_error *err)
{
    (void)err;
    bool zsh = streq(cmd_operand(c, 0), "zsh");
    _free_ char *text = zsh ? completion_zsh(c->program) : completion_bash(c->program);
    fputs(text, c->out.file);
    return true;
}

const struct verb verb_completion = {
    .name = "completion",
    .group = "About labrun",
    .summary = "a completion script for your shell",
    .help =
        "For bash, in the shell that runs:\n\n    source <(labrun completion bash)\n\n"
        "For zsh, as a file on $fpath:\n\n"
        "    mkdir -p ~/.zsh/completions\n"
        "    labrun completion zsh > ~/.zsh/completions/_labrun\n\n"
        "and in ~/.zshrc, before compinit: fpath=(~/.zsh/completions $fpath). What is installed "
        "with the program needs neither.",
    .operands = (const struct operand_def[]){{"SHELL", "bash|zsh", 0}, OPERANDS_END},
    .run = run_completion,
};

static bool run_man(struct cmd *c, struct lr_error *err)
{
    const char *name = cmd_operand(c, 0);
    const struct verb *v = verb_by_name(c->program, name);
    if (!v && !streq(name, c->program->name))
        return verb_not_found(c->program, name, err);
    _free_ char *text = v ? man_verb(c->program, v) : man_program(c->program);
    fputs(text, c->out.file);
    return true;
}

const struct verb verb_man = {
    .name = "__man",
    .summary = "a man page in roff",
    .operands = (const struct operand_def[]){{"PAGE", NULL, 0}, OPERANDS_END},
    .run = run_man,
};
