#include "scenario/scripts.h"
#include "scenario/model.h"
#include "util/fs.h"
#include <errno.h>
#include <sys/stat.h>

const struct script *scripts_find(const struct scripts *s, const char *path)
{
    for (size_t i = 0; i < s->n; i++)
        if (streq(s->items[i].path, path))
            return &s->items[i];
    return NULL;
}

bool scripts_get(
    struct scripts *s, const char *path, const struct script **ret, struct lr_error *err)
{
    *ret = scripts_find(s, path);
    if (*ret)
        return true;
    struct stat st;
    _free_ char *text = NULL;
    size_t len;
    if (lstat(path, &st) < 0)
        return lr_error_errno(err, errno, "looking at '%s'", path);
    if (!S_ISREG(st.st_mode))
        return lr_error_set(err, LR_ESCENARIO, "'%s' is not a plain file", path);
    if (!file_read(path, SCENARIO_MAX_SCRIPT, &text, &len, err))
        return false;
    struct script *item = array_append(s->items, s->n);
    *item = (struct script){xstrdup(path), STEAL(text), len, st.st_mode & S_IXUSR};
    *ret = item;
    return true;
}

void scripts_free(struct scripts *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->items[i].path);
        free(s->items[i].text);
    }
    free(s->items);
    *s = (struct scripts){0};
}
