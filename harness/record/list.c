#include "record/internal.h"
#include "record/state.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"
#include <ctype.h>

/* Reading many attempts is parsing, which one processor need not do alone. */
#define READERS     4
#define WORTH_BEGIN 64 /* attempts for which another thread pays */

/* Length of the lab's name in an ID; 0 when it is not one. *ret_turn is N of a "-N" at its end. */
static size_t lab_length(const char *id, long *ret_turn)
{
    static const char shape[] = "-dddddddd"
                                "Tdddddd"
                                "Z";
    const size_t n = sizeof shape - 1;
    for (const char *p = id + 1; id[0] && *p; p++) {
        size_t i = 0;
        while (i < n && p[i] && (shape[i] == 'd' ? isdigit((unsigned char)p[i]) : p[i] == shape[i]))
            i++;
        if (i < n)
            continue;
        char *end = NULL;
        *ret_turn = p[n] == '-' ? strtol(p + n + 1, &end, 10) : 1;
        if (p[n] == '\0' || (end && *end == '\0' && *ret_turn > 1))
            return (size_t)(p - id);
    }
    return 0;
}

bool attempt_ids(const char *state, struct strv *ret, struct lr_error *err)
{
    _free_ char *dir = state_path(state, STATE_ATTEMPTS, NULL);
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(dir, &names, err))
        return lr_error_hint(err, "the records belong to whoever started the labs: be that user");
    struct strv ids = STRV_INIT;
    for (size_t i = 0; i < names.n; i++) {
        long turn;
        if (lab_length(names.items[i], &turn))
            strv_add(&ids, names.items[i]);
    }
    *ret = ids;
    return true;
}

bool attempt_forget_bare(const char *state, const char *lab, struct lr_error *err)
{
    _strv_ struct strv ids = STRV_INIT;
    size_t n = strlen(lab);
    if (!attempt_ids(state, &ids, err))
        return false;
    for (size_t i = 0; i < ids.n; i++) {
        long turn;
        if (lab_length(ids.items[i], &turn) != n || strncmp(ids.items[i], lab, n) != 0)
            continue;
        _free_ char *dir = state_path(state, STATE_ATTEMPTS, ids.items[i]);
        _free_ char *file = path_join(dir, "attempt.json");
        if (!path_exists(file) && !tree_remove(dir, err))
            return false;
    }
    return true;
}

bool attempt_open(const char *state, const char *id, struct attempt **ret, struct lr_error *err)
{
    _free_ char *dir = state_path(state, STATE_ATTEMPTS, id);
    _free_ char *file = path_join(dir, "attempt.json");
    if (!state_name_ok(id) || !path_exists(file))
        return lr_error_set(err, LR_EUSAGE, "there is no attempt '%s'", id);
    return attempt_load(dir, ret, err);
}

/* The newest attempt of a lab. Names of one length sort by time; "-N" decides within a second. */
static const char *newest_of_lab(const struct strv *ids, const char *lab)
{
    const char *best = NULL;
    long best_turn = 0;
    size_t n = strlen(lab);
    for (size_t i = 0; i < ids->n; i++) {
        const char *id = ids->items[i];
        long turn;
        if (lab_length(id, &turn) != n || strncmp(id, lab, n) != 0)
            continue;
        int order = best ? strncmp(id, best, n + strlen("-20261124T132512Z")) : 1;
        if (order > 0 || (order == 0 && turn > best_turn)) {
            best = id;
            best_turn = turn;
        }
    }
    return best;
}

static bool by_beginning(
    const struct strv *ids, const char *ref, const char **ret, struct lr_error *err)
{
    const char *found = NULL;
    for (size_t i = 0; i < ids->n; i++) {
        if (!has_prefix(ids->items[i], ref))
            continue;
        if (found) {
            lr_error_set(
                err, LR_EUSAGE, "'%s' may be attempt '%s' or '%s'", ref, found, ids->items[i]);
            return lr_error_hint(err, "name it in full; `labrun results` lists them");
        }
        found = ids->items[i];
    }
    *ret = found;
    return true;
}

bool attempt_find(const char *state, const char *ref, struct attempt **ret, struct lr_error *err)
{
    _strv_ struct strv ids = STRV_INIT;
    if (!attempt_ids(state, &ids, err))
        return false;
    const char *id = strv_contains(&ids, ref) ? ref : newest_of_lab(&ids, ref);
    if (!id && *ref && !by_beginning(&ids, ref, &id, err))
        return false;
    if (id)
        return attempt_open(state, id, ret, err);
    lr_error_set(err, LR_EUSAGE, "there is no attempt and no lab '%s'", ref);
    const char *close = closest_word(ref, (const char *const *)ids.items, ids.n);
    return close ? lr_error_hint(err, "did you mean '%s'?", close)
                 : lr_error_hint(err, "`labrun results` lists all attempts");
}

static int by_start(const void *pa, const void *pb)
{
    const struct attempt *a = *(struct attempt *const *)pa, *b = *(struct attempt *const *)pb;
    if (a->started_wall_ms != b->started_wall_ms)
        return a->started_wall_ms < b->started_wall_ms ? -1 : 1;
    return strcmp(a->id, b->id);
}

struct reading {
    const char *state;
    const struct strv *ids;
    struct attempt **found; /* one an ID; NULL: cannot be read */
};

static bool read_one(size_t i, void *data, struct lr_error *err)
{
    struct reading *r = data;
    (void)err;
    _lr_error_ struct lr_error why = LR_ERROR_INIT;
    _free_ char *dir = state_path(r->state, STATE_ATTEMPTS, r->ids->items[i]);
    _free_ char *file = path_join(dir, "attempt.json");
    /* No attempt.json: it is being made this instant, or its maker was killed. */
    if (!attempt_load(dir, &r->found[i], &why) && path_exists(file))
        log_warning("attempt '%s' cannot be read: %s", r->ids->items[i], why.message);
    return true;
}

bool attempt_list(const char *state, struct attempts *ret, struct lr_error *err)
{
    _strv_ struct strv ids = STRV_INIT;
    if (!attempt_ids(state, &ids, err))
        return false;
    struct attempts list = {xcalloc(ids.n, sizeof(struct attempt *)), 0};
    struct reading r = {state, &ids, list.items};
    if (!parallel_run_few(ids.n, ids.n > WORTH_BEGIN ? READERS : 1, read_one, &r, err)) {
        free(list.items);
        return false;
    }
    for (size_t i = 0; i < ids.n; i++)
        if (list.items[i])
            list.items[list.n++] = list.items[i];
    if (list.n)
        qsort(list.items, list.n, sizeof list.items[0], by_start);
    *ret = list;
    return true;
}

void attempts_free(struct attempts *list)
{
    for (size_t i = 0; i < list->n; i++)
        attempt_free(list->items[i]);
    free(list->items);
    *list = (struct attempts){NULL, 0};
}
