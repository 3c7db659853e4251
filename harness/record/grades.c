/* attempt.json is rewritten by whoever closes or grades; they hold ID/lock meanwhile and read the
 * file anew first. A grade is kept in three steps (grades/NNNN.json, score.json, attempt.json), and
 * each such writer first completes what a killed one left half done. */
#include "record/internal.h"
#include "util/fs.h"

#define SCORE_CAP (8UL << 20)

static char *grade_path(const struct attempt *a, int64_t number)
{
    return xasprintf("%s/grades/%04lld.json", a->dir, (long long)number);
}

/* The highest NNNN of grades/NNNN.json; what a killed writer left has another name. */
static bool last_grade(const struct attempt *a, int64_t *ret, struct lr_error *err)
{
    _free_ char *dir = path_join(a->dir, "grades");
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(dir, &names, err))
        return false;
    *ret = 0;
    for (size_t i = 0; i < names.n; i++) {
        char *end;
        long long n = strtoll(names.items[i], &end, 10);
        if (end != names.items[i] && streq(end, ".json") && n > *ret)
            *ret = n;
    }
    return true;
}

static bool adopt_grade(
    struct attempt *a, const json_t *score, int64_t number, struct lr_error *err)
{
    _free_ char *path = path_join(a->dir, "score.json");
    if (!write_json(path, score, err))
        return false;
    attempt_read_summary(a, score);
    a->n_grades = number;
    return attempt_save(a, err);
}

bool attempt_begin_change(struct attempt *a, int *ret_lock, struct lr_error *err)
{
    _free_ char *path = path_join(a->dir, "lock");
    _close_ int lock = -1;
    struct attempt *fresh = NULL;
    if (!file_lock(path, true, &lock, err) || !attempt_load(a->dir, &fresh, err))
        return false;
    struct attempt stale = *a;
    *a = *fresh;
    *fresh = stale;
    attempt_free(fresh);
    int64_t number;
    if (!last_grade(a, &number, err))
        return false;
    if (number > a->n_grades) {
        _free_ char *grade = grade_path(a, number);
        _json_ json_t *score = NULL;
        if (!read_json(grade, SCORE_CAP, &score, err) || !adopt_grade(a, score, number, err))
            return false;
    }
    *ret_lock = steal_fd(&lock);
    return true;
}

bool attempt_save_grade(
    struct attempt *a, const json_t *score, int64_t *ret_number, struct lr_error *err)
{
    _close_ int lock = -1;
    if (!attempt_begin_change(a, &lock, err))
        return lr_error_prefix(err, "keeping the grade");
    if (a->state != ATTEMPT_OPEN)
        return lr_error_set(err, LR_ENOTHING, "attempt '%s' is closed", a->id);
    int64_t number = a->n_grades + 1;
    _free_ char *path = grade_path(a, number);
    if (!write_json(path, score, err) || !adopt_grade(a, score, number, err))
        return lr_error_prefix(err, "keeping the grade");
    _json_ json_t *data = json_pack("{sI sf sf sf sb}", "number", (json_int_t)number, "score",
        a->score, "max", a->max, "percent", a->percent, "passed", (int)a->passed);
    if (!attempt_event(a, "grade", data, err))
        return lr_error_prefix(err, "keeping the grade");
    if (ret_number)
        *ret_number = number;
    return true;
}

bool attempt_score(struct attempt *a, json_t **ret, struct lr_error *err)
{
    _free_ char *path = path_join(a->dir, "score.json");
    if (!path_exists(path))
        return lr_error_set(err, LR_ENOTHING, "attempt '%s' has not been graded", a->id);
    return read_json(path, SCORE_CAP, ret, err);
}

bool attempt_grade(struct attempt *a, int64_t number, json_t **ret, struct lr_error *err)
{
    _free_ char *path = grade_path(a, number);
    if (path_exists(path))
        return read_json(path, SCORE_CAP, ret, err);
    lr_error_set(err, LR_ENOTHING, "attempt '%s' has no grade %lld", a->id, (long long)number);
    return lr_error_hint(err, "there are %lld", (long long)a->n_grades);
}
