#include "graders/probes/jsonpath.h"
#include "util/mem.h"
#include <limits.h>

struct step {
    const char *key; /* NULL: an index */
    size_t key_len;
    long index;
};

/* Reads one step at *P and moves on. False at what is not a step. */
static bool next_step(const char **p, struct step *ret)
{
    const char *s = *p;
    *ret = (struct step){NULL, 0, 0};
    if (*s == '[') {
        char *end;
        if (s[1] != '-' && (s[1] < '0' || s[1] > '9'))
            return false;
        ret->index = strtol(s + 1, &end, 10);
        if (end == s + 1 || *end != ']' || ret->index == LONG_MAX || ret->index == LONG_MIN)
            return false;
        *p = end + 1;
        return true;
    }
    if (*s != '.')
        return false;
    s++;
    if (*s == '"') {
        const char *end = strchr(s + 1, '"');
        if (!end)
            return false;
        ret->key = s + 1;
        ret->key_len = (size_t)(end - s - 1);
        *p = end + 1;
        return true;
    }
    ret->key = s;
    ret->key_len = strcspn(s, ".[]\"");
    *p = s + ret->key_len;
    return ret->key_len > 0;
}

bool json_path_valid(const char *path)
{
    if (streq(path, "."))
        return true;
    struct step step;
    const char *p = path;
    while (*p)
        if (!next_step(&p, &step))
            return false;
    return p != path;
}

static json_t *take(json_t *j, const struct step *step)
{
    if (step->key) {
        _free_ char *key = xstrndup(step->key, step->key_len);
        return json_object_get(j, key);
    }
    if (step->index >= 0)
        return json_array_get(j, (size_t)step->index);
    size_t n = json_array_size(j), back = (size_t) - (step->index + 1) + 1;
    return back <= n ? json_array_get(j, n - back) : NULL;
}

json_t *json_path_get(json_t *root, const char *path)
{
    if (streq(path, "."))
        return root;
    struct step step;
    const char *p = path;
    json_t *j = root;
    while (*p && j) {
        if (!next_step(&p, &step))
            return NULL;
        j = take(j, &step);
    }
    return j;
}
