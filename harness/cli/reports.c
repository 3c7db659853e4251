#include "cli/reports.h"
#include "record/attempt.h"
#include "util/fs.h"
#include <errno.h>

static char *to_json(const struct score_report *r)
{
    _json_ json_t *j = score_to_json(r);
    _free_ char *text = json_dumps(j, JSON_INDENT(2));
    return xasprintf("%s\n", text);
}

/* For a file: no colours, and lines as long as they are. */
static char *to_text(const struct score_report *r)
{
    return report_text(r, &(struct text_opts){.evidence = true});
}

/* A reader of TAP that starts this program says what it can read; perl's up to 5.38 knows 13. */
static char *to_tap(const struct score_report *r)
{
    const char *asked = getenv("TAP_VERSION");
    return report_tap(r, asked && streq(asked, "13") ? 13 : 14);
}

/* The forms that can be written to a file. */
static const struct {
    const char *option;
    char *(*render)(const struct score_report *r);
} forms[] = {{"json", to_json}, {"junit", report_junit}, {"html", report_html}, {"text", to_text}};

bool reports_have_files(const struct cmd *c, struct lr_error *err)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms && !cmd_operand(c, 0); i++) {
        const char *path = cmd_value(c, forms[i].option);
        _lr_error_ struct lr_error none = LR_ERROR_INIT;
        _attempt_ struct attempt *a = NULL;
        if (!path || !attempt_find(c->state_dir, path, &a, &none) ||
            (!streq(path, a->lab) && !streq(path, a->id)))
            continue;
        lr_error_set(err, LR_EUSAGE, "--%s takes a file, and '%s' is %s", forms[i].option, path,
            streq(path, a->lab) ? "a lab" : "an attempt");
        return lr_error_hint(
            err, "`--%1$s - %2$s` prints it, `--%1$s FILE %2$s` writes it", forms[i].option, path);
    }
    return true;
}

bool form_write(const struct cmd *c, const char *path, const char *text, bool *ret_printed,
    struct lr_error *err)
{
    if (!streq(path, "-"))
        return file_write_for_user(path, text, strlen(text), 0644, err);
    if (fputs(text, c->out.file) == EOF)
        return lr_error_errno(err, errno, "writing to standard output");
    *ret_printed = true;
    return true;
}

bool reports_emit(
    const struct cmd *c, const struct score_report *r, const char *folder, struct lr_error *err)
{
    bool printed = false;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *path = cmd_value(c, forms[i].option);
        if (!path)
            continue;
        _free_ char *text = forms[i].render(r);
        if (!form_write(c, path, text, &printed, err))
            return false;
    }
    if (printed)
        return true;
    struct text_opts opts = {.colour = c->out.color,
        .evidence = cmd_has(c, "evidence"),
        .width = (int)c->out.width,
        .folder = folder};
    const char *format = cmd_value(c, "output");
    _free_ char *text = cmd_has(c, "tap") ? to_tap(r)
        : format && streq(format, "json") ? to_json(r)
                                          : report_text(r, &opts);
    fputs(text, c->out.file);
    return true;
}
