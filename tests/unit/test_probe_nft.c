/* The `nft` probe: rulesets as nftables 1.1 (and iptables 1.8) print them, and packets on this
 * machine. */
#include "probe_support.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>

static void gives(const char *ruleset, const char *rule, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = ruleset;
    _free_ char *yaml = xasprintf("nft: {%s}", rule);
    fixture_gives(&f, yaml, verdict, seen);
}

Test(nft, rulesets)
{
    static const struct {
        const char *file, *rule, *verdict, *seen;
    } rows[] = {
        {"nft-stateful.json", "hook: forward, policy: drop, stateful: true", "pass",
            "inet filter forward ends with drop"},
        {"nft-stateful.json", "hook: forward, policy: accept", "fail", "drop by default"},
        {"nft-stateful.json", "hook: forward, stateful: false", "fail", "established connections"},
        {"nft-stateful.json", "hook: input, policy: drop", "fail", "no chain filters there"},
        {"nft-stateful.json", "hook: input, policy: accept, stateful: false", "pass",
            "no chain filters there"},
        {"nft-stateful.json", "hook: forward, policy: drop, priority: 0", "pass", "drop"},
        {"nft-stateful.json", "hook: forward, policy: drop, priority: 5", "fail", "no chain"},
        {"nft-dormant.json", "hook: input, policy: drop", "fail", "no chain filters there"},
        /* accept as policy, but the last thing that happens to every packet is a drop */
        {"nft-jump.json", "hook: input, policy: drop, family: ipv4", "pass",
            "ip f i ends with drop"},
        {"nft-jump.json", "hook: input, stateful: true, family: ipv4", "pass", "IPv4 at input"},
        /* drop as policy, but nothing ever gets so far */
        {"nft-jump.json", "hook: input, policy: drop, family: ipv6", "fail",
            "ip6 f i ends with accept"},
        {"nft-jump.json", "hook: input, policy: drop", "fail", "IPv6 at input: accept by default"},
        /* rejected at the end, after all that is not established was accepted */
        {"nft-negate.json", "hook: input, policy: drop", "fail", "inet f i ends with accept"},
        {"nft-negate.json", "hook: input, stateful: true", "fail", "no rule accepts established"},
        {"nft-iptables.json", "hook: input, policy: drop, stateful: true, family: ipv4", "pass",
            "ip filter INPUT ends with drop"},
        {"nft-iptables.json", "hook: input, policy: drop", "fail", "IPv6 at input: accept"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *text = recorded(rows[i].file);
        gives(text, rows[i].rule, rows[i].verdict, rows[i].seen);
    }
}

/* One base chain a spelling, each with a priority of its own. Chain `ok` accepts all, `no` drops
 * all; of the maps, `far` is in another table and `gone` is nowhere. */
Test(nft, known_connections_in_every_spelling)
{
    static const struct {
        const char *chain, *verdict;
    } rows[] = {
        {"accept", "pass"},        /* ct state established,related accept */
        {"jump", "pass"},          /* ct state established,related jump ok */
        {"goto", "pass"},          /* ct state established counter goto ok */
        {"to-drop", "fail"},       /* ct state established goto no */
        {"new-only", "fail"},      /* ct state new goto ok */
        {"set", "pass"},           /* ct state @known accept */
        {"no-set", "fail"},        /* ct state @unknown accept */
        {"xt", "pass"},            /* -m conntrack … -g ok */
        {"map", "pass"},           /* ct state vmap { established : accept } */
        {"map-goto", "pass"},      /* ct state vmap { established : goto ok } */
        {"map-to-drop", "fail"},   /* ct state vmap { new : goto ok, established : goto no } */
        {"named", "pass"},         /* ct state vmap @states; an element has a comment */
        {"named-to-drop", "fail"}, /* ct state vmap @bad */
        {"foreign", "fail"},       /* ct state vmap @far */
        {"no-map", "fail"},        /* ct state vmap @gone */
        {"circle", "fail"},        /* ct state established goto circle */
    };
    _free_ char *text = recorded("nft-states.json");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *rule = xasprintf("hook: input, stateful: true, priority: %zu", i + 1);
        const char *seen = streq(rows[i].verdict, "pass")
            ? "established connections are accepted as such"
            : "no rule accepts established connections as such";
        gives(text, rule, rows[i].verdict, seen);
    }
}

/* One base chain a spelling, each with a priority of its own. What lets in a connection that nobody
 * agreed on lets in everybody, whatever the policy says. */
Test(nft, conditions_that_anybody_meets)
{
    static const struct {
        const char *chain, *end;
    } rows[] = {
        {"families", "accept"},      /* meta nfproto { ipv4, ipv6 } */
        {"protocols", "accept"},     /* meta l4proto { tcp, udp, icmp } */
        {"everywhere", "accept"},    /* ip saddr 0.0.0.0/0; ip6 daddr ::/0 */
        {"all-ports", "accept"},     /* tcp dport @ports, which has 0-65535 */
        {"any-state", "accept"},     /* ct state new,established */
        {"state-set", "accept"},     /* ct state { new, established } goto ok */
        {"not-ours", "accept"},      /* ip saddr != 10.0.0.0/8 */
        {"not-lo", "accept"},        /* iifname != "lo" */
        {"high-ports", "accept"},    /* tcp dport 1-1024; udp sport >= 1024 */
        {"family-map", "accept"},    /* meta nfproto vmap { ipv4 : accept, ipv6 : jump ok } */
        {"state-map", "accept"},     /* ct state vmap @states, where new : jump ok */
        {"often", "accept"},         /* limit rate 100/second */
        {"unmarked", "accept"},      /* meta mark 0 */
        {"to-us", "accept"},         /* meta pkttype { unicast, multicast } */
        {"sound", "drop"},           /* addresses, ports, interfaces and states that are agreed */
        {"all-but-ssh", "accept"},   /* tcp dport != 22 */
        {"any-length", "accept"},    /* meta length 0-65535 */
        {"outwards", "accept"},      /* ct direction original */
        {"first-packets", "accept"}, /* tcp flags & (fin | syn | rst | ack) == syn */
        {"old-names", "accept"},     /* meta protocol { ip, ip6 } ip version 4; ip6 hoplimit > 0 */
        {"numbers", "accept"},       /* ip protocol { 6, 17 }; ip6 nexthdr { 6, 17 } */
        {"transport", "accept"},     /* th dport 0-65535 */
        {"global", "accept"},        /* ip saddr 128.0.0.0-223.255.255.255; ip6 saddr 2000::/3 */
        /* Strangers are dropped, and who is none is let in: no default of drop. */
        {"ours-dropped", "accept"},
        {"strangers-first", "drop"},
    };
    _free_ char *text = recorded("nft-strangers.json");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static const char *const families[] = {"ipv4", "ipv6"};
        for (size_t k = 0; k < 2; k++) {
            _free_ char *rule = xasprintf("hook: input, policy: %s, priority: %zu, family: %s",
                rows[i].end, i + 1, families[k]);
            _free_ char *seen = xasprintf("inet t %s ends with %s", rows[i].chain, rows[i].end);
            gives(text, rule, "pass", seen);
        }
    }
}

#define BASE(policy, prio)                                                                         \
    "{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\", \"type\": \"filter\", " \
    "\"hook\": \"input\", \"prio\": " prio ", \"policy\": " policy "}}"
#define ASKS "hook: input, policy: drop"

Test(nft, odd_answers_are_errors)
{
    _free_ char *huge = ten_megabytes();
    gives("", ASKS, "error", "not JSON");
    gives("{\"nftables\": [", ASKS, "error", "not JSON");
    gives("{\"nftables\": NaN}", ASKS, "error", "not JSON");
    gives("[]", ASKS, "error", "lacks 'nftables'");
    gives("{\"nftables\": {}}", ASKS, "error", "lacks 'nftables'");
    gives("{\"nftables\": [" BASE("true", "0") "]}", ASKS, "error", "lacks 'policy'");
    gives("{\"nftables\": [" BASE("\"drop\"", "\"low\"") "]}", ASKS, "error", "lacks 'prio'");
    gives(
        "{\"nftables\": [" BASE("\"drop\"",
            "0") ", {\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"expr\": 5}}]}",
        ASKS, "error", "lacks 'expr'");
    gives(huge, ASKS, "error", "too long");
}

/* The kernel allows no such thing; a forged answer must not hang or crash the grader. */
Test(nft, chains_in_a_circle)
{
    gives(
        "{\"nftables\": [" BASE("\"drop\"",
            "0") ", {\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"expr\": "
                 "[{\"jump\": {\"target\": \"c\"}}]}}]}",
        ASKS ", stateful: false", "pass", "ends with drop");
}

Test(nft, packets)
{
    int port, other;
    int fd = listener(&port), gone = listener(&other);
    close(gone);
    _free_ char *open = xasprintf("{to: 127.0.0.1, port: %d}", port);
    _free_ char *closed = xasprintf("{from: here, to: 127.0.0.1, port: %d}", other);
    _free_ char *good = xasprintf("nft: {open: [%s], closed: [%s]}", open, closed);
    _free_ char *from =
        xasprintf("nft: {open: [{to: 127.0.0.1, port: %d, source: 127.0.0.9}]}", port);
    here_gives(from, "pass", "(from 127.0.0.9): open");
    /* Neither open nor closed: nothing was sent. The port is taken, the address is not ours. */
    _free_ char *taken =
        xasprintf("nft: {closed: [{to: 127.0.0.1, port: %d, source: 127.0.0.1, source_port: %d}]}",
            other, port);
    _free_ char *foreign =
        xasprintf("nft: {closed: [{to: 127.0.0.1, port: %d, source: 192.0.2.77}]}", other);
    here_gives(taken, "error", "cannot send to 127.0.0.1");
    here_gives(foreign, "error", "cannot send to 127.0.0.1");
    _free_ char *bad = xasprintf("nft: {open: [%s]}", closed);
    _free_ char *worse = xasprintf("nft: {closed: [%s, %s]}", closed, open);
    here_gives(good, "pass", "open\n");
    here_gives(bad, "fail", "refused, Connection refused");
    here_gives(worse, "fail", "NOT AS EXPECTED: here to 127.0.0.1");
    close(fd);
}

Test(nft, odd_answers_of_packets_are_errors)
{
    static const char *const rows[] = {"[]", "{}", "[[\"open\"]]", "[[\"maybe\", \"\"]]",
        "[[\"open\", \"\"], [\"open\", \"\"]]", "[[1, \"\"]]", "[\"open"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        gives(rows[i], "open: [{to: 10.0.0.1, port: 5}]", "error", "");
    gives("[[\"open\", \"\"]]", "open: [{to: 10.0.0.1, port: 5}]", "pass", "port 5: open");
    gives("[[\"filtered\", \"no answer\"]]", "open: [{to: 10.0.0.1, port: 5}]", "fail",
        "filtered, no answer");
}

Test(nft, mistakes_have_a_place)
{
    static const char *const rows[][2] = {
        {"{}", "test:1:6: an nft probe needs at least one expectation\n"},
        {"{policy: drop}", "test:1:6: 'hook' and one of 'policy' and 'stateful' need each other\n"},
        {"{hook: input}", "test:1:6: 'hook' and one of 'policy' and 'stateful' need each other\n"},
        {"{hook: input, polcy: drop}",
            "test:1:6: 'hook' and one of 'policy' and 'stateful' need each other\n"
            "test:1:20: unknown key 'polcy': did you mean 'policy'?\n"},
        {"{open: [{from: hare, to: 10.0.0.1, port: 5}]}",
            "test:1:21: unknown node 'hare': did you mean 'here'?\n"},
        {"{open: [{to: 10.0.0.1, port: 5, source: \"fd00::1\"}]}",
            "test:1:46: 'source' is not of the family of 'to'\n"},
        {"{open: [{to: box, port: 5}]}", "test:1:19: 'box' is not an address\n"},
        {"{closed: [{to: 10.0.0.1, port: 70000}]}",
            "test:1:37: 'port': expected a whole number from 1 to 65535, got '70000'\n"},
    };
    fixture_refuses("nft: ", rows, sizeof rows / sizeof rows[0], "");
}
