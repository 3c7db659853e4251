/* What nodes say of themselves, from recordings of a real node: as its scenario's faults left it,
 * mended, and after somebody had been busy on it. */
#include "graders/collateral/ask.h"
#include "graders/collateral/compare.h"
#include "graders/collateral/parse.h"
#include "probe_support.h"
#include <criterion/criterion.h>

#define TOKEN "@TOKEN@"

static void parse(const char *text, size_t len, unsigned kinds, struct node_facts *ret)
{
    _free_ char *copy = xmemdup(text, len + 1);
    copy[len] = '\0';
    *ret = (struct node_facts){0};
    facts_parse(copy, len, TOKEN, kinds, ret);
}

static void parse_file(const char *name, struct node_facts *ret)
{
    _free_ char *text = recorded(name);
    parse(text, strlen(text), ALL_FACTS, ret);
}

/* The mended node is as the healthy one was. */
static void compare_with(struct node_facts *healthy, struct node_facts *broken,
    struct node_facts *now, struct collateral *c)
{
    struct collateral_base base = {.healthy = {healthy, 1}};
    if (broken)
        base.broken[1] = (struct lab_facts){broken, 1};
    *c = (struct collateral){0};
    collateral_compare("box", 0, &base, now, ALL_FACTS, c);
}

static const struct difference *find(const struct collateral *c, const char *item)
{
    for (size_t i = 0; i < c->n_differences; i++)
        if (streq(c->differences[i].item, item))
            return &c->differences[i];
    return NULL;
}

static void differs(const struct collateral *c, const char *item, const char *healthy,
    const char *now, enum whose whose)
{
    const struct difference *d = find(c, item);
    cr_assert_not_null(d, "no difference '%s'", item);
    cr_expect_str_eq(d->healthy ? d->healthy : "-", healthy, "%s: %s", item, d->healthy);
    cr_expect_str_eq(d->now ? d->now : "-", now, "%s: %s", item, d->now);
    cr_expect_eq(d->whose, whose, "%s: %s", item, whose_name(d->whose));
}

Test(collateral, a_node_is_read)
{
    _node_facts_ struct node_facts n;
    parse_file("collateral-changed.txt", &n);
    for (int k = 0; k < N_FACT_KINDS; k++) {
        cr_expect_null(n.kinds[k].untold, "%s: %s", fact_names[k], n.kinds[k].untold);
        cr_expect_gt(n.kinds[k].n, 0);
    }
    cr_assert_gt(n.clock, 1.7e9);
    static const struct {
        enum fact_kind kind;
        const char *item, *value;
    } facts[] = {
        {FACT_UNITS, "ssh.service", "enabled, active"},
        {FACT_UNITS, "bad@.service", "disabled"},
        {FACT_UNITS, "bad@1.service", "enabled, failed"},
        {FACT_UNITS, "systemd-hostnamed.service", "static"},
        {FACT_UNITS, "chrony.service", "masked, inactive"},
        {FACT_UNITS, "sshd.service", "alias"},
        {FACT_PORTS, "tcp [::]:22", "sshd"},
        {FACT_FIREWALL, "chain inet filter input", "filter hook input priority 0 policy drop"},
        {FACT_MOUNTS, "/proc/sys", "proc ro nosuid noexec from /sys"},
        {FACT_USERS, "user root", "uid 0, gid 0, home /root, shell /bin/bash, password locked"},
        {FACT_SYSCTLS, "net.ipv4.ip_local_port_range", "32768 60999"},
        {FACT_PACKAGES, "zlib1g:amd64", "1:1.3.dfsg+really1.3.1-1+deb13u1"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const char *value = facts_get(&n.kinds[facts[i].kind], facts[i].item);
        cr_assert_not_null(value, "no %s", facts[i].item);
        cr_expect_str_eq(value, facts[i].value, "%s: %s", facts[i].item, value);
    }
    cr_expect_null(facts_get(&n.kinds[FACT_SYSCTLS], "net.ipv4.tcp_fastopen_key"));
}

Test(collateral, faults_that_are_still_there)
{
    _node_facts_ struct node_facts healthy, broken;
    parse_file("collateral-mended.txt", &healthy);
    parse_file("collateral-broken.txt", &broken);
    struct collateral c;
    compare_with(&healthy, &broken, &broken, &c);
    cr_expect_eq(c.n_differences, 3);
    cr_expect_eq(c.changed, 0);
    cr_expect_eq(c.n_untold, 0);
    differs(&c, "hello.service", "enabled, active", "disabled, inactive", BY_FAULT);
    differs(&c, "inet filter input: icmp type echo-request accept", "", "-", BY_FAULT);
    differs(&c, "inet filter input: icmpv6 type echo-request accept", "", "-", BY_FAULT);
    collateral_free(&c);
    compare_with(&healthy, NULL, &broken, &c);
    cr_expect_eq(c.changed, 3);
    differs(&c, "hello.service", "enabled, active", "disabled, inactive", BY_UNKNOWN);
    collateral_free(&c);
    compare_with(&healthy, &broken, &healthy, &c);
    cr_expect_eq(c.n_differences, 0, "what is mended is no difference");
    collateral_free(&c);
}

Test(collateral, what_a_candidate_changed)
{
    _node_facts_ struct node_facts healthy, broken, now;
    parse_file("collateral-mended.txt", &healthy);
    parse_file("collateral-broken.txt", &broken);
    parse_file("collateral-changed.txt", &now);
    struct collateral c;
    compare_with(&healthy, &broken, &now, &c);
    cr_expect_eq(c.n_differences, 21);
    cr_expect_eq(c.changed, 21);
    differs(&c, "door.service", "-", "enabled, active", BY_CANDIDATE);
    differs(&c, "bad@1.service", "-", "enabled, failed", BY_CANDIDATE);
    differs(&c, "debug-shell.service", "disabled, inactive", "masked, inactive", BY_CANDIDATE);
    differs(&c, "ssh.service.d/own.conf", "-", "a drop-in", BY_CANDIDATE);
    differs(&c, "tcp 0.0.0.0:8080", "-", "python3", BY_CANDIDATE);
    differs(&c, "/mnt", "-", "overlay rw from /etc", BY_CANDIDATE);
    differs(&c, "group backup", "gid 34", "gid 34, members eve", BY_CANDIDATE);
    differs(&c, "net.ipv4.ip_forward", "0", "1", BY_CANDIDATE);
    differs(&c, "iputils-ping:amd64", "3:20240905-3", "-", BY_CANDIDATE);
    differs(&c, "set inet filter seen", "-",
        "{\"flags\":[\"timeout\",\"dynamic\"],\"timeout\":60,\"type\":\"ipv4_addr\"}",
        BY_CANDIDATE);
    differs(&c,
        "inet filter input: tcp dport { 8080, 8443 } counter "
        "{\"limit\":{\"burst\":5,\"per\":\"second\",\"rate\":5}} {\"log\":{\"prefix\":\"door \"}} "
        "accept",
        "-", "", BY_CANDIDATE);
    collateral_hide(&c);
    cr_expect_eq(c.n_differences, 0);
    cr_expect_eq(c.changed, 21);
    collateral_free(&c);
}

/* An answer that breaks off anywhere is told in part, and never shows a difference. */
Test(collateral, an_answer_that_breaks_off)
{
    _node_facts_ struct node_facts healthy;
    _free_ char *text = recorded("collateral-mended.txt");
    size_t len = strlen(text);
    parse(text, len, ALL_FACTS, &healthy);
    size_t told_at_all = 0;
    for (size_t cut = 0; cut < len; cut += cut < 2000 ? 7 : 977) {
        _node_facts_ struct node_facts part;
        parse(text, cut, ALL_FACTS, &part);
        struct collateral c;
        compare_with(&healthy, NULL, &part, &c);
        cr_assert_eq(c.n_differences, 0, "cut at %zu: %s", cut, c.differences[0].item);
        cr_assert_gt(c.n_untold, 0);
        told_at_all += c.n_untold < N_FACT_KINDS;
        collateral_free(&c);
    }
    cr_assert_gt(told_at_all, 0);
}

Test(collateral, garbage_does_no_harm)
{
    _free_ char *text = recorded("collateral-changed.txt");
    size_t len = strlen(text);
    unsigned seed = 1;
    for (int round = 0; round < 60; round++) {
        _free_ char *copy = xmemdup(text, len + 1);
        for (int i = 0; i < 40; i++) {
            seed = seed * 1103515245 + 12345;
            copy[(seed >> 8) % len] = (char)(seed >> 3);
        }
        _node_facts_ struct node_facts n;
        parse(copy, len, ALL_FACTS, &n);
    }
    _node_facts_ struct node_facts n;
    parse("a\0b", 3, ALL_FACTS, &n);
    for (int k = 0; k < N_FACT_KINDS; k++)
        cr_assert_str_eq(n.kinds[k].untold, "the node's answer is not text");
}

#define SECTION(name, body, status)                                                                \
    TOKEN " begin " name "\n" body "\n" TOKEN " end " name " " status "\n"
#define SETTLED SECTION("settled", "running\n", "0")

static const char *why_untold(const char *text, enum fact_kind kind)
{
    static char why[256];
    _node_facts_ struct node_facts n;
    parse(text, strlen(text), 1U << kind, &n);
    snprintf(why, sizeof why, "%s", n.kinds[kind].untold ? n.kinds[kind].untold : "told");
    return why;
}

Test(collateral, what_is_not_as_it_should_be_is_not_told)
{
    static const struct {
        const char *text;
        enum fact_kind kind;
        const char *why;
    } cases[] = {
        {SETTLED SECTION("ports", "", "0"), FACT_PORTS, "told"},
        {SETTLED SECTION("ports", "", "124"), FACT_PORTS, "the command took too long"},
        {SETTLED SECTION("ports", "", "127"), FACT_PORTS, FACTS_NO_PROGRAM},
        {SETTLED SECTION("ports", "", "1"), FACT_PORTS, "the command failed on the node"},
        {SETTLED SECTION("ports", "tcp LISTEN", "0"), FACT_PORTS,
            "a line of ss is not as it should be"},
        {SETTLED SECTION("ports", "tcp LISTEN 0 1 nonsense 0.0.0.0:*", "0"), FACT_PORTS,
            "an address that ss gives is not one"},
        {SETTLED SECTION("ports", "", "0") SECTION("ports", "", "0"), FACT_PORTS,
            "the node's answer lacks it"},
        {SECTION("ports", "", "0"), FACT_PORTS, "the node does not say whether its boot is over"},
        {SECTION("settled", "starting", "1") SECTION("ports", "", "0"), FACT_PORTS,
            "the node's boot is not over"},
        {SETTLED SECTION("firewall", "{\"nftables\": [1]}", "0"), FACT_FIREWALL,
            "an entry of nft's list is not as it should be"},
        {SETTLED SECTION("firewall", "Error: out of memory", "0"), FACT_FIREWALL,
            "nft's answer is not the JSON that it should be"},
        {SETTLED SECTION("mounts", "1 2 3", "0"), FACT_MOUNTS,
            "a line of /proc/self/mountinfo is not as it should be"},
        {SETTLED SECTION("sysctls", "net.ipv4.ip_forward = 1", "0"), FACT_SYSCTLS,
            "a sysctl is not as it should be"},
        {SETTLED SECTION("packages", "bash", "0"), FACT_PACKAGES,
            "a line of dpkg-query is not as it should be"},
        {SECTION("passwd", "root:x:0:0", "0") SECTION("shadow", "root:set", "0")
                SECTION("group", "root:x:0:", "0"),
            FACT_USERS, "a line of /etc/passwd is not as it should be"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(why_untold(cases[i].text, cases[i].kind), cases[i].why, "case %zu: %s", i,
            why_untold(cases[i].text, cases[i].kind));
}

/* A line of a file of the node's that looks like the end of its section. */
Test(collateral, a_file_does_not_end_its_own_section)
{
    static const char text[] = SECTION(
        "passwd", "root:x:0:0:@OTHER@ end passwd 0:/root:/bin/sh\n@OTHER@ end passwd 0\n", "0")
        SECTION("shadow", "root:set", "0") SECTION("group", "root:x:0:", "0");
    cr_assert_str_eq(why_untold(text, FACT_USERS), "a line of /etc/passwd is not as it should be");
}

static void facts_of(const char *text, enum fact_kind kind, struct node_facts *ret)
{
    parse(text, strlen(text), 1U << kind, ret);
    cr_assert_null(ret->kinds[kind].untold, "%s", ret->kinds[kind].untold);
}

Test(collateral, ports_that_are_chance_and_addresses_of_one_lab_only)
{
    _node_facts_ struct node_facts n;
    facts_of(SETTLED SECTION("ports",
                 "tcp LISTEN 0 5 10.20.0.11:6804 0.0.0.0:* users:((\"ceph-osd\",pid=7,fd=20))\n"
                 "tcp LISTEN 0 5 10.20.0.11:6805 0.0.0.0:* users:((\"ceph-osd\",pid=7,fd=21))\n"
                 "tcp LISTEN 0 5 10.20.0.11:9100 0.0.0.0:* users:((\"ceph-osd\",pid=7,fd=22))\n"
                 "udp UNCONN 0 0 [fe80::5054:ff:fe12:3456]%lan:546 [::]:* "
                 "users:((\"b\",pid=9,fd=1),(\"a\",pid=1,fd=3),(\"a\",pid=2,fd=3))\n"
                 "udp UNCONN 0 0 *:123 *:*\n",
                 "0"),
        FACT_PORTS, &n);
    const struct facts *f = &n.kinds[FACT_PORTS];
    cr_assert_eq(f->n, 4);
    cr_expect_str_eq(facts_get(f, "tcp 10.20.0.11:6800-7568"), "ceph-osd");
    cr_expect_str_eq(facts_get(f, "tcp 10.20.0.11:9100"), "ceph-osd");
    cr_expect_str_eq(facts_get(f, "udp [fe80::]%lan:546"), "a, b");
    cr_expect_str_eq(facts_get(f, "udp *:123"), "process not known");
}

#define RULE(handle, expr)                                                                         \
    "{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"handle\": " handle    \
    ", \"expr\": [" expr "]}}"
#define COUNTER(n) "{\"counter\": {\"packets\": " n ", \"bytes\": 9}}"
#define RULES(...) SETTLED SECTION("firewall", "{\"nftables\": [" __VA_ARGS__ "]}", "0")

static size_t firewall_differences(const char *a, const char *b, char **ret_first)
{
    _node_facts_ struct node_facts healthy, now;
    facts_of(a, FACT_FIREWALL, &healthy);
    facts_of(b, FACT_FIREWALL, &now);
    struct collateral c = {0};
    struct collateral_base base = {.healthy = {&healthy, 1}};
    collateral_compare("box", 0, &base, &now, 1U << FACT_FIREWALL, &c);
    size_t n = c.n_differences;
    *ret_first = n ? xstrdup(c.differences[0].item) : NULL;
    cr_assert_eq(c.changed, (int64_t)n);
    collateral_free(&c);
    return n;
}

Test(collateral, a_firewall_is_its_rules_and_their_order)
{
    static const char first[] = RULES(RULE("3", COUNTER("1") ", {\"accept\": null}") ", " RULE(
        "4", "{\"jump\": {\"target\": \"x\"}}") ", " RULE("5", "{\"drop\": null}"));
    static const char counted[] = RULES(RULE("7", COUNTER("99") ", {\"accept\": null}") ", " RULE(
        "8", "{\"jump\": {\"target\": \"x\"}}") ", " RULE("9", "{\"drop\": null}"));
    static const char turned[] = RULES(RULE("3", COUNTER("1") ", {\"accept\": null}") ", " RULE(
        "5", "{\"drop\": null}") ", " RULE("4", "{\"jump\": {\"target\": \"x\"}}"));
    static const char twice[] = RULES(RULE("3", COUNTER("1") ", {\"accept\": null}") ", " RULE(
        "4", "{\"jump\": {\"target\": \"x\"}}") ", " RULE("5", "{\"drop\": null}") ", " RULE("6",
        "{\"drop\": null}"));
    _free_ char *none = NULL, *order = NULL, *more = NULL;
    cr_expect_eq(firewall_differences(first, counted, &none), 0);
    cr_expect_eq(firewall_differences(first, turned, &order), 1);
    cr_expect_str_eq(order, "order of inet t c");
    cr_expect_eq(firewall_differences(first, twice, &more), 1);
    cr_expect_str_eq(more, "inet t c: drop (2)");
}

Test(collateral, a_unit_on_its_way_is_no_difference)
{
    struct node_facts a = {0}, b = {0};
    for (int k = 0; k < N_FACT_KINDS; k++) {
        if (k == FACT_UNITS)
            continue;
        facts_set_untold(&a.kinds[k], "no");
        facts_set_untold(&b.kinds[k], "no");
    }
    facts_add(&a.kinds[FACT_UNITS], "x.service", "enabled, active");
    facts_add(&a.kinds[FACT_UNITS], "y.service", "enabled, active");
    facts_add(&b.kinds[FACT_UNITS], "x.service", "enabled, starting");
    facts_add(&b.kinds[FACT_UNITS], "y.service", "disabled, starting");
    facts_finish(&a.kinds[FACT_UNITS]);
    facts_finish(&b.kinds[FACT_UNITS]);
    facts_add(&b.files, "/etc/passwd", "");
    _strv_ struct strv lines = STRV_INIT;
    cr_expect_eq(facts_changes("box", &a, &b, &lines), 2);
    cr_assert_eq(lines.n, 2);
    cr_expect_str_eq(
        lines.items[0], "box: units: 'y.service' was enabled, active, and is disabled, starting");
    cr_expect_str_eq(lines.items[1], "box: file '/etc/passwd' was changed");
    node_facts_free(&a);
    node_facts_free(&b);
}

Test(collateral, what_differs_far_behind_differs)
{
    _node_facts_ struct node_facts n = {0};
    _free_ char *a = xasprintf("%600s", "a");
    _free_ char *b = xasprintf("%600s", "b");
    struct facts *f = &n.kinds[FACT_USERS];
    facts_add(f, "one", a);
    facts_add(f, "two", b);
    facts_add(f, "three", "pw\x1b[31m\nx");
    facts_finish(f);
    cr_expect_str_neq(facts_get(f, "one"), facts_get(f, "two"));
    cr_expect_lt(strlen(facts_get(f, "one")), 560);
    cr_expect_str_eq(facts_get(f, "three"), "pw\\x1b[31m x");
}

Test(collateral, a_record_comes_back_as_it_was)
{
    static const char *const names[] = {"box", "judge"};
    _lab_facts_ struct lab_facts l = {.nodes = xcalloc(2, sizeof *l.nodes), .n = 2};
    parse_file("collateral-changed.txt", &l.nodes[0]);
    for (int k = 0; k < N_FACT_KINDS; k++)
        facts_set_untold(&l.nodes[1].kinds[k], "no answer");
    _json_ json_t *j = lab_facts_to_json(&l, names);
    _lab_facts_ struct lab_facts back = {0};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(lab_facts_from_json(j, names, 2, &back, &err), "%s", err.message);
    _json_ json_t *again = lab_facts_to_json(&back, names);
    cr_assert(json_equal(j, again));
    cr_assert(!lab_facts_from_json(j, names, 1, &back, &err));
    json_object_del(json_object_get(json_object_get(j, "nodes"), "judge"), "ports");
    cr_assert(!lab_facts_from_json(j, names, 2, &back, &err));
}

static bool run_this_machine(size_t node, const struct run_request *req, struct run_result *ret,
    void *data, struct lr_error *err)
{
    struct probe_fixture *f = data;
    return fixture_run(&(struct probe_ctx){.data = f}, node, req, ret, err);
}

/* The program as it is, on this machine; which has no systemd, so that it is never "booted". */
Test(collateral, the_guard_asks_for_real)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/tmp");
    struct facts_question q = {
        .kinds = 1U << FACT_USERS | 1U << FACT_PACKAGES, .until = deadline_in(60000)};
    struct node_facts here = {0};
    facts_ask(0, &q, run_this_machine, &f, &here);
    cr_assert_null(here.kinds[FACT_USERS].untold, "%s", here.kinds[FACT_USERS].untold);
    cr_assert_str_eq(here.kinds[FACT_PORTS].untold, "not asked for");
    cr_assert_not_null(facts_get(&here.kinds[FACT_USERS], "user root"));
    cr_assert_str_eq(fixture_try(&f, "collateral: {only: [users]}"), "error");
    struct collateral_base base = {.healthy = {&here, 1}, .broken = {{&here, 1}}};
    f.base = &base;
    cr_assert_str_eq(fixture_try(&f, "collateral: {only: [users]}"), "pass");
    facts_add(&here.kinds[FACT_USERS], "user mallory", "gone");
    facts_finish(&here.kinds[FACT_USERS]);
    cr_assert_str_eq(fixture_try(&f, "collateral: {only: [users]}"), "fail");
    cr_assert_str_eq(f.outcome.evidence.seen, "users: user mallory was gone, and is not there");
    static const char *const allow[] = {"'user mal*'", "'*'", "'user ?allory'", "'*m*y'",
        "'user mallory*'", "'user [m]allory'", "'user mal'", "'?user mallory'", "'*x*'"};
    for (size_t i = 0; i < sizeof allow / sizeof *allow; i++) {
        _free_ char *yaml =
            xasprintf("collateral: {only: [users], allow: {users: [%s]}}", allow[i]);
        cr_assert_str_eq(fixture_try(&f, yaml), i < 5 ? "pass" : "fail", "%s", allow[i]);
    }
    cr_assert_str_eq(fixture_try(&f, "collateral: {only: [users], change: added}"), "pass");
    cr_assert_str_eq(fixture_try(&f, "collateral: {only: [users], change: removed}"), "fail");
    base.broken[0].n = 0;
    cr_assert_str_eq(fixture_try(&f, "collateral: {only: [users]}"), "error");
    cr_assert_not_null(strstr(f.outcome.evidence.seen, "no record of the broken stage"));
    node_facts_free(&here);
}

/* More differences than are listed: nobody's reproach by itself. */
Test(collateral, the_guard_and_many_differences)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/tmp");
    struct facts_question q = {.kinds = 1U << FACT_USERS, .until = deadline_in(60000)};
    struct node_facts here = {0}, more = {0};
    facts_ask(0, &q, run_this_machine, &f, &here);
    facts_ask(0, &q, run_this_machine, &f, &more);
    for (int i = 0; i < MAX_DIFFERENCES + 1; i++) {
        _free_ char *user = xasprintf("user x%03d", i);
        facts_add(&more.kinds[FACT_USERS], user, "");
    }
    facts_finish(&more.kinds[FACT_USERS]);
    struct collateral_base base = {.healthy = {&more, 1}, .broken = {{&here, 1}}};
    f.base = &base;
    fixture_gives(&f, "collateral: {only: [users]}", "pass", "nothing of that is changed");
    base.broken[0].nodes = &more;
    fixture_gives(&f, "collateral: {only: [users]}", "fail", "user x000 was there");
    fixture_gives(&f, "collateral: {only: [users], change: added}", "error", "more than 500");
    node_facts_free(&here);
    node_facts_free(&more);
}

Test(collateral, the_guard_is_read_with_care)
{
    static const struct {
        const char *yaml, *problem;
    } cases[] = {
        {"collateral: {only: [prots]}", "unknown kind 'prots'"},
        {"collateral: {only: [ports, ports]}", "named twice"},
        {"collateral: {only: ports}", "expected a list"},
        {"collateral: {allow: {doors: [x]}}", "unknown key 'doors'"},
        {"collateral: {only: [ports], allow: {users: [x]}}", "'users' is not among"},
        {"collateral: {change: new}", "'change'"},
    };
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/tmp");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *said = fixture_try(&f, cases[i].yaml);
        cr_expect_not_null(strstr(said, cases[i].problem), "%s: %s", cases[i].yaml, said);
    }
}

static void add_times(struct strbuf *b, size_t n, const char *before, const char *after)
{
    for (size_t i = 0; i < n; i++)
        strbuf_addf(b, "%s%zu%s", before, i, after);
}

/* Forged answers whose parts are each within bounds, but not the product of them. */
Test(collateral, too_many_units_do_not_take_long)
{
    int64_t start = now_ms();
    _strbuf_ struct strbuf files = STRBUF_INIT, installs = STRBUF_INIT, again = STRBUF_INIT;
    char none[] = "";
    struct facts facts = {0};
    add_times(&files, 4000, "/usr/lib/systemd/system|u", ".service|f|1|\n");
    add_times(&installs, 2000000, "v", "\n");
    cr_assert_str_eq(
        parse_units(files.data, installs.data, none, &facts), "there are too many units");
    while (again.len < (size_t)4 << 20)
        add_times(&again, 1000, "/usr/lib/systemd/system|u", ".service|f|1|\n");
    cr_assert_str_eq(parse_units(again.data, none, none, &facts), "there are too many units");
    cr_assert_lt(now_ms() - start, 15000);
    facts_free(&facts);
}

Test(collateral, too_many_processes_at_one_port)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    struct facts facts = {0};
    strbuf_adds(&b, "tcp LISTEN 0 5 10.20.0.11:22 0.0.0.0:* users:(");
    add_times(&b, 300, "(\"p", "\",pid=7,fd=20),");
    strbuf_adds(&b, "(\"q\",pid=7,fd=20))\n");
    cr_assert_str_eq(parse_ports(b.data, &facts), "there are too many processes at one port");
    facts_free(&facts);
}

Test(collateral, one_port_too_often)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    struct facts facts = {0};
    while (b.len < (size_t)4 << 20)
        add_times(&b, 4000, "tcp LISTEN 0 5 10.20.0.11:1", " 0.0.0.0:*\n");
    cr_assert_str_eq(parse_ports(b.data, &facts), "there are too many ports");
    facts_free(&facts);
}
