/* The files beside scenario.yaml that it speaks of. */
#include "scenario/load.h"
#include "scenario/scalars.h"
#include "util/fs.h"
#include <errno.h>
#include <sys/stat.h>

/* What is wrong with a file that a scenario needs, or NULL. Links are not followed: a scenario is
 * what its folder holds, and its digest covers no more. */
static const char *file_error(const struct stat *st, bool executable)
{
    if (S_ISLNK(st->st_mode))
        return "is a symbolic link: use a plain file";
    if (!S_ISREG(st->st_mode))
        return "is not a file";
    if (st->st_size == 0)
        return "is empty";
    if ((uint64_t)st->st_size > SCENARIO_MAX_SCRIPT)
        return "is larger than 1 MiB";
    if (executable && !(st->st_mode & S_IXUSR))
        return "is not executable: chmod +x it";
    return NULL;
}

/* What is wrong with a script's first line, or NULL. */
static const char *interpreter_error(const char *text, size_t len)
{
    const char *end = memchr(text, '\n', len);
    size_t line = end ? (size_t)(end - text) : len;
    if (len < 3 || memcmp(text, "#!/", 3) != 0)
        return "does not begin with its interpreter, such as #!/bin/sh";
    if (memchr(text, '\r', line))
        return "has CR LF at the ends of its lines: the kernel would look for an interpreter whose "
               "name ends in CR";
    return NULL;
}

/* The script in this file; what is wrong with it is returned, or NULL. */
static const char *read_file(struct scripts *s, const char *path, const struct script **ret)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT || errno == ENOTDIR ? "does not exist" : "cannot be looked at";
    const char *why = file_error(&st, true);
    if (why)
        return why;
    return scripts_get(s, path, ret, &err) ? NULL : "cannot be read";
}

bool scenario_check_script(
    struct reader *r, const struct value *v, const struct scenario *sc, char **ret_text)
{
    if (ret_text)
        *ret_text = NULL;
    if (v->type != VALUE_SCALAR || !is_path(v->text) || !sc->dir || is_of_missing_kit(sc, v->text))
        return false;
    _free_ char *path = scenario_path(sc, v->text);
    _scripts_ struct scripts own = {0};
    struct scripts *scripts = sc->scripts ? sc->scripts : &own;
    const struct script *script = scripts_find(scripts, path);
    const char *why = script ? NULL : read_file(scripts, path, &script);
    if (!why)
        why = interpreter_error(script->text, script->len);
    if (why) {
        problems_add(r->problems, v, "script '%s' %s", v->text, why);
        return false;
    }
    check_script_parameters(r, v, sc, script->text, script->len);
    if (ret_text)
        *ret_text = xstrdup(script->text);
    return true;
}

static char *briefing_path(const struct scenario *sc)
{
    return path_join(sc->dir, "briefing.md");
}

void check_briefing(struct reader *r, const struct scenario *sc)
{
    _free_ char *path = briefing_path(sc);
    struct stat st;
    const char *why = lstat(path, &st) < 0 ? "is missing" : file_error(&st, false);
    if (why)
        problems_add(r->problems, NULL, "briefing.md, the candidate's task, %s", why);
}

/* A briefing that cannot be read has been told of by check_briefing(). */
void check_briefing_text(struct reader *r, const struct scenario *sc)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *path = briefing_path(sc);
    _free_ char *text = NULL, *expanded = NULL, *why = NULL;
    int line;
    if (file_read(path, SCENARIO_MAX_SCRIPT, &text, NULL, &err) &&
        !text_expand(sc, text, &expanded, &line, &why))
        problems_add(r->problems, NULL, "briefing.md, line %d: %s", line, why);
}

bool scenario_briefing(const struct scenario *sc, char **ret, struct lr_error *err)
{
    _free_ char *path = briefing_path(sc);
    _free_ char *text = NULL, *why = NULL;
    int line;
    if (!file_read(path, SCENARIO_MAX_SCRIPT, &text, NULL, err))
        return false;
    return text_expand(sc, text, ret, &line, &why) ||
        lr_error_set(err, LR_ESCENARIO, "%s:%d: %s", path, line, why);
}
