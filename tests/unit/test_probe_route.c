/* The `route` probe against what iproute2 6.15 prints on a router. */
#include "probe_support.h"
#include <criterion/criterion.h>

struct row {
    const char *out, *rule, *verdict, *seen;
    int status;
    const char *err;
};

static void gives(const struct row *row)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = row->out;
    f.status = row->status;
    f.err = row->err;
    _free_ char *yaml = xasprintf("route: {to: %s}", row->rule);
    fixture_gives(&f, yaml, row->verdict, row->seen);
}

#define BGP4                                                                                       \
    "[{\"type\":\"unicast\",\"dst\":\"10.9.200.0/24\",\"nhid\":11,\"gateway\":\"10.9.2.2\","       \
    "\"dev\":\"mid\",\"table\":\"main\",\"protocol\":\"bgp\",\"scope\":\"global\",\"metric\":20,"  \
    "\"flags\":[],\"nh_info\":{\"id\":11,\"gateway\":\"10.9.2.2\",\"dev\":\"mid\",\"scope\":"      \
    "\"link\",\"protocol\":\"zebra\",\"flags\":[]}}]"
#define TWO_HOPS                                                                                   \
    "[{\"type\":\"unicast\",\"dst\":\"10.50.0.0/24\",\"protocol\":\"boot\",\"scope\":\"global\","  \
    "\"flags\":[],\"nexthops\":[{\"gateway\":\"10.9.2.2\",\"dev\":\"mid\",\"weight\":1,"           \
    "\"flags\":[]},{\"gateway\":\"10.9.1.10\",\"dev\":\"left\",\"weight\":1,\"flags\":[]}]}]"
#define EXPIRES                                                                                    \
    "[{\"type\":\"unicast\",\"dst\":\"fd51::/64\",\"gateway\":\"fd09:2::2\",\"dev\":\"mid\","      \
    "\"table\":\"main\",\"protocol\":\"boot\",\"scope\":\"global\",\"metric\":1024,\"flags\":[],"  \
    "\"expires\":299,\"pref\":\"medium\"}]"
#define LOCAL                                                                                      \
    "[{\"type\":\"local\",\"dst\":\"10.9.1.1\",\"dev\":\"left\",\"table\":\"main\",\"protocol\":"  \
    "\"kernel\",\"scope\":\"host\",\"prefsrc\":\"10.9.1.1\",\"flags\":[]}]"
#define BLACK                                                                                      \
    "[{\"type\":\"blackhole\",\"dst\":\"fd52::/64\",\"dev\":\"lo\",\"protocol\":\"boot\","         \
    "\"scope\":\"global\",\"metric\":1024,\"flags\":[],\"pref\":\"medium\"}]"
/* Two defaults, of which the kernel takes the second. */
#define DEFAULTS                                                                                   \
    "[{\"type\":\"unicast\",\"dst\":\"default\",\"gateway\":\"10.9.1.1\",\"dev\":\"left\","        \
    "\"protocol\":\"static\",\"scope\":\"global\",\"metric\":300,\"flags\":[]},"                   \
    "{\"type\":\"unicast\",\"dst\":\"default\",\"gateway\":\"10.9.2.1\",\"dev\":\"mid\","          \
    "\"protocol\":\"dhcp\",\"scope\":\"global\",\"metric\":100,\"flags\":[]}]"
#define DEAD                                                                                       \
    "[{\"type\":\"unicast\",\"dst\":\"10.1.0.0/24\",\"gateway\":\"10.9.2.2\",\"dev\":\"mid\","     \
    "\"protocol\":\"boot\",\"scope\":\"global\",\"flags\":[\"dead\",\"linkdown\"]}]"
#define NO_ROUTE "RTNETLINK answers: Network is unreachable\n"

Test(route, recorded)
{
    static const struct row rows[] = {
        {BGP4, "10.9.200.5", "pass", "a unicast route to 10.9.200.0/24", 0, NULL},
        {BGP4,
            "10.9.200.5, via: 10.9.2.2, device: mid, protocol: [ospf, bgp], matches: 10.9.200.0/24, "
            "metric: 20, lifetime: 5m",
            "pass", "does not expire", 0, NULL},
        {BGP4, "10.9.200.5, via: 10.9.2.3", "fail", "next hops: 10.9.2.2", 0, NULL},
        {BGP4, "10.9.200.5, via: [10.9.2.2, 10.9.2.3]", "fail", "next hops: 10.9.2.2", 0, NULL},
        {BGP4, "10.9.200.5, device: left", "fail", "interfaces: mid", 0, NULL},
        {BGP4, "10.9.200.5, protocol: static", "fail", "set by: bgp", 0, NULL},
        {BGP4, "10.9.200.5, matches: 0.0.0.0/0", "fail", "decides: 10.9.200.0/24", 0, NULL},
        {BGP4, "10.9.200.5, metric: 10", "fail", "metric: 20", 0, NULL},
        {BGP4, "10.9.200.5, type: blackhole", "fail", "a unicast route", 0, NULL},
        {BGP4, "10.9.200.5, source: 10.9.2.1", "fail", "source: none", 0, NULL},
        {BGP4, "10.9.200.5, absent: true", "fail", "10.9.200.0/24", 0, NULL},
        {BGP4, "10.9.200.0/24, via: 10.9.2.2", "pass", "10.9.200.0/24", 0, NULL},
        {TWO_HOPS, "10.50.0.0/24, via: [10.9.1.10, 10.9.2.2], device: [mid, left]", "pass",
            "next hops: 10.9.2.2, 10.9.1.10", 0, NULL},
        {TWO_HOPS, "10.50.0.0/24, via: 10.9.2.2", "fail", "next hops: 10.9.2.2, 10.9.1.10", 0,
            NULL},
        {EXPIRES, "\"fd51::1\", lifetime: 299s, via: \"fd09:2:0::2\"", "pass", "lasts for 299 s", 0,
            NULL},
        {EXPIRES, "\"fd51::1\", lifetime: 300s", "fail", "lasts for 299 s", 0, NULL},
        {EXPIRES, "\"fd51::1\", expires_within: 299s", "pass", "expires in 299 s", 0, NULL},
        {EXPIRES, "\"fd51::1\", expires_within: 298s", "fail", "expires in 299 s", 0, NULL},
        {BGP4, "10.9.200.5, expires_within: 1h", "fail", "it does not expire", 0, NULL},
        {LOCAL, "10.9.1.1, type: local, source: 10.9.1.1, matches: 10.9.1.1/32", "pass",
            "a local route to 10.9.1.1/32", 0, NULL},
        {LOCAL, "10.9.1.1", "fail", "a local route", 0, NULL},
        {BLACK, "\"fd52::/64\", type: blackhole", "pass", "a blackhole route", 0, NULL},
        {BLACK, "\"fd52::/64\"", "fail", "a blackhole route", 0, NULL},
        {DEFAULTS, "default, family: ipv4, via: 10.9.2.1, protocol: dhcp", "pass",
            "a unicast route to 0.0.0.0/0", 0, NULL},
        {DEFAULTS, "default, family: ipv4, via: 10.9.1.1", "fail", "next hops: 10.9.2.1", 0, NULL},
        {DEAD, "10.1.0.0/24", "fail", "an interface of it is down", 0, NULL},
        {"[]", "10.99.0.0/24", "fail", "there is no route", 0, NULL},
        {"[]", "10.99.0.0/24, absent: true", "pass", "no route", 0, NULL},
        {"", "99.1.1.1", "fail", "there is no route", 2, NO_ROUTE},
        {"", "99.1.1.1, absent: true", "pass", "no route", 2, NO_ROUTE},
        {"[]", "10.0.0.0/8, table: 99, absent: true", "pass", "no route", 2,
            "Error: ipv4: FIB table does not exist.\nDump terminated\n"},
        {"", "10.51.0.1, type: blackhole", "pass", "10.51.0.1 is blackhole", 2,
            "RTNETLINK answers: Invalid argument\n"},
        {"", "10.51.0.1", "fail", "10.51.0.1 is blackhole", 2,
            "RTNETLINK answers: Invalid argument\n"},
        {"", "10.51.0.1, absent: true", "fail", "blackhole", 2,
            "RTNETLINK answers: Invalid argument\n"},
        {"", "10.51.0.1, type: blackhole, via: 10.0.0.1", "fail", "is blackhole", 2,
            "RTNETLINK answers: Invalid argument\n"},
        {"", "10.52.0.1, type: unreachable", "pass", "is unreachable", 2,
            "RTNETLINK answers: No route to host\n"},
        {"", "10.53.0.1, type: any", "pass", "is prohibit", 2,
            "RTNETLINK answers: Permission denied\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        gives(&rows[i]);
}

/* What is odd tells nothing about the system. */
Test(route, odd_answers_are_errors)
{
    _free_ char *huge = ten_megabytes();
    const struct row rows[] = {
        {"", "10.0.0.1", "error", "exit status 1", 1, "Command line is not complete\n"},
        {"", "10.0.0.1, absent: true", "error", "exit status 255", 255, "Segfault\n"},
        {"", "10.0.0.1", "error", "not JSON", 0, NULL},
        {"[{\"type\":\"unicast\"", "10.0.0.1", "error", "not JSON", 0, NULL},
        {"{}", "10.0.0.1", "error", "not a JSON list", 0, NULL},
        {"[NaN]", "10.0.0.1", "error", "not JSON", 0, NULL},
        {"[5]", "10.0.0.1", "error", "lacks 'type'", 0, NULL},
        {"[{\"type\":\"unicast\",\"dst\":7,\"flags\":[]}]", "10.0.0.1", "error", "lacks 'dst'", 0,
            NULL},
        {"[{\"type\":\"unicast\",\"dst\":\"10.0.0.0/8\",\"gateway\":[],\"flags\":[]}]",
            "10.0.0.1, via: 10.0.0.2", "error", "lacks 'gateway'", 0, NULL},
        {"[{\"type\":\"unicast\",\"dst\":\"10.0.0.0/8\",\"flags\":[]}]", "10.0.0.1, protocol: bgp",
            "error", "lacks 'protocol'", 0, NULL},
        {"[{\"type\":\"unicast\",\"dst\":\"10.0.0.0/8\",\"metric\":\"low\",\"flags\":[]}]",
            "10.0.0.1", "error", "lacks 'metric'", 0, NULL},
        {"[{\"type\":\"unicast\",\"dst\":\"10.0.0.0/8\",\"expires\":1e99,\"flags\":[]}]",
            "10.0.0.1, lifetime: 1s", "error", "lacks 'expires'", 0, NULL},
        {huge, "10.0.0.1", "error", "too long", 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        gives(&rows[i]);
}

Test(route, mistakes_have_a_place)
{
    static const char *const rows[][2] = {
        {"to: 10.0.0.300", "test:1:13: '10.0.0.300' is not an address, and not 'default'\n"},
        {"to: 10.0.0.1/8",
            "test:1:13: '10.0.0.1/8' has bits set after its prefix, and not "
            "'default'\n"},
        {"to: 10.0.0.0/33",
            "test:1:13: '10.0.0.0/33' has a prefix of no such length, and not "
            "'default'\n"},
        {"to: default", "test:1:13: 'default' needs a 'family': ipv4 or ipv6\n"},
        {"to: 10.0.0.1, family: ipv6", "test:1:31: '10.0.0.1' is ipv4\n"},
        {"to: 10.0.0.1, vai: 10.0.0.2", "test:1:23: unknown key 'vai': did you mean 'via'?\n"},
        {"to: 10.0.0.1, via: [10.0.0.2, 10.0.0.2]", "test:1:39: '10.0.0.2' is there twice\n"},
        {"to: 10.0.0.1, via: 10.0.0.0/8",
            "test:1:28: '10.0.0.0/8' must be an address without a prefix\n"},
        {"to: 10.0.0.1, matches: 10.0.0.0",
            "test:1:32: '10.0.0.0' lacks the length of its prefix\n"},
        {"to: 10.0.0.1, absent: true, via: 10.0.0.2",
            "test:1:42: 'via' cannot be true of a route that is absent\n"},
        {"to: 10.0.0.1, table: main",
            "test:1:30: 'table' goes with a prefix; an address is looked "
            "up in all of them\n"},
        {"to: 10.0.0.0/8, matches: 10.0.0.0/8", "test:1:34: 'matches' goes with an address\n"},
        {"to: 10.0.0.0/8, table: -x",
            "test:1:32: 'table': expected the name or number of a table, got '-x'\n"},
        {"via: 10.0.0.1", "test:1:8: 'to' is missing\n"},
    };
    fixture_refuses("route: {", rows, sizeof rows / sizeof rows[0], "}");
}
