/* The ceph probe against what a real cluster (18.2.7; one monitor, three OSDs) answered. */
#include "probe_support.h"
#include <criterion/criterion.h>

#define FSID "5d1c0000-0000-4000-8000-000000000001"

/* The expectations that tests/data/probes/ceph-healthy.json was asked with. */
#define ALL_OF_IT                                                                                  \
    "pgs: active+clean, quorum: [c1], osds: {up: 3, in: 3, total: 3}, osd_weights: full, "         \
    "flags: none, health: {allow: [MGR_MODULE_DEPENDENCY]}, fsid: " FSID                           \
    ", ratios: {full: 0.95}, "                                                                     \
    "pools: {data: {size: 3, min_size: 2, pg_num: 8, crush_rule: replicated_rule}}, "              \
    "rules: {replicated_rule: {failure_domain: osd, root: default}}"

static void answer_gives(
    const char *answer, const char *expectations, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = answer;
    _free_ char *yaml = xasprintf("ceph: {%s}", expectations);
    fixture_gives(&f, yaml, verdict, seen);
}

static void gives(const char *file, const char *expectations, const char *verdict, const char *seen)
{
    _free_ char *answer = recorded(file);
    answer_gives(answer, expectations, verdict, seen);
}

Test(ceph, a_healthy_cluster_passes)
{
    gives("ceph-healthy.json", ALL_OF_IT, "pass", "8 PGs are active+clean");
}

Test(ceph, each_expectation_can_fail)
{
    static const char *const rows[][2] = {
        {"health: ok", "NOT AS EXPECTED: MGR_MODULE_DEPENDENCY: 13 mgr"},
        {"quorum: [c1, c2]", "NOT AS EXPECTED: the quorum is c1"},
        {"quorum: [c2]", "NOT AS EXPECTED: the quorum is c1"},
        {"quorum: 3", "NOT AS EXPECTED: the quorum is c1"},
        {"osds: {up: 2}", "NOT AS EXPECTED: 3 OSDs up"},
        {"osds: {in: 4}", "NOT AS EXPECTED: 3 OSDs in"},
        {"osds: {total: 4}", "NOT AS EXPECTED: 3 OSDs in all"},
        {"fsid: 00000000-0000-4000-8000-000000000001", "NOT AS EXPECTED: the cluster is 5d1c"},
        {"ratios: {full: 0.97}", "NOT AS EXPECTED: full_ratio is 0.95"},
        {"ratios: {backfillfull: 0.91}", "NOT AS EXPECTED: backfillfull_ratio is 0.9"},
        {"flags: {absent: [sortbitwise]}", "NOT AS EXPECTED: flag sortbitwise is set"},
        {"pools: {rbd: {}}", "NOT AS EXPECTED: pool rbd does not exist"},
        {"pools: {data: {size: 2}}", "NOT AS EXPECTED: pool data has size 3"},
        {"pools: {data: {pg_num: 16}}", "NOT AS EXPECTED: pool data has pg_num 8"},
        {"pools: {data: {crush_rule: by-host}}",
            "NOT AS EXPECTED: pool data uses CRUSH rule replicated_rule"},
        {"rules: {replicated_rule: {failure_domain: host}}",
            "NOT AS EXPECTED: its failure domain is osd"},
        {"rules: {replicated_rule: {root: ssd}}", "NOT AS EXPECTED: it takes default"},
        {"rules: {by-host: {}}", "NOT AS EXPECTED: CRUSH rule by-host does not exist"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        gives("ceph-healthy.json", rows[i][0], "fail", rows[i][1]);
}

/* noout on the cluster (and muted) and on one OSD, osd.1 killed, osd.0 reweighted, osd.2 without
 * CRUSH weight, min_size 1. */
Test(ceph, a_broken_cluster_is_seen_through)
{
    static const char *const rows[][2] = {
        {"pgs: active+clean", "NOT AS EXPECTED: 8 PGs are active+undersized+remapped"},
        {"health: {allow: [OSD_DOWN, OSD_FLAGS, MGR_MODULE_DEPENDENCY]}",
            "NOT AS EXPECTED: OSDMAP_FLAGS (muted)"},
        {"flags: none", "NOT AS EXPECTED: flag noout is set\n"},
        {"flags: {absent: [noout]}", "NOT AS EXPECTED: flag noout is set on osd.1"},
        {"osds: {up: 3}", "NOT AS EXPECTED: 2 OSDs up"},
        {"osd_weights: full", "NOT AS EXPECTED: osd.2 has CRUSH weight 0 and"},
        {"osd_weights: full",
            "NOT AS EXPECTED: osd.0 has CRUSH weight 0.00289917 and reweight 0.5"},
        {"pools: {data: {min_size: 2}}", "NOT AS EXPECTED: pool data has min_size 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        gives("ceph-degraded.json", rows[i][0], "fail", rows[i][1]);
    gives("ceph-degraded.json", "flags: {absent: [nobackfill]}", "pass", "none is set");
    gives("ceph-degraded.json", "osds: {in: 3}", "pass", "3 OSDs in");
}

Test(ceph, settings_and_authentication)
{
    gives("ceph-auth.json", "auth_required: true, mon_config: {mon_clock_drift_allowed: 0.05}",
        "pass", "a client without a key is refused");
    gives("ceph-auth.json", "mon_config: {mon_clock_drift_allowed: 0.06}", "fail",
        "mon.c1 has mon_clock_drift_allowed 0.05");
    gives("ceph-auth-off.json", "auth_required: true", "fail",
        "NOT AS EXPECTED: mon.c1 has auth_service_required none");
    gives("ceph-auth-off.json", "auth_required: true", "fail",
        "NOT AS EXPECTED: osd.0 has auth_cluster_required none");
    _free_ char *on = recorded("ceph-auth.json");
    for (char *at; (at = strstr(on, "refused"));)
        memcpy(at, "entered", strlen("entered"));
    answer_gives(
        on, "auth_required: true", "fail", "NOT AS EXPECTED: a client without a key is entered");
}

Test(ceph, a_cluster_that_does_not_serve_fails_and_a_node_without_means_is_an_error)
{
    gives("ceph-no-quorum.json", "pgs: active+clean", "fail", "does not answer within 10 s");
    gives("ceph-wrong-key.json", "pgs: active+clean", "fail", "refuses the client");
    /* A client that is let in but may do nothing is refused as well. */
    answer_gives("{\"error\": {\"where\": \"status\", \"errno\": 13, \"text\": \"access denied\"}}",
        "pgs: active+clean", "fail", "refuses the client (status): access denied");
    answer_gives("{\"error\": {\"where\": \"osd.2\", \"errno\": 1, \"text\": \"\"}}",
        "osd_config: {a: b}", "fail", "refuses the client (osd.2)");
    answer_gives(
        "{\"error\": {\"where\": \"connect without a key\", \"errno\": 13, \"text\": \"\"}}",
        "auth_required: true", "error", "errno 13");
    gives("ceph-no-key.json", "pgs: active+clean", "error", "has no key");
    gives("ceph-no-conf.json", "pgs: active+clean", "error", "errno 2");
}

/* Takes away, one after the other, every member of what a healthy cluster answered: never a pass
 * that rests on nothing, never a crash. */
static void without_each(json_t *root, json_t *j, size_t *n_errors, size_t *n)
{
    _json_ json_t *members = json_copy(j); /* what is put back into J stands last in it */
    const char *name;
    json_t *kept;
    json_object_foreach (members, name, kept) {
        for (int how = 0; how < 2; how++) {
            if (how)
                json_object_del(j, name);
            else
                json_object_set_new(j, name, json_pack("[n]"));
            _free_ char *text = json_dumps(root, 0);
            _fixture_ struct probe_fixture f;
            fixture_init(&f, "/");
            f.out = text;
            const char *v = fixture_try(&f, "ceph: {" ALL_OF_IT "}");
            cr_assert(streq(v, "pass") || streq(v, "fail") || streq(v, "error"), "%s", v);
            *n_errors += streq(v, "error");
            ++*n;
            json_object_set(j, name, kept);
        }
        without_each(root, kept, n_errors, n);
        json_object_set(j, name, kept);
    }
    if (json_array_size(j) > 0)
        without_each(root, json_array_get(j, 0), n_errors, n);
}

Test(ceph, members_that_are_missing)
{
    _free_ char *text = recorded("ceph-healthy.json");
    _json_ json_t *root = json_loads(text, 0, NULL);
    static const char *const needed[][2] = {{"status", "fsid"}, {"status", "quorum_names"},
        {"status", "mgrmap"}, {"status", "pgmap"}, {"health detail", "checks"},
        {"osd dump", "osds"}, {"osd dump", "flags_set"}, {"osd dump", "crush_node_flags"},
        {"osd dump", "device_class_flags"}, {"osd dump", "pools"}, {"osd dump", "full_ratio"},
        {"osd tree", "nodes"}, {"osd tree", "stray"}};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        _json_ json_t *copy = json_deep_copy(root);
        json_object_del(
            json_object_get(json_object_get(copy, "commands"), needed[i][0]), needed[i][1]);
        _free_ char *without = json_dumps(copy, 0);
        answer_gives(without, ALL_OF_IT, "error", needed[i][1]);
    }
    size_t errors = 0, n = 0;
    without_each(root, root, &errors, &n);
    cr_assert_gt(n, 200);
    cr_assert_gt(errors, 50);
}

/* Numbers that no manager keeps up to date say nothing. */
Test(ceph, without_a_manager_placement_groups_are_not_known)
{
    _free_ char *text = recorded("ceph-healthy.json");
    _json_ json_t *root = json_loads(text, 0, NULL);
    json_t *status = json_object_get(json_object_get(root, "commands"), "status");
    json_object_set_new(json_object_get(status, "mgrmap"), "available", json_false());
    _free_ char *changed = json_dumps(root, 0);
    answer_gives(changed, "pgs: active+clean", "fail", "no manager is active");
}

Test(ceph, states_of_placement_groups)
{
    static const struct {
        const char *state, *verdict;
    } rows[] = {{"active+clean+scrubbing+deep", "pass"}, {"active+clean+snaptrim_wait", "pass"},
        {"active+clean+inconsistent", "fail"}, {"active+clean+remapped", "fail"},
        {"active", "fail"}, {"clean", "fail"}, {"active+cleaner", "fail"},
        {"stale+active+clean", "fail"}, {"unknown", "fail"}, {"", "fail"}};
    _free_ char *text = recorded("ceph-healthy.json");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _json_ json_t *root = json_loads(text, 0, NULL);
        json_t *status = json_object_get(json_object_get(root, "commands"), "status");
        json_t *pgmap = json_object_get(status, "pgmap");
        json_object_set_new(pgmap, "pgs_by_state",
            json_pack("[{s:s,s:i}]", "state_name", rows[i].state, "count", 8));
        _free_ char *changed = json_dumps(root, 0);
        answer_gives(changed, "pgs: active+clean", rows[i].verdict, rows[i].state);
        json_object_set_new(pgmap, "num_pgs", json_integer(9));
        _free_ char *short_of_one = json_dumps(root, 0);
        answer_gives(short_of_one, "pgs: active+clean", "fail", "1 PGs are in no known state");
    }
}

Test(ceph, answers_that_are_none)
{
    static const char *const answers[] = {"", "null", "[]", "{}", "{\"commands\": {}}", "{\"comm",
        "HEALTH_OK", "{\"error\": {}}", "{\"error\": 3}", "{\"error\": {\"errno\": 110}}"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        answer_gives(answers[i], "pgs: active+clean", "error", "");
}

Test(ceph, mistakes_have_a_place)
{
    static const char *const rows[][2] = {
        {"ceph: {}", "test:1:7: a ceph probe needs at least one expectation"},
        {"ceph: {client: client.x}", "needs at least one expectation"},
        {"ceph: {pgs: clean}", "test:1:13: "},
        {"ceph: {health: {alow: [X]}}", "did you mean 'allow'?"},
        {"ceph: {osds: {up: many}}", "test:1:19: "},
        {"ceph: {pools: [data]}", "test:1:15: "},
        {"ceph: {ratios: {full: 95}}", "test:1:23: "},
        {"ceph: {mon_config: {a: [b]}}", "test:1:24: "},
        {"ceph: {flags: some}", "test:1:15: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _fixture_ struct probe_fixture f;
        fixture_init(&f, "/");
        const char *text = fixture_try(&f, rows[i][0]);
        cr_assert_not_null(strstr(text, rows[i][1]), "%s gave %s", rows[i][0], text);
    }
}
