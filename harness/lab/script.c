#include "lab/script.h"
#include "transport/quote.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>

#define SCRIPT_CAP ((size_t)1 << 20)

/* The script comes in on stdin and is a file only while it runs; its own stdin is empty, so that
 * nothing in it waits for a terminal. */
static const char launcher[] =
    "d=$(mktemp -d /run/labrun.XXXXXX) || exit 70; trap 'rm -rf \"$d\"' EXIT; "
    "cat >\"$d/script\" && chmod 700 \"$d/script\" || exit 70; cd /; "
    "env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "
    "LC_ALL=C.UTF-8 \"$@\" \"$d/script\" </dev/null";

static char *command_of(const struct lab *lab, const struct scenario *sc, const struct step *step,
    int patience, const char *text, size_t len)
{
    _strv_ struct strv argv = STRV_INIT;
    strv_add(&argv, "sh");
    strv_add(&argv, "-c");
    strv_add(&argv, launcher);
    strv_add(&argv, "labrun");
    strv_addf(&argv, "LABRUN_NODE=%s", sc->nodes[step->node].name);
    strv_addf(&argv, "LABRUN_SCENARIO=%s", sc->name);
    strv_addf(&argv, "LABRUN_DRIVER=%s", lab->driver);
    strv_addf(&argv, "LABRUN_PATIENCE=%d", patience);
    scenario_script_parameters(sc, text, len, &argv);
    return quote_argv((const char *const *)argv.items);
}

struct sink {
    FILE *log;
    pthread_mutex_t lock;
    const char *node;
    char *last[8]; /* ring of the last lines, for the error */
    size_t n;
};

static void on_line(const char *line, void *data)
{
    struct sink *s = data;
    pthread_mutex_lock(&s->lock);
    fprintf(s->log, "%s: %s\n", s->node, line);
    free(s->last[s->n % 8]);
    s->last[s->n++ % 8] = xstrdup(line);
    pthread_mutex_unlock(&s->lock);
    log_debug("%s: %s", s->node, line);
}

static char *tail(struct sink *s)
{
    struct strbuf b = STRBUF_INIT;
    for (size_t i = s->n > 8 ? s->n - 8 : 0; i < s->n; i++)
        strbuf_addf(&b, "\n    %s", s->last[i % 8]);
    return strbuf_steal(&b);
}

static void sink_end(struct sink *s)
{
    for (size_t i = 0; i < 8; i++)
        free(s->last[i]);
    pthread_mutex_destroy(&s->lock);
    if (s->log)
        fclose(s->log);
}

static bool judge(const struct run_result *r, struct sink *s, const struct step *step,
    const char *log_path, struct lr_error *err)
{
    if (r->end == RUN_EXITED && r->status == 0)
        return true;
    _free_ char *how = run_result_describe(r);
    _free_ char *lines = tail(s);
    lr_error_set(err, r->end == RUN_TIMED_OUT ? LR_ETIMEOUT : LR_EINFRA,
        "script '%s' on node '%s': %s%s%s", step->script, s->node, how,
        s->n ? "; its last lines:" : "", lines);
    return lr_error_hint(err, "the whole output is in %s", log_path);
}

bool script_run(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct step *step, const char *log_path, bool *ret_ended, struct lr_error *err)
{
    _free_ char *path = scenario_path(sc, step->script);
    _free_ char *text = NULL;
    size_t len;
    if (ret_ended)
        *ret_ended = false;
    if (!file_read(path, SCRIPT_CAP, &text, &len, err))
        return false;
    struct deadline d = deadline_in(step->timeout_ms * nodes_patience(n));
    struct client *c;
    if (!nodes_get(n, step->node, d, &c, err))
        return false;
    _cleanup_(sink_end) struct sink s = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .node = sc->nodes[step->node].name};
    s.log = fopen(log_path, "ae");
    if (!s.log)
        return lr_error_errno(err, errno, "opening log '%s'", log_path);
    fprintf(s.log, "== %s: %s\n", s.node, step->script);
    _free_ char *command = command_of(lab, sc, step, nodes_patience(n), text, len);
    struct run_request req = {.command = command,
        .input = text,
        .input_len = len,
        .deadline = d,
        .on_line = on_line,
        .data = &s};
    _run_result_ struct run_result r = {0};
    bool ran = client_run(c, &req, &r, err);
    if (ret_ended)
        *ret_ended = ran && r.end == RUN_EXITED;
    return ran && judge(&r, &s, step, log_path, err);
}

bool script_run_all(struct nodes *n, const struct lab *lab, const struct scenario *sc,
    const struct steps *steps, bool told, const char *log_path, struct lr_error *err)
{
    void (*say)(const char *fmt, ...) = told ? log_info : log_debug;
    for (size_t i = 0; i < steps->n; i++) {
        say("%s on %s (%zu of %zu)", steps->items[i].script, sc->nodes[steps->items[i].node].name,
            i + 1, steps->n);
        if (!script_run(n, lab, sc, &steps->items[i], log_path, NULL, err))
            return false;
    }
    return true;
}
