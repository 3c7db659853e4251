/* Answers of the cluster against what the scenario expects. A member that should be there and is
 * not makes the whole outcome an error: then this code does not know this version of Ceph. */
#include "graders/probes/ceph.h"
#include <math.h>

struct judge {
    const struct ceph_params *p;
    const struct ceph_answers *a;
    struct tally t;
    const char *missing;
};

static json_t *answer(struct judge *j, enum ceph_command c)
{
    return j->a->commands[c];
}

static void judge_fsid(struct judge *j)
{
    if (!j->p->fsid)
        return;
    const char *fsid = get_string(answer(j, CEPH_STATUS), "fsid", &j->missing);
    tally_expect(&j->t, "the cluster is %s", j->p->fsid);
    tally_saw(&j->t, fsid && strcasecmp(fsid, j->p->fsid) == 0, "the cluster is %s", fsid);
}

/* Muted checks are still in the list, whatever the status says, and so count as raised. */
static void judge_health(struct judge *j)
{
    if (!j->p->health)
        return;
    json_t *checks = get_object(answer(j, CEPH_HEALTH), "checks", &j->missing);
    _strbuf_ struct strbuf allow = STRBUF_INIT;
    for (size_t i = 0; i < j->p->allow.n; i++)
        strbuf_addf(&allow, "%s%s", i ? ", " : " but ", j->p->allow.items[i]);
    tally_expect(&j->t, "no health check is raised%s", allow.data ? allow.data : "");
    const char *code;
    json_t *check;
    size_t n = 0;
    json_object_foreach (checks, code, check) {
        json_t *summary = get_object(check, "summary", &j->missing);
        const char *message = get_string(summary, "message", &j->missing);
        bool muted = get_bool(check, "muted", &j->missing);
        tally_saw(&j->t, strv_contains(&j->p->allow, code), "%s%s: %s", code,
            muted ? " (muted)" : "", message ? message : "");
        n++;
    }
    if (n == 0)
        tally_saw(&j->t, true, "no health check is raised");
}

/* active+clean, perhaps while scrubbing or trimming snapshots. */
static bool is_clean_state(const char *state)
{
    static const char *const fine[] = {
        "active", "clean", "scrubbing", "deep", "snaptrim", "snaptrim_wait"};
    bool active = false, clean = false;
    while (*state) {
        size_t n = strcspn(state, "+");
        bool known = false;
        for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
            known = known || (strlen(fine[i]) == n && strncmp(state, fine[i], n) == 0);
        if (!known)
            return false;
        active = active || (n == 6 && strncmp(state, "active", 6) == 0);
        clean = clean || (n == 5 && strncmp(state, "clean", 5) == 0);
        state += n + (state[n] == '+');
    }
    return active && clean;
}

/* The monitors repeat what the manager last told them, so without a manager these numbers are old
 * and say nothing. */
static void judge_pgs(struct judge *j)
{
    if (!j->p->pgs)
        return;
    tally_expect(&j->t, "all placement groups are active+clean");
    json_t *status = answer(j, CEPH_STATUS);
    if (!get_bool(get_object(status, "mgrmap", &j->missing), "available", &j->missing)) {
        tally_saw(
            &j->t, false, "no manager is active, so the state of placement groups is not known");
        return;
    }
    json_t *map = get_object(status, "pgmap", &j->missing);
    json_t *states = get_array(map, "pgs_by_state", &j->missing);
    int64_t total = get_int(map, "num_pgs", &j->missing), listed = 0;
    for (size_t i = 0; i < json_array_size(states); i++) {
        const json_t *s = json_array_get(states, i);
        const char *name = get_string(s, "state_name", &j->missing);
        int64_t count = get_int(s, "count", &j->missing);
        listed += count;
        tally_saw(&j->t, name && is_clean_state(name), "%lld PGs are %s", (long long)count, name);
    }
    if (total == 0)
        tally_saw(&j->t, false, "there are no placement groups");
    else if (listed != total)
        tally_saw(&j->t, false, "%lld PGs are in no known state", (long long)(total - listed));
}

static void judge_quorum(struct judge *j)
{
    if (j->p->quorum.n == 0 && j->p->quorum_size == 0)
        return;
    json_t *names = get_array(answer(j, CEPH_STATUS), "quorum_names", &j->missing);
    size_t n = json_array_size(names), wanted = 0;
    _strbuf_ struct strbuf seen = STRBUF_INIT;
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        strbuf_addf(&seen, "%s%s", i ? ", " : "", name ? name : "?");
        wanted += name && strv_contains(&j->p->quorum, name);
    }
    bool holds =
        j->p->quorum_size ? (int64_t)n == j->p->quorum_size : n == j->p->quorum.n && wanted == n;
    if (j->p->quorum_size) {
        tally_expect(&j->t, "%lld monitors in the quorum", (long long)j->p->quorum_size);
    } else {
        _strbuf_ struct strbuf want = STRBUF_INIT;
        for (size_t i = 0; i < j->p->quorum.n; i++)
            strbuf_addf(&want, "%s%s", i ? ", " : "", j->p->quorum.items[i]);
        tally_expect(&j->t, "the quorum is %s", want.data);
    }
    tally_saw(&j->t, holds, "the quorum is %s", seen.data ? seen.data : "empty");
}

static void judge_count(struct judge *j, const char *what, int64_t wanted, int64_t seen)
{
    if (wanted < 0)
        return;
    tally_expect(&j->t, "%lld OSDs %s", (long long)wanted, what);
    tally_saw(&j->t, wanted == seen, "%lld OSDs %s", (long long)seen, what);
}

static void judge_osds(struct judge *j)
{
    const struct ceph_params *p = j->p;
    if (p->osds_up < 0 && p->osds_in < 0 && p->osds_total < 0)
        return;
    json_t *osds = get_array(answer(j, CEPH_OSD_DUMP), "osds", &j->missing);
    int64_t up = 0, in = 0;
    for (size_t i = 0; i < json_array_size(osds); i++) {
        up += get_int(json_array_get(osds, i), "up", &j->missing);
        in += get_int(json_array_get(osds, i), "in", &j->missing);
    }
    judge_count(j, "up", p->osds_up, up);
    judge_count(j, "in", p->osds_in, in);
    judge_count(j, "in all", p->osds_total, (int64_t)json_array_size(osds));
}

static void judge_weights(struct judge *j)
{
    if (!j->p->weights)
        return;
    tally_expect(&j->t, "every OSD has a CRUSH weight above 0 and a reweight of 1");
    json_t *tree = answer(j, CEPH_OSD_TREE);
    json_t *nodes = get_array(tree, "nodes", &j->missing);
    json_t *stray = get_array(tree, "stray", &j->missing);
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *node = json_array_get(nodes, i);
        const char *type = get_string(node, "type", &j->missing);
        if (!type || !streq(type, "osd"))
            continue;
        double crush = get_number(node, "crush_weight", &j->missing);
        double reweight = get_number(node, "reweight", &j->missing);
        n++;
        tally_saw(&j->t, crush > 0 && reweight > 0.9999, "%s has CRUSH weight %g and reweight %g",
            get_string(node, "name", &j->missing), crush, reweight);
    }
    for (size_t i = 0; i < json_array_size(stray); i++)
        tally_saw(&j->t, false, "%s is not in the CRUSH tree",
            get_string(json_array_get(stray, i), "name", &j->missing));
    if (n == 0)
        tally_saw(&j->t, false, "there are no OSDs in the CRUSH tree");
}

static void judge_ratio(struct judge *j, const char *key, double wanted)
{
    if (wanted < 0)
        return;
    double seen = get_number(answer(j, CEPH_OSD_DUMP), key, &j->missing);
    tally_expect(&j->t, "%s is %g", key, wanted);
    /* The map keeps them as float: 0.95 comes back as 0.949999988. */
    tally_saw(&j->t, fabs(seen - wanted) < 1e-6, "%s is %.6g", key, seen);
}

static void judge_rules(struct judge *j)
{
    for (size_t i = 0; i < j->p->n_rules; i++)
        ceph_judge_rule(&j->p->rules[i], answer(j, CEPH_RULES), &j->t, &j->missing);
}

/* Values that are numbers are compared as such: 0.05 is what a daemon calls 0.050000. */
static bool same_value(const char *a, const char *b)
{
    char *end_a, *end_b;
    double x = strtod(a, &end_a), y = strtod(b, &end_b);
    bool numbers = end_a != a && end_b != b && !*end_a && !*end_b;
    return numbers ? fabs(x - y) <= 1e-9 * fabs(x) : streq(a, b);
}

static void judge_settings(struct judge *j, const char *kind, const json_t *daemons,
    const char *option, const char *wanted)
{
    const char *name;
    const json_t *values;
    tally_expect(&j->t, "%s is %s on every running %s", option, wanted, kind);
    json_object_foreach ((json_t *)daemons, name, values) {
        const char *seen = get_string(values, option, &j->missing);
        tally_saw(&j->t, seen && same_value(seen, wanted), "%s.%s has %s %s", kind, name, option,
            seen ? seen : "?");
    }
    if (json_object_size(daemons) == 0)
        tally_saw(&j->t, false, "no %s runs", kind);
}

static void judge_config(struct judge *j)
{
    const struct ceph_settings *m = &j->p->mon_config, *o = &j->p->osd_config;
    for (size_t i = 0; i < m->n; i++)
        judge_settings(j, "mon", j->a->mon_config, m->items[i].option, m->items[i].value);
    for (size_t i = 0; i < o->n; i++)
        judge_settings(j, "osd", j->a->osd_config, o->items[i].option, o->items[i].value);
}

static void judge_auth(struct judge *j)
{
    if (!j->p->auth_required)
        return;
    static const char *const options[] = {"auth_cluster_required", "auth_service_required"};
    for (size_t i = 0; i < 2; i++) {
        judge_settings(j, "mon", j->a->mon_config, options[i], "cephx");
        judge_settings(j, "osd", j->a->osd_config, options[i], "cephx");
    }
    tally_expect(&j->t, "a client without a key is refused");
    tally_saw(
        &j->t, streq(j->a->anonymous, "refused"), "a client without a key is %s", j->a->anonymous);
}

void ceph_judge(const struct ceph_params *p, const struct ceph_answers *a, struct outcome *o)
{
    struct judge j = {.p = p, .a = a};
    judge_fsid(&j);
    judge_health(&j);
    judge_pgs(&j);
    judge_quorum(&j);
    judge_osds(&j);
    judge_weights(&j);
    ceph_judge_flags(p, answer(&j, CEPH_OSD_DUMP), &j.t, &j.missing);
    judge_ratio(&j, "full_ratio", p->full_ratio);
    judge_ratio(&j, "backfillfull_ratio", p->backfillfull_ratio);
    judge_ratio(&j, "nearfull_ratio", p->nearfull_ratio);
    ceph_judge_pools(p, a, &j.t, &j.missing);
    judge_rules(&j);
    judge_config(&j);
    judge_auth(&j);
    if (j.missing)
        outcome_set(o, VERDICT_ERROR, "the cluster's answer lacks '%s', or it is of another type",
            j.missing);
    else
        tally_finish(&j.t, o);
    tally_free(&j.t);
}
