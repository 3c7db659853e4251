#include "lab/lab.h"
#include "record/state.h"
#include "util/fs.h"
#include "util/log.h"
#include <errno.h>

#define LAB_FILE_CAP     ((size_t)4 << 20)
#define LOCK_PATIENCE_MS 2000
#define LOCK_RETRY_MS    50

static const char *const state_names[] = {
    [LAB_BUILDING] = "building",
    [LAB_STARTING] = "starting",
    [LAB_RUNNING] = "running",
    [LAB_RESETTING] = "resetting",
    [LAB_STOPPING] = "stopping",
};

const char *lab_state_name(enum lab_state s)
{
    return state_names[s];
}

static bool state_by_name(const char *name, enum lab_state *ret)
{
    for (size_t i = 0; name && i < sizeof state_names / sizeof *state_names; i++) {
        if (!streq(state_names[i], name))
            continue;
        *ret = (enum lab_state)i;
        return true;
    }
    return false;
}

static char *lab_dir(const char *state_dir, const char *name)
{
    return xasprintf("%s/labs/%s", state_dir, name);
}

bool lab_has_file(const char *state_dir, const char *name)
{
    _free_ char *dir = lab_dir(state_dir, name);
    _free_ char *path = path_join(dir, "lab.json");
    return path_exists(path);
}

/* Every start looks for an instant at every lab: that is waited for, work on this lab is not. */
bool lab_lock(const char *state_dir, const char *name, int *ret_fd, struct lr_error *err)
{
    struct deadline patience = deadline_in(LOCK_PATIENCE_MS);
    while (!state_lock_lab(state_dir, name, false, ret_fd, err)) {
        bool ready;
        if (err->code != LR_EBUSY || deadline_passed(patience))
            return false;
        lr_error_clear(err);
        if (!wait_fd(-1, 0, deadline_in(LOCK_RETRY_MS), &ready, err))
            return false;
    }
    return true;
}

bool lab_save(const struct lab *lab, struct lr_error *err)
{
    _json_ json_t *j = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:O*, s:b, s:I, s:o}",
        "labrun", 1, "name", lab->name, "state", state_names[lab->state], "driver", lab->driver,
        "scenario_dir", lab->scenario_dir, "attempt", lab->attempt, "stage", lab->stage,
        "resetting", lab->resetting, "draw", lab->draw, "cold", lab->cold, "created_wall_ms",
        (json_int_t)lab->created_wall_ms, "plan", plan_to_json(lab->plan));
    _free_ char *text = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
    _free_ char *path = path_join(lab->dir, "lab.json");
    if (!text)
        return lr_error_set(
            err, LR_EUSAGE, "the path of the scenario '%s' is not UTF-8", lab->scenario_dir);
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

static bool parse(const json_t *j, struct lab *lab, struct lr_error *err)
{
    const char *state, *driver, *scenario_dir, *attempt = NULL, *stage = NULL, *resetting = NULL;
    int version, cold;
    json_int_t created;
    const json_t *plan;
    if (json_unpack((json_t *)(uintptr_t)j, "{s:i, s:s, s:s, s:s, s?:s, s?:s, s?:s, s:b, s:I, s:o}",
            "labrun", &version, "state", &state, "driver", &driver, "scenario_dir", &scenario_dir,
            "attempt", &attempt, "stage", &stage, "resetting", &resetting, "cold", &cold,
            "created_wall_ms", &created, "plan", &plan) < 0)
        return lr_error_set(err, LR_EINFRA, "a member is missing or of the wrong type");
    if (version != 1 || !state_by_name(state, &lab->state))
        return lr_error_set(err, LR_EINFRA, "written by another version of labrun");
    lab->driver = xstrdup(driver);
    lab->scenario_dir = xstrdup(scenario_dir);
    lab->attempt = xstrdup(attempt);
    lab->stage = xstrdup(stage);
    lab->resetting = xstrdup(resetting);
    lab->draw = json_incref(json_object_get(j, "draw"));
    lab->cold = cold;
    lab->created_wall_ms = created;
    return plan_from_json(plan, &lab->plan, err);
}

bool lab_load(const char *state_dir, const char *name, struct lab **ret, struct lr_error *err)
{
    _lab_ struct lab *lab = xnew(struct lab);
    lab->name = xstrdup(name);
    lab->dir = lab_dir(state_dir, name);
    _free_ char *path = path_join(lab->dir, "lab.json");
    _free_ char *text = NULL;
    if (!file_read(path, LAB_FILE_CAP, &text, NULL, err))
        return false;
    _json_ json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!j)
        return lr_error_set(err, LR_EINFRA, "'%s' is not JSON", path);
    if (!parse(j, lab, err))
        return lr_error_prefix(err, "'%s'", path);
    /* The plan's names are made from these two: a file that was copied here from elsewhere must not
     * lead to another lab's domains. */
    if (!streq(lab->plan->lab, name) || !streq(lab->plan->state_dir, state_dir))
        return lr_error_set(err, LR_EINFRA, "'%s' belongs to another lab or state folder", path);
    *ret = STEAL(lab);
    return true;
}

static bool load_same(
    const char *state_dir, const struct lab *lab, struct lab **ret, struct lr_error *err)
{
    if (!lab_has_file(state_dir, lab->name))
        return lr_error_set(err, LR_ENOTHING, "lab '%s' has ended", lab->name);
    if (!lab_load(state_dir, lab->name, ret, err))
        return false;
    return (*ret)->created_wall_ms == lab->created_wall_ms ||
        lr_error_set(err, LR_EBUSY, "lab '%s' has ended, and there is a new one", lab->name);
}

bool lab_still_runs(const char *state_dir, const struct lab *lab, struct lr_error *err)
{
    _lab_ struct lab *now = NULL;
    return load_same(state_dir, lab, &now, err) &&
        (now->state == LAB_RUNNING ||
            lr_error_set(err, LR_EBUSY, "lab '%s' is %s", lab->name, state_names[now->state]));
}

bool lab_lock_again(const char *state_dir, struct lab *lab, int *ret_fd, struct lr_error *err)
{
    _lab_ struct lab *now = NULL;
    if (!lab_lock(state_dir, lab->name, ret_fd, err) || !load_same(state_dir, lab, &now, err))
        return false;
    struct lab before = *lab;
    *lab = *now;
    *now = before;
    return true;
}

bool lab_lock_running(
    const char *state_dir, const struct lab *lab, int *ret_fd, struct lr_error *err)
{
    return lab_lock(state_dir, lab->name, ret_fd, err) && lab_still_runs(state_dir, lab, err);
}

int64_t lab_seed(const struct lab *lab)
{
    json_int_t seed = json_integer_value(json_object_get(lab->draw, "seed"));
    return seed > 0 ? seed : 0;
}

void lab_free(struct lab *lab)
{
    if (!lab)
        return;
    plan_free(lab->plan);
    free(lab->name);
    free(lab->dir);
    free(lab->driver);
    free(lab->scenario_dir);
    free(lab->attempt);
    free(lab->stage);
    free(lab->resetting);
    json_decref(lab->draw);
    free(lab);
}

bool labs_list(const char *state_dir, bool builds, struct strv *ret, struct lr_error *err)
{
    _free_ char *root = path_join(state_dir, "labs");
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(root, &names, err))
        return false;
    struct strv found = STRV_INIT;
    for (size_t i = 0; i < names.n; i++) {
        _lab_ struct lab *lab = NULL;
        _lr_error_ struct lr_error unreadable = LR_ERROR_INIT;
        if (!lab_has_file(state_dir, names.items[i]))
            log_debug("'%s' is only beginning, or its command was killed", names.items[i]);
        else if (!lab_load(state_dir, names.items[i], &lab, &unreadable))
            log_warning("lab '%s' is left out: %s", names.items[i], unreadable.message);
        else if (builds || lab->state != LAB_BUILDING)
            strv_add(&found, names.items[i]);
    }
    *ret = found;
    return true;
}

static bool only_lab(const char *state_dir, struct lab **ret, struct lr_error *err)
{
    _strv_ struct strv names = STRV_INIT;
    if (!labs_list(state_dir, false, &names, err))
        return false;
    if (names.n == 1)
        return lab_load(state_dir, names.items[0], ret, err);
    if (names.n == 0) {
        lr_error_set(err, LR_ENOTHING, "no lab is running");
        return lr_error_hint(err,
            "`labrun list` shows the scenarios, `labrun start SCENARIO` "
            "starts one");
    }
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < names.n; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", names.items[i]);
    lr_error_set(err, LR_EUSAGE, "%zu labs are running: say which", names.n);
    return lr_error_hint(err, "one of: %s", b.data);
}

bool lab_find(const char *state_dir, const char *name, struct lab **ret, struct lr_error *err)
{
    if (!name)
        return only_lab(state_dir, ret, err);
    _free_ char *dir = lab_dir(state_dir, name);
    if (strchr(name, '/') || has_prefix(name, ".") || !path_exists(dir)) {
        _strv_ struct strv names = STRV_INIT;
        if (!labs_list(state_dir, false, &names, err))
            return false;
        lr_error_set(err, LR_EUSAGE, "there is no lab '%s'", name);
        const char *meant =
            closest_word(name, (const char *const *)(uintptr_t)names.items, names.n);
        if (meant)
            return lr_error_hint(err, "did you mean '%s'?", meant);
        return lr_error_hint(err, "`labrun status` shows the labs there are");
    }
    return lab_load(state_dir, name, ret, err);
}

char *lab_new_name(const char *state_dir, const char *prefix)
{
    for (;;) {
        _free_ char *token = random_token(4);
        _free_ char *name = xasprintf("%.32s-%s", prefix, token);
        _free_ char *dir = lab_dir(state_dir, name);
        if (!path_exists(dir))
            return STEAL(name);
    }
}

bool lab_make(const struct host *h, const struct scenario *sc, const char *name,
    enum lab_state state, const char *stage, struct lab **ret, struct lr_error *err)
{
    _lab_ struct lab *lab = xnew(struct lab);
    lab->name = xstrdup(name);
    lab->stage = xstrdup(stage);
    lab->dir = lab_dir(h->state_dir, name);
    lab->state = state;
    lab->driver = xstrdup(h->ops->name);
    lab->plan = plan_make(sc, h->state_dir, name);
    lab->scenario_dir = xstrdup(sc->dir);
    lab->draw = scenario_draw_json(sc);
    lab->created_wall_ms = wall_ms();
    if (!dir_make(lab->dir, 0755, err) || !lab_save(lab, err))
        return false;
    *ret = STEAL(lab);
    return true;
}

bool lab_is_paused(const struct host *h, const struct lab *lab, bool *ret, struct lr_error *err)
{
    *ret = false;
    for (size_t i = 0; i < lab->plan->n_nodes && !*ret; i++) {
        enum node_state state;
        if (!h->ops->node_state(h->driver, lab->plan, i, &state, err))
            return false;
        *ret = state == NODE_PAUSED;
    }
    return true;
}

bool lab_node(
    const struct lab *lab, const char *name, bool candidate, size_t *ret, struct lr_error *err)
{
    _strbuf_ struct strbuf open = STRBUF_INIT;
    for (size_t i = 0; i < lab->plan->n_nodes; i++) {
        const struct plan_node *n = &lab->plan->nodes[i];
        bool may = !candidate || !n->witness;
        if (may && (!name || streq(n->name, name))) {
            *ret = i;
            return true;
        }
        if (may)
            strbuf_addf(&open, "%s%s", open.len ? ", " : "", n->name);
        else if (name && streq(n->name, name))
            lr_error_set(
                err, LR_EUSAGE, "node '%s' is a witness: it judges, and nobody logs in", name);
    }
    if (err->code == LR_OK)
        lr_error_set(err, LR_EUSAGE, "lab '%s' has no node '%s'", lab->name, name);
    return lr_error_hint(err, "nodes are: %s", open.len ? open.data : "none");
}
