/* The `bgp` probe against what FRR 10.3 prints on a router with three sessions. */
#include "probe_support.h"
#include <criterion/criterion.h>

static char *texts[16];
static struct recorded_answer answers[24];
static size_t n_texts, n_answers;

static void add(const char *part, const char *out, int status, const char *err)
{
    answers[n_answers++] = (struct recorded_answer){part, out, status, err};
}

static void add_file(const char *part, const char *file)
{
    texts[n_texts] = recorded(file);
    add(part, texts[n_texts++], 0, NULL);
}

#define KEY    "{\"key\": true, \"unsigned\": \"silent\"}"
#define NO_KEY "{\"key\": false, \"unsigned\": \"silent\"}"

/* What the router answers; AUTH is the program's answer about signatures. */
static void router(const char *auth)
{
    n_answers = n_texts = 0;
    add_file("neighbors 10.9.1.10 json", "bgp-neighbor.json");
    add_file("neighbors 10.9.2.2 json", "bgp-neighbor-both.json");
    add("neighbors 10.7.7.7 json", "{\n  \"bgpNoSuchNeighbor\":true\n}\n", 0, NULL);
    add("neighbors 10.7.7.8 json", "{}\n", 0, NULL);
    add_file("ipv4 unicast neighbors 10.9.2.2 routes", "bgp-received.json");
    add_file("ipv6 unicast neighbors 10.9.2.2 routes", "bgp-received6.json");
    add_file("ipv4 unicast neighbors 10.9.2.2 advertised", "bgp-advertised.json");
    add_file("ipv6 unicast neighbors 10.9.2.2 advertised", "bgp-advertised6.json");
    add("ipv4 unicast neighbors 10.9.1.10 advertised",
        "{\"bgpOriginatingDefaultNetwork\": \"0.0.0.0/0\", \"advertisedRoutes\": {}}", 0, NULL);
    add_file("ipv4 unicast 10.9.200.0/24 json", "bgp-path.json");
    add("ipv4 unicast 10.9.201.0/24 json",
        "{\"paths\": [{\"valid\": true, \"bestpath\": {\"overall\": true}, \"community\": {\"string\": "
        "\"65001:7 no-export\", \"list\": [\"65001:7\", \"noExport\"]}}]}",
        0, NULL);
    add_file("ipv6 unicast fd09:200::/48 json", "bgp-path6.json");
    add("ipv4 unicast 10.99.0.0/24 json", "{}\n", 0, NULL);
    add("ipv4 unicast 10.98.0.0/24 json",
        "{\n  \"warning\":\"Default BGP instance not found\"\n}\n", 0, NULL);
    add("python3", auth, 0, NULL);
    answers[n_answers] = (struct recorded_answer){0};
}

static void done(void)
{
    for (size_t i = 0; i < n_texts; i++)
        free(texts[i]);
}

static void gives(const char *rule, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.answers = answers;
    _free_ char *yaml = xasprintf("bgp: {%s}", rule);
    fixture_gives(&f, yaml, verdict, seen);
}

struct row {
    const char *rule, *verdict, *seen;
};

static void all_give(const struct row *rows, size_t n)
{
    router(KEY);
    for (size_t i = 0; i < n; i++)
        gives(rows[i].rule, rows[i].verdict, rows[i].seen);
    done();
}

#define ALL_GIVE(rows) all_give(rows, sizeof(rows) / sizeof((rows)[0]))

Test(bgp, sessions)
{
    static const struct row rows[] = {
        {"neighbor: 10.9.1.10", "pass", "10.9.1.10 is Established"},
        {"neighbor: 10.9.1.10, state: down", "fail", "is Established"},
        {"neighbor: 10.9.1.10, state: idle", "fail", "is Established"},
        {"neighbor: 10.9.1.10, remote_as: 65000, families: ipv4, established_for: 1s", "pass",
            "its AS is 65000"},
        {"neighbor: 10.9.1.10, remote_as: 65001", "fail", "its AS is 65000"},
        {"neighbor: 10.9.1.10, families: [ipv4, ipv6]", "fail", "ipv6Unicast was not agreed on"},
        {"neighbor: 10.9.2.2, families: [ipv4, ipv6]", "pass", "ipv6Unicast was agreed on"},
        {"neighbor: 10.9.1.10, established_for: 10h", "fail", "it has been up for"},
        {"neighbor: 10.9.1.10, max_prefixes: 10", "pass", "ipv4Unicast: at most 10"},
        {"neighbor: 10.9.1.10, max_prefixes: 9", "fail", "ipv4Unicast: at most 10"},
        {"neighbor: 10.9.1.10, state: any, max_prefixes: 10", "pass", "ipv4Unicast: at most 10"},
        {"neighbor: 10.9.2.2, max_prefixes: 9", "fail", "ipv6Unicast: without a limit"},
        {"neighbor: 10.7.7.7", "fail", "there is no neighbour"},
        {"neighbor: 10.7.7.7, state: down", "pass", "there is no neighbour"},
        {"neighbor: 10.7.7.7, state: any", "fail", "there is no neighbour"},
        {"neighbor: 10.7.7.8", "fail", "there is no neighbour"},
    };
    ALL_GIVE(rows);
}

Test(bgp, prefixes)
{
    static const struct row rows[] = {
        {"neighbor: 10.9.2.2, received: [10.9.200.0/24, \"fd09:200::/48\"]", "pass",
            "received: 10.9.200.0/24, fd09:200::/48"},
        {"neighbor: 10.9.2.2, received: [10.9.200.0/24, \"fd09:0200:0::/48\"]", "pass", ""},
        {"neighbor: 10.9.2.2, received: [10.9.200.0/24]", "fail", "not agreed: fd09:200::/48"},
        {"neighbor: 10.9.2.2, received: [10.9.200.0/24, \"fd09:200::/48\", 10.1.0.0/16]", "fail",
            "missing: 10.1.0.0/16"},
        {"neighbor: 10.9.2.2, received: []", "fail", "not agreed: 10.9.200.0/24"},
        {"neighbor: 10.9.2.2, received: {at_least: [10.9.200.0/24]}", "pass", ""},
        {"neighbor: 10.9.2.2, received: {at_least: [10.9.201.0/24]}", "fail", "missing"},
        {"neighbor: 10.9.2.2, received: {none_of: [0.0.0.0/0]}", "pass", ""},
        {"neighbor: 10.9.2.2, received: {none_of: [\"fd09:200::/48\"]}", "fail", "not agreed"},
        {"neighbor: 10.9.2.2, advertised: {exactly: [10.9.1.0/24, 10.9.100.0/24, 10.9.200.0/24, "
         "\"fd09:1::/64\", \"fd09:100::/48\", \"fd09:200::/48\"]}",
            "pass", "advertised: 10.9.1.0/24"},
        {"neighbor: 10.9.2.2, advertised: {none_of: [10.9.100.0/24]}", "fail",
            "not agreed: 10.9.100.0/24"},
        {"neighbor: 10.9.1.10, families: ipv4, advertised: [0.0.0.0/0]", "pass", ""},
        {"neighbor: 10.9.1.10, families: ipv4, advertised: {none_of: [0.0.0.0/0]}", "fail",
            "not agreed: 0.0.0.0/0"},
        {"neighbor: 10.7.7.7, received: [10.0.0.0/8]", "fail", "there is no neighbour"},
    };
    ALL_GIVE(rows);
}

Test(bgp, attributes)
{
#define V4 "routes: [{prefix: 10.9.200.0/24, "
#define V6 "routes: [{prefix: \"fd09:200::/48\", "
    static const struct row rows[] = {
        {V4 "as_path: 65002, origin_as: 65002, next_hop: 10.9.2.2, local_pref: 150, med: 0, "
            "communities: \"65001:200\", no_communities: [\"65001:666\"], from: 10.9.2.2}]",
            "pass", "learned from 10.9.2.2"},
        {V4 "as_path: [65001, 65002]}]", "fail", "AS path 65002"},
        {V4 "origin_as: 65001}]", "fail", "origin AS 65002"},
        {V4 "next_hop: 10.9.2.3}]", "fail", "next hop 10.9.2.2"},
        {V4 "local_pref: 100}]", "fail", "local preference 150"},
        {V4 "med: 5}]", "fail", "MED 0"},
        {V4 "communities: [\"65001:200\", \"65001:300\"]}]", "fail", "communities: 65001:200"},
        {V4 "no_communities: \"65001:200\"}]", "fail", "communities: 65001:200"},
        {"routes: [{prefix: 10.9.201.0/24, communities: [no-export, \"65001:7\"]}]", "pass", ""},
        {"routes: [{prefix: 10.9.201.0/24, no_communities: [no-export]}]", "fail",
            "communities: 65001:7, no-export"},
        {V4 "from: 10.9.1.10}]", "fail", "learned from 10.9.2.2"},
        {V4 "absent: true}]", "fail", "a path to 10.9.200.0/24"},
        {V6 "next_hop: \"fd09:2::2\", as_path: 65002}]", "pass", "next hop fd09:2::2"},
        {V6 "next_hop: \"fd09:2::3\"}]", "fail", "next hop fd09:2::2"},
        {"routes: [{prefix: 10.99.0.0/24}]", "fail", "no path to 10.99.0.0/24"},
        {"routes: [{prefix: 10.99.0.0/24, absent: true}]", "pass", "no path"},
        {"routes: [{prefix: 10.98.0.0/24}]", "fail", "no path"},
    };
    ALL_GIVE(rows);
}

/* The session recorded is that with 10.9.1.10 after somebody had changed the password. */
Test(bgp, a_session_that_is_down)
{
    static const struct row rows[] = {
        {"neighbor: 10.9.1.10", "fail", "is Connect; last reset: BGP Notification send"},
        {"neighbor: 10.9.1.10, state: down", "pass", "is Connect"},
        {"neighbor: 10.9.1.10, state: connect", "pass", "is Connect"},
        {"neighbor: 10.9.1.10, received: []", "fail", "nothing is received"},
        {"neighbor: 10.9.1.10, families: ipv4", "fail", "not agreed on"},
        {"neighbor: 10.9.1.10, established_for: 1s", "fail", "up for no time"},
        {"neighbor: 10.9.1.10, authentication: true", "fail", "FRR has a password"},
    };
    n_answers = n_texts = 0;
    add_file("neighbors 10.9.1.10 json", "bgp-neighbor-down.json");
    answers[n_answers] = (struct recorded_answer){0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        gives(rows[i].rule, rows[i].verdict, rows[i].seen);
    done();
}

Test(bgp, authentication)
{
    static const struct {
        const char *answer, *neighbor, *verdict, *seen;
    } rows[] = {
        {KEY, "10.9.1.10", "pass", "port 179: silent"},
        {"{\"key\": true, \"unsigned\": \"refused\"}", "10.9.1.10", "pass", "refused"},
        {NO_KEY, "10.9.1.10", "fail", "no key on the session's socket"},
        {"{\"key\": null, \"unsigned\": \"silent\"}", "10.9.1.10", "fail", "no such session"},
        {"{\"key\": true, \"unsigned\": \"answered\"}", "10.9.1.10", "fail", "179: answered"},
        {KEY, "10.9.2.2", "fail", "FRR has no password"},
        {"{\"unsigned\": \"silent\"}", "10.9.1.10", "error", "lacks 'key'"},
        {"{\"key\": 1, \"unsigned\": \"silent\"}", "10.9.1.10", "error", "lacks 'key'"},
        {"{\"key\": true}", "10.9.1.10", "error", "lacks 'unsigned'"},
        {"{\"key\": tr", "10.9.1.10", "error", "not JSON"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        router(rows[i].answer);
        _free_ char *rule = xasprintf("neighbor: %s, authentication: true", rows[i].neighbor);
        gives(rule, rows[i].verdict, rows[i].seen);
        done();
    }
}

Test(bgp, an_unsigned_connection_waits_longer_where_nodes_are_slow)
{
    router(KEY);
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.answers = answers;
    f.patience = 4;
    fixture_gives(&f, "bgp: {neighbor: 10.9.1.10, authentication: true}", "pass", "silent");
    cr_assert_not_null(strstr(f.command, "\"wait\":6.0}"), "%s", f.command);
    done();
}

static void vtysh_says(const char *out, int status, const char *err, bool witness,
    const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.node.witness = witness;
    f.out = out;
    f.status = status;
    f.err = err;
    fixture_gives(
        &f, "bgp: {neighbor: 10.0.0.1, routes: [{prefix: 10.0.0.0/8, med: 1}]}", verdict, seen);
}

/* Whose FRR is it that does not run? */
Test(bgp, no_daemon)
{
    for (int witness = 0; witness < 2; witness++) {
        const char *verdict = witness ? "error" : "fail";
        vtysh_says("bgpd is not running\n", 1, "", witness, verdict, "does not run on here");
        vtysh_says("", 1, "Exiting: failed to connect to any daemons.\n", witness, verdict,
            "does not run on here");
    }
}

#define NEIGHBOR(members)                                                                          \
    "{\"10.0.0.1\": {\"bgpState\": \"Established\"" members "}, \"paths\": []}"

Test(bgp, odd_answers_are_errors)
{
    _free_ char *huge = ten_megabytes();
    static const struct {
        const char *out, *seen;
        int status;
    } rows[] = {
        {"% Unknown command: show bgp\n", "exit status 1", 1},
        {"", "exit status 0", 0},
        {"{\"10.0.0.1\": {\"bgpState\"", "did not answer as it should", 0},
        {"[]", "did not answer as it should", 0},
        {"{\"10.0.0.1\": NaN}", "did not answer as it should", 0},
        {"{\"10.0.0.1\": []}", "lacks the neighbour", 0},
        {"{\"10.0.0.2\": {}}", "lacks the neighbour", 0},
        {"{\"10.0.0.1\": {}}", "lacks 'paths'", 0},
        {"{\"10.0.0.1\": {}, \"paths\": []}", "lacks 'bgpState'", 0},
        {"{\"10.0.0.1\": {\"bgpState\": 6}, \"paths\": []}", "lacks 'bgpState'", 0},
        {"{\"10.0.0.1\": {\"bgpState\": \"Established\"}, \"paths\": {}}", "lacks 'paths'", 0},
        {"{\"10.0.0.1\": {\"bgpState\": \"Established\"}, \"paths\": [{\"bestpath\": {\"overall\": "
         "true}, \"metric\": \"low\"}]}",
            "lacks 'metric'", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        vtysh_says(rows[i].out, rows[i].status, "", true, "error", rows[i].seen);
    vtysh_says(huge, 0, "", true, "error", "too long");
}

Test(bgp, mistakes_have_a_place)
{
    static const char *const rows[][2] = {
        {"{}", "test:1:6: a bgp probe needs a 'neighbor' or 'routes'\n"},
        {"{remote_as: 5}",
            "test:1:6: a bgp probe needs a 'neighbor' or 'routes'\n"
            "test:1:18: 'remote_as' needs a 'neighbor'\n"},
        {"{neighbour: 10.0.0.1}",
            "test:1:6: a bgp probe needs a 'neighbor' or 'routes'\n"
            "test:1:7: unknown key 'neighbour': did you mean 'neighbor'?\n"},
        {"{neighbor: \"10.0.0.1 json\"}",
            "test:1:17: '10.0.0.1 json' is not an address or an interface\n"},
        {"{neighbor: x, families: [ipv4, ipv5]}",
            "test:1:37: unknown family 'ipv5': did you mean 'ipv4'?\n"},
        {"{neighbor: x, state: up}",
            "test:1:27: 'state': expected established, down, any, idle, "
            "connect, active, opensent or openconfirm, got 'up'\n"},
        {"{neighbor: x, state: down, received: []}",
            "test:1:43: 'received' goes with an established session\n"},
        {"{neighbor: x, received: [10.0.0.0]}",
            "test:1:31: '10.0.0.0' lacks the length of its prefix\n"},
        {"{neighbor: x, received: {atleast: [10.0.0.0/8]}}",
            "test:1:31: unknown key 'atleast': did you mean 'at_least'?\n"},
        {"{routes: [{prefix: 10.0.0.0/8, absent: true, med: 1}]}",
            "test:1:16: nothing else can be true of an absent route\n"},
        {"{routes: [{med: 1}]}", "test:1:16: 'prefix' is missing\n"},
    };
    fixture_refuses("bgp: ", rows, sizeof rows / sizeof rows[0], "");
}
