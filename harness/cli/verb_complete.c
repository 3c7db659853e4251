/* What may stand at the end of a command line that is being typed: one word a line, or ":file" and
 * ":dir" where the shell knows better. Nothing at all when nothing fits; never an error. */
#include "cli/lookup.h"
#include "cli/verbs.h"

struct typed {
    const struct program *program;
    const char *state_dir;
    const struct verb *verb;              /* NULL until one was typed */
    const struct option_def *wants_value; /* the last word is this option's value */
    struct strv operands;                 /* complete ones */
    bool ended;                           /* by "--": what follows is a command or operands */
};

static const struct option_def *option_of(const struct verb *v, const char *word)
{
    const struct option_def *lists[] = {v ? v->options : NULL, global_options};
    for (size_t i = 0; i < 2; i++)
        for (const struct option_def *d = lists[i]; d && d->name; d++)
            if ((word[1] == '-' && streq(word + 2, d->name)) ||
                (word[1] == d->letter && word[1] && !word[2]))
                return d;
    return NULL;
}

/* bash gives "--opt=val" as three words, zsh as one: both become two here. */
static void split_words(const struct strv *words, struct strv *ret)
{
    for (size_t i = 0; i < words->n; i++) {
        const char *w = words->items[i], *equals = strchr(w, '=');
        bool after_option = ret->n && has_prefix(ret->items[ret->n - 1], "--");
        if (streq(w, "=") && after_option) {
            if (i + 1 == words->n)
                strv_add(ret, "");
        } else if (has_prefix(w, "--") && equals) {
            _free_ char *name = xstrndup(w, (size_t)(equals - w));
            strv_add(ret, name);
            strv_add(ret, equals + 1);
        } else {
            strv_add(ret, w);
        }
    }
}

/* Reads all words but the last, which is still being typed. False: no command is called that. */
static bool read_words(struct typed *t, const struct strv *words)
{
    for (size_t i = 0; i + 1 < words->n; i++) {
        const char *w = words->items[i];
        if (streq(w, "--")) {
            t->ended = true;
        } else if (w[0] == '-' && w[1] && !t->ended) {
            const struct option_def *d = option_of(t->verb, w);
            if (!d || !d->value)
                continue;
            if (i + 2 == words->n)
                t->wants_value = d;
            else if (streq(d->name, "state-dir"))
                t->state_dir = words->items[i + 1];
            i++;
        } else if (!t->verb) {
            t->verb = verb_by_name(t->program, w);
            if (!t->verb)
                return false;
        } else {
            strv_add(&t->operands, w);
        }
    }
    return true;
}

static void add_nodes(const struct typed *t, struct strv *ret)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _lab_ struct lab *lab = NULL;
    const char *name = t->operands.n ? t->operands.items[0] : NULL;
    if (!lab_find(t->state_dir, name, &lab, &err))
        return;
    for (size_t i = 0; i < lab->plan->n_nodes; i++)
        if (!lab->plan->nodes[i].witness)
            strv_add(ret, lab->plan->nodes[i].name);
}

static void add_kind(const struct typed *t, const char *kind, struct strv *ret)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv names = STRV_INIT;
    if (streq(kind, "file") || streq(kind, "dir")) {
        strv_addf(ret, ":%s", kind);
    } else if (streq(kind, "node")) {
        add_nodes(t, ret);
    } else if (streq(kind, "verb")) {
        for (size_t i = 0; t->program->verbs[i]; i++)
            if (t->program->verbs[i]->group)
                strv_add(ret, t->program->verbs[i]->name);
    } else if (streq(kind, "scenario") && scenario_list(&names, &err)) {
        for (size_t i = 0; i < names.n; i++)
            strv_addf(ret, "scenario/%s", strrchr(names.items[i], '/') + 1);
    } else if (streq(kind, "lab") && labs_list(t->state_dir, false, &names, &err)) {
        for (size_t i = 0; i < names.n; i++)
            strv_add(ret, names.items[i]);
    } else if (streq(kind, "attempt") && attempt_ids(t->state_dir, &names, &err)) {
        add_kind(t, "lab", ret); /* stands for its attempt */
        for (size_t i = 0; i < names.n; i++)
            strv_add(ret, names.items[i]);
    }
}

static void add_words(const struct typed *t, const char *words, struct strv *ret)
{
    if (!words)
        return;
    if (strchr(words, '|'))
        words_allowed(words, ret);
    else
        add_kind(t, words, ret);
}

static void add_options(const struct typed *t, struct strv *ret)
{
    const struct option_def *lists[] = {t->verb ? t->verb->options : NULL, global_options};
    for (size_t i = 0; i < 2; i++)
        for (const struct option_def *d = lists[i]; d && d->name; d++)
            strv_addf(ret, "--%s", d->name);
}

static void add_operand(const struct typed *t, struct strv *ret)
{
    const struct operand_def *d = t->verb->operands;
    for (size_t i = 0; d && d->name && i < t->operands.n; i++)
        if (!(d->flags & OPERAND_MANY))
            d++;
    if (d && d->name)
        add_words(t, d->words, ret);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    (void)err;
    struct typed t = {.program = c->program, .state_dir = c->state_dir};
    _strv_ struct strv words = STRV_INIT, found = STRV_INIT;
    split_words(&c->command, &words);
    bool known = read_words(&t, &words);
    const char *last = words.n ? words.items[words.n - 1] : "";
    if (!known || (t.ended && t.verb && t.verb->takes_command))
        ; /* nothing fits; the node's own commands are not ours to know */
    else if (t.wants_value)
        add_words(&t, t.wants_value->words, &found);
    else if (last[0] == '-' && !t.ended)
        add_options(&t, &found);
    else if (!t.verb)
        add_kind(&t, "verb", &found);
    else
        add_operand(&t, &found);
    for (size_t i = 0; i < found.n; i++)
        fprintf(c->out.file, "%s\n", found.items[i]);
    strv_free(&t.operands);
    return true;
}

const struct verb verb_complete = {
    .name = "__complete",
    .summary = "words for completion",
    .takes_command = true,
    .run = run,
};
