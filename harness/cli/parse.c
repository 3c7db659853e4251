/* argv → struct cmd, by the tables of the verbs. Like getopt_long with options anywhere, but an
 * option is never shortened: what a script says today must not mean something else tomorrow. */
#include "cli/cmd.h"
#include "cli/text.h"
#include <errno.h>
#include <stdlib.h>

const struct option_def global_options[] = {
    {"state-dir", 0, "DIR", "dir", "where labs, stages and attempts are kept"},
    {"verbose", 'v', NULL, NULL, "also say which way was taken and why"},
    {"quiet", 'q', NULL, NULL, "no progress, only warnings and errors"},
    {"no-color", 0, NULL, NULL, "no colours; the same as NO_COLOR in the environment"},
    {"help", 'h', NULL, NULL, "show this help"}, {"version", 0, NULL, NULL, "show the version"},
    OPTIONS_END};

struct parser {
    const struct program *program;
    struct cmd *cmd;
    int argc;
    const char *const *argv;
    int at; /* index of the argument that is being read */
    const char *state_dir;
};

const struct verb *verb_by_name(const struct program *p, const char *name)
{
    for (size_t i = 0; p->verbs[i]; i++)
        if (streq(p->verbs[i]->name, name))
            return p->verbs[i];
    return NULL;
}

bool verb_not_found(const struct program *p, const char *name, struct lr_error *err)
{
    _strv_ struct strv names = STRV_INIT;
    for (size_t i = 0; p->verbs[i]; i++)
        if (p->verbs[i]->group)
            strv_add(&names, p->verbs[i]->name);
    lr_error_set(err, LR_EUSAGE, "unknown command '%s'", name);
    const char *meant = closest_word(name, (const char *const *)names.items, names.n);
    if (meant)
        return lr_error_hint(err, "did you mean '%s'?", meant);
    return lr_error_hint(err, "`%s --help` lists the commands", p->name);
}

void words_allowed(const char *words, struct strv *ret)
{
    *ret = STRV_INIT;
    if (!words || !strchr(words, '|'))
        return;
    _free_ char *copy = xstrdup(words);
    char *save = NULL;
    for (char *w = strtok_r(copy, "|", &save); w; w = strtok_r(NULL, "|", &save))
        strv_add(ret, w);
}

static bool check_word(const char *what, const char *words, const char *value, struct lr_error *err)
{
    _strv_ struct strv allowed = STRV_INIT;
    words_allowed(words, &allowed);
    if (!allowed.n || strv_contains(&allowed, value))
        return true;
    _strbuf_ struct strbuf list = STRBUF_INIT;
    for (size_t i = 0; i < allowed.n; i++)
        strbuf_addf(&list, "%s%s", i ? ", " : "", allowed.items[i]);
    lr_error_set(err, LR_EUSAGE, "%s: '%s' is not one of %s", what, value, list.data);
    const char *meant = closest_word(value, (const char *const *)allowed.items, allowed.n);
    return meant && lr_error_hint(err, "did you mean '%s'?", meant);
}

static const struct option_def *find_in(
    const struct option_def *defs, const char *name, size_t n, char letter)
{
    for (; defs && defs->name; defs++) {
        if (letter ? defs->letter == letter
                   : strncmp(defs->name, name, n) == 0 && defs->name[n] == '\0')
            return defs;
    }
    return NULL;
}

static bool unknown_option(struct parser *p, const char *arg, size_t n, struct lr_error *err)
{
    const struct verb *verb = p->cmd->verb;
    _strv_ struct strv names = STRV_INIT;
    for (const struct option_def *d = verb ? verb->options : NULL; d && d->name; d++)
        strv_addf(&names, "--%s", d->name);
    for (const struct option_def *d = global_options; d->name; d++)
        strv_addf(&names, "--%s", d->name);
    _free_ char *word = xstrndup(arg, n);
    lr_error_set(err, LR_EUSAGE, "unknown option '%s'", word);
    const char *meant =
        n > 2 ? closest_word(word, (const char *const *)names.items, names.n) : NULL;
    if (meant)
        return lr_error_hint(err, "did you mean '%s'?", meant);
    if (!verb)
        return lr_error_hint(err, "options of a command stand after its name");
    return lr_error_hint(err, "`%s %s --help` lists the options", p->program->name, verb->name);
}

static void take_global(struct parser *p, const struct option_def *def, const char *value)
{
    struct cmd *c = p->cmd;
    if (streq(def->name, "state-dir"))
        p->state_dir = value;
    else if (streq(def->name, "verbose"))
        c->verbosity = VERBOSE;
    else if (streq(def->name, "quiet"))
        c->verbosity = QUIET;
    else if (streq(def->name, "no-color"))
        c->no_color = true;
    else if (streq(def->name, "help"))
        c->help = true;
    else
        c->version = true;
}

/* VALUE: what was written together with the option, or NULL; then the next argument is it. */
static bool take_option(
    struct parser *p, const struct option_def *def, const char *value, struct lr_error *err)
{
    if (!def->value && value)
        return lr_error_set(err, LR_EUSAGE, "option '--%s' takes no value", def->name);
    if (def->value && !value) {
        if (p->at + 1 >= p->argc)
            return lr_error_set(
                err, LR_EUSAGE, "option '--%s' needs a value: %s", def->name, def->value);
        value = p->argv[++p->at];
    }
    _free_ char *what = xasprintf("option '--%s'", def->name);
    if (value && !check_word(what, def->words, value, err))
        return false;
    if (find_in(global_options, def->name, strlen(def->name), 0) == def) {
        take_global(p, def, value);
        return true;
    }
    struct given_option *o = array_append(p->cmd->options, p->cmd->n_options);
    o->def = def;
    o->value = value;
    return true;
}

static const struct option_def *find_option(
    const struct parser *p, const char *name, size_t n, char letter)
{
    const struct verb *verb = p->cmd->verb;
    const struct option_def *def = find_in(verb ? verb->options : NULL, name, n, letter);
    return def ? def : find_in(global_options, name, n, letter);
}

static bool take_long(struct parser *p, const char *arg, struct lr_error *err)
{
    size_t n = strcspn(arg, "=");
    const struct option_def *def = find_option(p, arg + 2, n - 2, 0);
    if (!def)
        return unknown_option(p, arg, n, err);
    return take_option(p, def, arg[n] ? arg + n + 1 : NULL, err);
}

/* "-v", "-vq", "-o json", "-ojson". */
static bool take_short(struct parser *p, const char *arg, struct lr_error *err)
{
    for (const char *s = arg + 1; *s; s++) {
        const struct option_def *def = find_option(p, "", 0, *s);
        char word[3] = {'-', *s, '\0'};
        if (!def)
            return unknown_option(p, word, 2, err);
        if (def->value)
            return take_option(p, def, s[1] ? s + 1 : NULL, err);
        if (!take_option(p, def, NULL, err))
            return false;
    }
    return true;
}

static bool take_operand(struct parser *p, const char *arg, struct lr_error *err)
{
    struct cmd *c = p->cmd;
    if (c->verb) {
        strv_add(&c->operands, arg);
        return true;
    }
    c->verb = verb_by_name(p->program, arg);
    return c->verb || verb_not_found(p->program, arg, err);
}

static bool check_operands(const struct program *p, const struct cmd *c, struct lr_error *err)
{
    const struct operand_def *d = c->verb->operands;
    _free_ char *usage = usage_line(p, c->verb);
    for (size_t i = 0; i < c->operands.n; i++) {
        const char *value = c->operands.items[i];
        if (!d || !d->name) {
            lr_error_set(err, LR_EUSAGE, "unexpected argument '%s'", value);
            return lr_error_hint(err, "usage: %s", usage);
        }
        if (!check_word(d->name, d->words, value, err))
            return false;
        if (!(d->flags & OPERAND_MANY))
            d++;
        else if (i + 1 == c->operands.n)
            return true;
    }
    if (!d || !d->name || (d->flags & OPERAND_OPTIONAL))
        return true;
    lr_error_set(err, LR_EUSAGE, "missing %s", d->name);
    return lr_error_hint(err, "usage: %s", usage);
}

bool cmd_parse(const struct program *p, int argc, const char *const *argv, struct cmd *ret,
    struct lr_error *err)
{
    *ret = (struct cmd){.program = p, .verbosity = NORMAL};
    struct parser parser = {.program = p, .cmd = ret, .argc = argc, .argv = argv};
    bool options_end = false;
    for (parser.at = 1; parser.at < argc; parser.at++) {
        const char *arg = argv[parser.at];
        bool ok = true;
        if (options_end && ret->verb && ret->verb->takes_command)
            strv_add(&ret->command, arg);
        else if (options_end || arg[0] != '-' || arg[1] == '\0')
            ok = take_operand(&parser, arg, err);
        else if (streq(arg, "--"))
            options_end = true;
        else if (arg[1] == '-')
            ok = take_long(&parser, arg, err);
        else
            ok = take_short(&parser, arg, err);
        if (!ok)
            return false;
    }
    ret->state_dir = xstrdup(parser.state_dir);
    if (ret->help || ret->version || !ret->verb)
        return true;
    return check_operands(p, ret, err);
}

void cmd_free(struct cmd *c)
{
    free(c->options);
    strv_free(&c->operands);
    strv_free(&c->command);
    free(c->state_dir);
    *c = (struct cmd){0};
}

/* Asking for an option that the verb has not is a mistake in the verb. */
static const struct option_def *must_have(const struct cmd *c, const char *name)
{
    const struct option_def *def = find_in(c->verb->options, name, strlen(name), 0);
    if (!def)
        abort();
    return def;
}

size_t cmd_values(const struct cmd *c, const char *name, const char ***ret)
{
    const struct option_def *def = must_have(c, name);
    const char **values = xcalloc(c->n_options, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < c->n_options; i++)
        if (c->options[i].def == def)
            values[n++] = c->options[i].value;
    *ret = values;
    return n;
}

bool cmd_has(const struct cmd *c, const char *name)
{
    _free_ const char **values = NULL;
    return cmd_values(c, name, &values) > 0;
}

const char *cmd_value(const struct cmd *c, const char *name)
{
    _free_ const char **values = NULL;
    size_t n = cmd_values(c, name, &values);
    return n ? values[n - 1] : NULL;
}

bool cmd_int(const struct cmd *c, const char *name, int64_t min, int64_t max, int64_t *ret,
    struct lr_error *err)
{
    const char *text = cmd_value(c, name);
    if (!text)
        return true;
    char *end = NULL;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (errno || end == text || *end || n < min || n > max)
        return lr_error_set(err, LR_EUSAGE,
            "option '--%s': '%s' is not a whole number from %lld to %lld", name, text,
            (long long)min, (long long)max);
    *ret = n;
    return true;
}

const char *cmd_operand(const struct cmd *c, size_t i)
{
    return i < c->operands.n ? c->operands.items[i] : NULL;
}

bool cmd_json(const struct cmd *c)
{
    const char *output = cmd_value(c, "output");
    return cmd_has(c, "json") || (output && streq(output, "json"));
}
