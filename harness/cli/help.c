#include "cli/text.h"
#include "util/fs.h"

const struct exit_meaning exit_meanings[] = {
    {0, "all well; for `grade`: passed"},
    {1, "not passed: the score is under the pass mark; for `prove`: refuted"},
    {2, "there is nothing to grade or to act on"},
    {3, "warnings only"},
    {4, "something could not be run or judged, which says nothing against the candidate"},
    {64, "the command line is wrong, or names what does not exist"},
    {65, "the scenario is wrong"},
    {69, "a needed service is not there, such as libvirt"},
    {130, "interrupted"},
    {0, NULL},
};

const struct variable variables[] = {
    {"LABRUN_STATE_DIR", "where labs, stages and attempts are kept; /var/lib/labrun if not set"},
    {"LABRUN_SCENARIO_PATH",
        "folders with scenarios, separated by colons; looked at before the installed ones"},
    {"LABRUN_IMAGE_PATH", "folders with image definitions, likewise"},
    {"LABRUN_MIRROR", "Debian mirror for making images, instead of the one that apt uses here"},
    {"NO_COLOR", "when set and not empty: no colours, no animation"},
    {NULL, NULL},
};

char *usage_line(const struct program *p, const struct verb *v)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b, "%s %s", p->name, v->name);
    if (v->options && v->options->name)
        strbuf_adds(&b, " [OPTION...]");
    for (const struct operand_def *d = v->operands; d && d->name; d++) {
        bool optional = d->flags & OPERAND_OPTIONAL, many = d->flags & OPERAND_MANY;
        strbuf_addf(
            &b, " %s%s%s%s", optional ? "[" : "", d->name, many ? "..." : "", optional ? "]" : "");
    }
    if (v->takes_command)
        strbuf_adds(&b, " [-- COMMAND...]");
    return strbuf_steal(&b);
}

/* Two columns: TERM, and at the column AT its meaning. */
static void add_entry(
    struct strbuf *b, const char *term, const char *meaning, size_t at, size_t width)
{
    size_t begin = b->len;
    strbuf_addf(b, "  %s", term);
    size_t used = b->len - begin;
    if (used + 2 > at)
        strbuf_addf(b, "\n%*s", (int)at, "");
    else
        strbuf_addf(b, "%*s", (int)(at - used), "");
    text_wrap(b, meaning, at, at, width);
}

static char *option_term(const struct option_def *d)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    if (d->letter)
        strbuf_addf(&b, "-%c, ", d->letter);
    else
        strbuf_adds(&b, "    ");
    strbuf_addf(&b, "--%s", d->name);
    if (d->value)
        strbuf_addf(&b, " %s", d->value);
    return strbuf_steal(&b);
}

/* "which driver (auto, qemu, lxc)". */
static char *option_meaning(const struct option_def *d)
{
    _strv_ struct strv allowed = STRV_INIT;
    words_allowed(d->words, &allowed);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, d->help);
    for (size_t i = 0; i < allowed.n; i++)
        strbuf_addf(&b, "%s%s%s", i ? ", " : " (", allowed.items[i], i + 1 < allowed.n ? "" : ")");
    return strbuf_steal(&b);
}

static void add_options(
    struct strbuf *b, const char *title, const struct option_def *defs, size_t width)
{
    if (!defs || !defs->name)
        return;
    strbuf_addf(b, "\n%s:\n", title);
    for (; defs->name; defs++) {
        _free_ char *term = option_term(defs);
        _free_ char *meaning = option_meaning(defs);
        add_entry(b, term, meaning, 28, width);
    }
}

/* Paragraphs are filled; what begins with four blanks stays as it is. */
static void add_paragraphs(struct strbuf *b, const char *text, size_t width)
{
    while (*(text += strspn(text, "\n"))) {
        const char *end = strstr(text, "\n\n");
        _free_ char *part = end ? xstrndup(text, (size_t)(end - text)) : xstrdup(text);
        strbuf_adds(b, "\n");
        if (has_prefix(part, "    "))
            strbuf_addf(b, "%s\n", part);
        else
            text_wrap(b, part, 0, 0, width);
        text += strlen(part);
    }
}

char *help_verb(const struct program *p, const struct verb *v, size_t width)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    _free_ char *usage = usage_line(p, v);
    strbuf_addf(&b, "Usage: %s\n\n", usage);
    _free_ char *summary = xasprintf("%s.", v->summary);
    text_wrap(&b, summary, 0, 0, width);
    if (v->help)
        add_paragraphs(&b, v->help, width);
    add_options(&b, "Options", v->options, width);
    add_options(&b, "Options of every command", global_options, width);
    return strbuf_steal(&b);
}

char *help_program(const struct program *p, size_t width)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b, "Usage: %s COMMAND [OPTION...] [ARGUMENT...]\n\n", p->name);
    _free_ char *summary = xasprintf("%s.", p->summary);
    text_wrap(&b, summary, 0, 0, width);
    const char *group = NULL;
    for (size_t i = 0; p->verbs[i]; i++) {
        const struct verb *v = p->verbs[i];
        if (!v->group)
            continue;
        if (!group || !streq(group, v->group))
            strbuf_addf(&b, "\n%s:\n", v->group);
        group = v->group;
        add_entry(&b, v->name, v->summary, 16, width);
    }
    add_options(&b, "Options of every command", global_options, width);
    _free_ char *more = xasprintf(
        "`%1$s help COMMAND` or `man %1$s-COMMAND` says more about a command, `man %1$s` what exit "
        "statuses mean and which variables of the environment count.",
        p->name);
    strbuf_adds(&b, "\n");
    text_wrap(&b, more, 0, 0, width);
    return strbuf_steal(&b);
}
