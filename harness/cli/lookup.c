#include "cli/lookup.h"
#include "graders/probe.h"
#include "lab/keys.h"
#include "util/fs.h"
#include "util/log.h"

const char *const difficulty_names[] = {"junior", "intermediate", "senior"};

bool lookup_scenario(const char *ref, struct scenario **ret, struct lr_error *err)
{
    return lookup_scenario_drawn(ref, 0, ret, err);
}

/* DIR, and what its file is loaded with. */
static bool find(const char *ref, int64_t seed, char **ret_dir, struct scenario_opts *ret,
    struct problems *problems, struct lr_error *err)
{
    if (!scenario_find(ref, ret_dir, err))
        return false;
    *ret = (struct scenario_opts){.seed = seed};
    ret->kinds = probe_kind_infos(&ret->n_kinds);
    _free_ char *file = path_join(*ret_dir, "scenario.yaml");
    problems_init(problems, file);
    return true;
}

/* The scenario did not load: all that is wrong with it as one error, unless there is one already.
 */
static bool tell(const char *ref, const struct problems *problems, struct lr_error *err)
{
    if (err->code != LR_OK)
        return false;
    _free_ char *text = problems_text(problems);
    for (size_t n = strlen(text); n && text[n - 1] == '\n'; n--)
        text[n - 1] = '\0';
    lr_error_set(err, LR_ESCENARIO, "the scenario is wrong:\n%s", text);
    return lr_error_hint(err, "`labrun check %s` checks it again", ref);
}

bool lookup_scenario_drawn(
    const char *ref, int64_t seed, struct scenario **ret, struct lr_error *err)
{
    _free_ char *dir = NULL;
    struct scenario_opts opts;
    _problems_ struct problems problems = {0};
    if (!find(ref, seed, &dir, &opts, &problems, err))
        return false;
    return scenario_load(dir, &opts, &problems, ret, err) || tell(ref, &problems, err);
}

bool lookup_variants(const char *ref, struct variants *ret, struct lr_error *err)
{
    _free_ char *dir = NULL;
    struct scenario_opts opts;
    _problems_ struct problems problems = {0};
    if (!find(ref, 0, &dir, &opts, &problems, err))
        return false;
    return scenario_load_variants(dir, &opts, &problems, ret, err) || tell(ref, &problems, err);
}

/* The scenario and the attempt; a lab that is only being built has neither. */
static bool open_records(const struct cmd *c, struct subject *s, struct lr_error *err)
{
    return !s->lab->attempt ||
        (lookup_scenario_drawn(s->lab->scenario_dir, lab_seed(s->lab), &s->sc, err) &&
            attempt_open(c->state_dir, s->lab->attempt, &s->attempt, err));
}

bool lookup_lab(const struct cmd *c, const char *name, bool any_state, struct subject *ret,
    struct lr_error *err)
{
    _subject_ struct subject s = {0};
    if (!lab_find(c->state_dir, name, &s.lab, err))
        return false;
    if (s.lab->state != LAB_RUNNING && !any_state) {
        lr_error_set(err, LR_EBUSY, "lab '%s' is %s", s.lab->name, lab_state_name(s.lab->state));
        return lr_error_hint(err,
            s.lab->state == LAB_RESETTING
                ? "`labrun reset` completes a reset that was cut short"
                : "wait for the command that is at work on it; `labrun gc` undoes what a killed "
                  "one left");
    }
    if (!host_open_as(c->state_dir, s.lab->driver, &s.host, err))
        return false;
    _lr_error_ struct lr_error unread = LR_ERROR_INIT;
    if (!open_records(c, &s, &unread)) {
        if (!any_state) {
            lr_error_move(err, &unread);
            return false;
        }
        log_debug("lab '%s': %s", s.lab->name, unread.message);
    }
    *ret = s;
    s = (struct subject){0};
    return true;
}

void subject_free(struct subject *s)
{
    lab_free(s->lab);
    scenario_free(s->sc);
    attempt_free(s->attempt);
    host_close(&s->host);
    *s = (struct subject){0};
}

/* `labrun ssh ceph1` while one lab runs: the word is a node's when no lab is called that. */
bool lookup_lab_and_node(
    const struct cmd *c, const char **ret_lab, const char **ret_node, struct lr_error *err)
{
    const char *first = cmd_operand(c, 0), *second = cmd_operand(c, 1);
    *ret_lab = first;
    *ret_node = second;
    if (!first || second)
        return true;
    _strv_ struct strv labs = STRV_INIT;
    if (!labs_list(c->state_dir, false, &labs, err))
        return false;
    if (strv_contains(&labs, first) || labs.n != 1)
        return true;
    *ret_lab = NULL;
    *ret_node = first;
    return true;
}

bool lookup_login(const struct lab *lab, size_t node, struct login *ret, struct lr_error *err)
{
    _free_ char *keys = path_join(lab->dir, "keys");
    _free_ char *public_name = xasprintf("%s.pub", lab->plan->nodes[node].name);
    char *host_key = NULL;
    if (!key_read(keys, public_name, &host_key, err))
        return false;
    *ret = (struct login){path_join(keys, "candidate"), host_key};
    return true;
}

void login_free(struct login *l)
{
    free(l->key_file);
    free(l->host_key);
    *l = (struct login){0};
}

char *time_left(const struct attempt *a, int64_t used_ms)
{
    int64_t left = a->time_limit_ms - used_ms;
    _free_ char *text = format_duration(left < 0 ? -left : left);
    return left < 0 ? xasprintf("over by %s", text) : STEAL(text);
}
