/* A command line from its first to its last moment. */
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "record/state.h"
#include "util/deadline.h"
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <sys/stat.h>

/* Standard output goes through here, so that no verb can forget to take the live line of progress
 * away: both are most often the same terminal. */
struct results {
    struct progress *progress;
    int errnum; /* of the first write that failed */
};

static ssize_t write_results(void *cookie, const char *p, size_t n)
{
    struct results *r = cookie;
    progress_hide(r->progress);
    for (size_t done = 0; done < n;) {
        ssize_t w = write(STDOUT_FILENO, p + done, n - done);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0) {
            r->errnum = r->errnum ? r->errnum : errno;
            return 0;
        }
        done += (size_t)w;
    }
    return (ssize_t)n;
}

static FILE *open_results(struct results *r)
{
    FILE *f = fopencookie(r, "w", (cookie_io_functions_t){.write = write_results});
    if (!f)
        abort(); /* only for want of memory */
    setvbuf(f, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    return f;
}

/* A reader that has seen enough (`labrun results | head`) is no error. */
static bool close_results(FILE *f, const struct results *r, struct lr_error *err)
{
    bool ok = fclose(f) == 0 && !r->errnum;
    return ok || r->errnum == EPIPE || lr_error_errno(err, r->errnum, "writing to standard output");
}

static void show_help(const struct cmd *c)
{
    size_t width = c->out.width ? c->out.width : 80;
    _free_ char *text =
        c->verb ? help_verb(c->program, c->verb, width) : help_program(c->program, width);
    fputs(text, c->out.file);
}

static bool prepare_state(struct cmd *c, struct lr_error *err)
{
    _free_ char *given = STEAL(c->state_dir);
    return state_resolve(given, &c->state_dir, err);
}

static bool dispatch(struct cmd *c, struct lr_error *err)
{
    if (c->help || (!c->verb && !c->version)) {
        show_help(c);
        c->status = c->help ? 0 : lr_error_exit_status(LR_EUSAGE);
        return true;
    }
    if (c->version) {
        fprintf(c->out.file, "%s %s\n", c->program->name, c->program->version);
        return true;
    }
    return prepare_state(c, err) && c->verb->run(c, err);
}

int cli_run(const struct program *p, int argc, const char *const *argv)
{
    json_object_seed(0); /* before threads */
    /* What nobody else may read is made so by its mode. Nodes and emulators run as other users, and
     * a strict mask would shut them out of the state folder, and images out of themselves. */
    umask(022);
    if (!setlocale(LC_CTYPE, "") || !streq(nl_langinfo(CODESET), "UTF-8"))
        setlocale(LC_CTYPE, "C.UTF-8");
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _cmd_ struct cmd c = {0};
    bool ok = cancel_install(&err) && cmd_parse(p, argc, argv, &c, &err);
    struct results results = {progress_begin(stderr, p->name, c.verbosity, c.no_color), 0};
    FILE *file = open_results(&results);
    c.progress = results.progress;
    c.out = out_for(stdout, c.no_color);
    c.out.file = file;
    ok = ok && dispatch(&c, &err);
    _lr_error_ struct lr_error second = LR_ERROR_INIT;
    ok = close_results(file, &results, ok ? &err : &second) && ok;
    progress_end(results.progress);
    if (ok)
        return c.status;
    print_error(stderr, p->name, &err);
    return lr_error_exit_status(err.code);
}
