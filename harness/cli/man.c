/* Man pages from the table of verbs. Text goes through add_roff(), so that nothing in it is taken
 * for a request or a special character. */
#include "cli/text.h"
#include <ctype.h>

static void add_roff(struct strbuf *b, const char *s)
{
    bool line_start = true;
    for (; *s; s++) {
        if (line_start && (*s == '.' || *s == '\''))
            strbuf_adds(b, "\\&");
        line_start = *s == '\n';
        if (*s == '\\')
            strbuf_adds(b, "\\e");
        else if (*s == '-')
            strbuf_adds(b, "\\-");
        else if (*s == '\'')
            strbuf_adds(b, "\\(aq");
        else if (*s == '`')
            strbuf_adds(b, "\\(ga");
        else
            strbuf_add(b, s, 1);
    }
}

/* `code` in running text becomes bold. */
static void add_running(struct strbuf *b, const char *s)
{
    bool bold = false;
    while (*s) {
        size_t n = strcspn(s, "`");
        _free_ char *part = xstrndup(s, n);
        add_roff(b, part);
        s += n;
        if (*s == '`') {
            bold = !bold;
            strbuf_adds(b, bold ? "\\fB" : "\\fR");
            s++;
        }
    }
    strbuf_adds(b, bold ? "\\fR\n" : "\n");
}

static void add_paragraphs(struct strbuf *b, const char *text)
{
    while (*(text += strspn(text, "\n"))) {
        const char *end = strstr(text, "\n\n");
        _free_ char *part = end ? xstrndup(text, (size_t)(end - text)) : xstrdup(text);
        bool verbatim = has_prefix(part, "    ");
        strbuf_adds(b, verbatim ? ".PP\n.nf\n.RS 0\n" : ".PP\n");
        if (verbatim)
            add_roff(b, part);
        else
            add_running(b, part);
        if (verbatim)
            strbuf_adds(b, "\n.RE\n.fi\n");
        text += strlen(part);
    }
}

static void add_header(
    struct strbuf *b, const struct program *p, const char *page, const char *summary)
{
    _free_ char *upper = xstrdup(page);
    for (char *s = upper; *s; s++)
        *s = (char)toupper((unsigned char)*s);
    strbuf_adds(b, ".TH ");
    add_roff(b, upper);
    strbuf_addf(
        b, " 1 \"\" \"%s %s\" \"%s manual\"\n.nh\n.ad l\n.SH NAME\n", p->name, p->version, p->name);
    add_roff(b, page);
    strbuf_adds(b, " \\- ");
    add_roff(b, summary);
    strbuf_adds(b, "\n");
}

static void add_options(struct strbuf *b, const struct option_def *defs)
{
    for (; defs && defs->name; defs++) {
        strbuf_adds(b, ".TP\n");
        if (defs->letter)
            strbuf_addf(b, "\\fB\\-%c\\fR, ", defs->letter);
        strbuf_adds(b, "\\fB\\-\\-");
        add_roff(b, defs->name);
        strbuf_adds(b, "\\fR");
        if (defs->value)
            strbuf_addf(b, " \\fI%s\\fR", defs->value);
        strbuf_adds(b, "\n");
        _strv_ struct strv allowed = STRV_INIT;
        words_allowed(defs->words, &allowed);
        _strbuf_ struct strbuf text = STRBUF_INIT;
        strbuf_adds(&text, defs->help);
        for (size_t i = 0; i < allowed.n; i++)
            strbuf_addf(&text, "%s`%s`", i ? ", " : "; one of ", allowed.items[i]);
        strbuf_adds(&text, ".");
        add_running(b, text.data);
    }
}

/* HELP: what the page has said before; it may say what the exit status means there. */
static void add_tail(struct strbuf *b, const char *help)
{
    strbuf_adds(b, ".SH EXIT STATUS\n");
    if (help && strstr(help, "xit status"))
        add_running(b, "As said above; of what every command may end with:");
    for (const struct exit_meaning *e = exit_meanings; e->meaning; e++) {
        strbuf_addf(b, ".TP\n\\fB%d\\fR\n", e->status);
        add_running(b, e->meaning);
    }
    strbuf_adds(b, ".SH ENVIRONMENT\n");
    for (const struct variable *v = variables; v->name; v++) {
        strbuf_addf(b, ".TP\n\\fB%s\\fR\n", v->name);
        add_running(b, v->meaning);
    }
}

char *man_verb(const struct program *p, const struct verb *v)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    _free_ char *page = xasprintf("%s-%s", p->name, v->name);
    _free_ char *usage = usage_line(p, v);
    add_header(&b, p, page, v->summary);
    strbuf_adds(&b, ".SH SYNOPSIS\n");
    add_roff(&b, usage);
    strbuf_adds(&b, "\n");
    if (v->help) {
        strbuf_adds(&b, ".SH DESCRIPTION\n");
        add_paragraphs(&b, v->help);
    }
    strbuf_adds(&b, ".SH OPTIONS\n");
    add_options(&b, v->options);
    add_options(&b, global_options);
    add_tail(&b, v->help);
    strbuf_addf(&b, ".SH SEE ALSO\n\\fB%s\\fR(1)\n", p->name);
    return strbuf_steal(&b);
}

char *man_program(const struct program *p)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    add_header(&b, p, p->name, p->summary);
    strbuf_adds(&b, ".SH SYNOPSIS\n");
    strbuf_addf(&b, "%s \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n", p->name);
    strbuf_adds(&b, ".SH COMMANDS\n");
    const char *group = NULL;
    for (size_t i = 0; p->verbs[i]; i++) {
        const struct verb *v = p->verbs[i];
        if (!v->group)
            continue;
        if (!group || !streq(group, v->group))
            strbuf_addf(&b, ".SS %s\n", v->group);
        group = v->group;
        strbuf_addf(&b, ".TP\n\\fB%s\\-", p->name);
        add_roff(&b, v->name);
        strbuf_adds(&b, "\\fR(1)\n");
        add_running(&b, v->summary);
    }
    strbuf_adds(&b, ".SH OPTIONS OF EVERY COMMAND\n");
    add_options(&b, global_options);
    add_tail(&b, NULL);
    return strbuf_steal(&b);
}
