/* The openstack probe: its program against a cloud of a few lines; and its judge against answers
 * that the program should not give. What it makes there is in test_probe_openstack_made.c. */
#include "cloud_fixture.h"

#define ISSUE "{\"POST /v3/auth/tokens\": "

Test(openstack, tokens)
{
    static const struct row rows[] = {
        {"{}", "token: {rounds: 5}", "pass", "5 of 5 tokens were issued and known again"},
        {"{}", "token: {}, cloud: lab", "pass", "3 of 3"},
        {ISSUE "[401, {\"error\": {\"message\": \"not you\"}}]}", "token: {}", "fail",
            "POST /auth/tokens of identity gave status 401: not you"},
        {"{\"2|GET /v3/auth/tokens\": [404, {}]}", "token: {rounds: 4}", "fail",
            "NOT AS EXPECTED: round 4: it was issued, and then GET /auth/tokens of identity gave "
            "status 404"},
        {"{\"2|GET /v3/auth/tokens\": [404, {}]}", "token: {rounds: 4}", "fail", "2 of 4 tokens"},
        {ISSUE "[503, \"@page\"]}", "token: {}", "fail", "status 503: 503 Service Unavailable"},
        {ISSUE "[500, \"@surrogate\"]}", "token: {}", "fail", "status 500: ?"},
        {ISSUE "[302, {}]}", "token: {}", "fail", "status 302"},
        {ISSUE "[201, \"@nest\"]}", "token: {}", "fail", "the answer is not JSON: b'[[["},
        {ISSUE "[201, \"@nan\"]}", "token: {}", "fail", "not JSON"},
        {ISSUE "[201, \"@latin\"]}", "token: {}", "fail", "not JSON"},
        {ISSUE "[201, \"@huge\"]}", "token: {rounds: 1}", "fail", "more than 8388608 bytes"},
        {ISSUE "[201, \"@cut\"]}", "token: {}", "fail", "ended 1 bytes too early"},
        {ISSUE "[201, \"@no-token\"]}", "token: {}", "fail", "gave no token"},
        {ISSUE "[201, []]}", "token: {}", "fail", "an answer without 'token'"},
        {ISSUE "[0, {\"token.user\": [1]}]}", "token: {}", "fail", "an answer without 'user'"},
        {ISSUE "[0, {\"token.user.name\": true}]}", "token: {}", "fail", "without 'name'"},
        {ISSUE "[0, {\"token.user.name\": \"admin\"}]}", "token: {}", "fail",
            "a token that is not one of the user 'monitor' in the project 'platform'"},
    };
    TRY(rows, 30);
}

Test(openstack, an_answer_that_never_ends)
{
    static const struct row rows[] = {
        {ISSUE "[201, \"@drip\"]}", "token: {}", "fail", "no whole answer within"},
    };
    int64_t start = now_ms();
    TRY(rows, 8);
    cr_assert_lt(now_ms() - start, 40000);
}

Test(openstack, catalogs)
{
#define AT "https://public:1/v2.1"
    static const struct row rows[] = {
        {"{}", "catalog: {compute: \"" AT "\"}", "pass", "compute is at " AT},
        {"{}", "catalog: {compute: \"" AT "/\"}", "fail", "NOT AS EXPECTED: compute is at " AT},
        {"{}", "catalog: {compute: \"" AT "\", image: \"" AT "\"}", "fail",
            "NOT AS EXPECTED: image is at no public endpoint of the region"},
        {ISSUE "[0, {\"token.catalog.0.endpoints.0.url\": \"https://other/\"}]}",
            "catalog: {compute: \"" AT "\"}", "fail", "compute is at https://other/"},
        {ISSUE "[0, {\"token.catalog.0.endpoints.1.region\": \"RegionOne\"}]}",
            "catalog: {compute: \"" AT "\"}", "fail", AT " and " AT},
        {ISSUE "[0, {\"token.catalog\": 3}]}", "catalog: {compute: \"" AT "\"}", "fail",
            "catalog: failed: an answer without 'catalog'"},
        {ISSUE "[0, {\"token.catalog.0.endpoints.0\": 3}]}", "catalog: {compute: \"" AT "\"}",
            "fail", "an answer without 'interface'"},
    };
    TRY(rows, 30);
}

#define LIST "{\"GET /v2.1/os-services\": "

Test(openstack, services)
{
#define NOVA "services: {binary: nova-compute, hosts: [cmp1, cmp2], heartbeat: 1s}"
    static const struct row rows[] = {
        {"{}", NOVA, "pass", "nova-compute on cmp2 is enabled and up; its heartbeat came at 2026-"},
        {"{}", "services: {binary: nova-compute, hosts: cmp3, heartbeat: 1s}", "fail",
            "NOT AS EXPECTED: there is no nova-compute on cmp3"},
        {LIST "[0, {\"services.0.status\": \"disabled\", \"services.0.disabled_reason\": \"CHG "
              "1\"}]}",
            NOVA, "fail",
            "NOT AS EXPECTED: nova-compute on cmp1 is disabled: CHG 1 and up; its last heartbeat was at 2026-"},
        {LIST "[0, {\"services.0.state\": \"down\"}]}", NOVA, "fail", "is enabled and down"},
        {LIST "[0, {\"services.0.forced_down\": true}]}", NOVA, "fail", "is enabled and down"},
        {LIST "[0, {\"services.1.updated_at\": \"2026-11-27T08:00:00.000000\"}]}", NOVA, "fail",
            "cmp2 is enabled and up; no heartbeat was seen after that of 2026-11-27T08:00:00"},
        {LIST "[0, {\"services.1.updated_at\": null}]}", NOVA, "fail", "it has had no heartbeat"},
        {LIST "[0, {\"services.1.host\": \"cmp1\"}]}", NOVA, "fail",
            "heartbeats: failed: there are two 'nova-compute' on cmp1"},
        {LIST "[0, {\"services.0\": \"cmp1\"}]}", NOVA, "fail", "an answer without 'binary'"},
        {LIST "[0, {\"services.0.status\": null}]}", NOVA, "fail", "an answer without 'status'"},
        {LIST "[403, {\"forbidden\": {\"message\": \"admins only\"}}]}", NOVA, "fail",
            "GET /os-services of compute gave status 403: admins only"},
        {"{}", "agents: {type: OVN Controller agent, hosts: cmp1, heartbeat: 1s}", "pass",
            "OVN Controller agent on cmp1 is enabled and up"},
        {"{\"GET /v2.0/agents\": [0, {\"agents.0.alive\": false}]}",
            "agents: {type: OVN Controller agent, hosts: cmp1, heartbeat: 1s}", "fail",
            "is enabled and down"},
        {"{\"GET /v2.0/agents\": [0, {\"agents.0.alive\": \"yes\"}]}",
            "agents: {type: OVN Controller agent, hosts: cmp1, heartbeat: 1s}", "fail",
            "an answer without 'alive'"},
    };
    TRY(rows, 30);
}

/* What the node lacks says nothing about the cloud. */
Test(openstack, a_witness_that_cannot_ask)
{
#define AUTH "clouds: {lab: {auth: {}}}\n"
#define HEAD "clouds:\n lab:\n  auth:\n   auth_url: https://localhost:1/v3\n   username: a\n"
    static const char *const rows[][3] = {
        {"", "", "has 0 clouds, and 'cloud' does not say which"},
        {"", "cloud: lab, ", "has no cloud 'lab' with an 'auth'"},
        {"clouds:\n a:\n  auth:\n b:\n  auth:\n", "", "has 2 clouds"},
        {"clouds:\n lab:\n  auth: x\n", "", "has no cloud 'lab' with an 'auth'"},
        {"clouds: {lab: {}}\n", "", "line 1 is not understood"},
        {"clouds:\n\tlab:\n", "", "line 2 is not understood"},
        {"clouds:\n  lab:\n    auth:\n   region: a\n", "", "line 4 is not understood"},
        {"clouds:\n  lab:\n  lab:\n", "", "line 3 is not understood"},
        {"clouds:\n  - lab\n", "", "line 2 is not understood"},
        {"clouds:\n  a: \"b\n", "", "line 2 is not understood"},
        {"clouds:\n  a: *b\n", "", "line 2 is not understood"},
        {"clouds:\n  a: b: c\n", "", "line 2 is not understood"},
        {HEAD, "", "has no 'project_name' for the cloud 'lab'"},
        {HEAD "   project_name: b\n   user_domain_id: d\n   password: c\n", "",
            "has no 'project_domain_name'"},
        {HEAD "  auth_type: v3token\n", "", "only passwords are known, not 'v3token'"},
        {HEAD "   project_name: b\n   user_domain_id: d\n   password: c\n   project_domain_id: d\n"
              "  cacert: /no/such/file\n",
            "", "the certificates of '/no/such/file' cannot be read: No such file"},
        {HEAD "   project_name: b\n   user_domain_id: d\n   password: c\n   project_domain_id: d\n",
            "ca: /etc/hosts, ", "the certificates of '/etc/hosts' cannot be read"},
        {"clouds:\n lab:\n  auth:\n   auth_url: http://a:5000\n   username: a\n   password: c\n"
         "   project_name: b\n   user_domain_id: d\n   project_domain_id: d\n",
            "", "is not https://HOST:PORT/PATH, but 'http://a:5000/v3'"},
    };
    _cloud_ struct cloud c = cloud_start("{}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cloud_write(&c, rows[i][0]);
        _free_ char *task = xasprintf("%scatalog: {compute: \"https://a\"}", rows[i][1]);
        _free_ char *yaml = xasprintf("openstack: {clouds: %s, %s}", c.clouds, task);
        here_gives(yaml, "error", rows[i][2]);
    }
    here_gives("openstack: {clouds: /no/such/file, token: {}}", "error",
        "here cannot ask: /no/such/file cannot be read: No such file");
    here_gives("openstack: {services: {binary: a, hosts: b, heartbeat: 1m}, endpoints: {compute: "
               "\"https://a\"}}",
        "error", "give the check a 'timeout' of more than 67 s");
}

Test(openstack, everything_is_waited_for_longer_where_nodes_are_slow)
{
    static const char yaml[] = "openstack: {services: {binary: a, hosts: b}, endpoints: {compute: "
                               "\"https://a\"}}";
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = "{}";
    f.patience = 4;
    f.timeout_ms = 120000;
    fixture_gives(&f, yaml, "error", "lacks 'state'");
    cr_assert_not_null(strstr(f.command, "\"slow\":4,"), "%s", f.command);
    cr_assert_not_null(strstr(f.command, "\"beat\":80.0,"), "%s", f.command);
    /* The timeout of a scenario is meant for hardware. */
    f.timeout_ms = 100000;
    fixture_gives(&f, yaml, "error", "give the check a 'timeout' of more than 27 s");
}

Test(openstack, a_front_that_is_not_there_or_not_the_right_one)
{
    _cloud_ struct cloud c = cloud_start("{}");
    _free_ char *other =
        xasprintf("openstack: {clouds: %s, ca: " DATA "pki/ca.pem, token: {}}", c.clouds);
    here_gives(other, "fail", "its certificate cannot be verified");
    cloud_write(&c,
        HEAD "   project_name: b\n   user_domain_id: d\n   password: c\n"
             "   project_domain_id: d\n");
    ask_gives(&c, "token: {}", 30000, "fail", "the connection was refused");
}

static void recorded_gives(
    const char *task, const char *steps, const char *found, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.timeout_ms = 120000;
    _free_ char *out = xasprintf(
        "{\"state\": \"done\", \"text\": \"\", \"steps\": %s, \"found\": %s}", steps, found);
    f.out = out;
    _free_ char *yaml = xasprintf("openstack: {%s}", task);
    fixture_gives(&f, yaml, verdict, seen);
}

#define STEP(name, ok) "{\"step\": \"" name "\", \"ok\": " ok ", \"text\": \"\", \"seconds\": 1.5}"
#define ENDS           "endpoints: {compute: \"https://a\", image: \"https://a\", network: \"https://a\"}, "
#define VOLUMES        "endpoints: {volume: \"https://a/v3\"}, "

/* The program's word is taken for each step, but not for which there are. */
Test(openstack, steps_that_are_missing_or_not_due)
{
    static const char task[] =
        ENDS "server: {image: a, flavor: b, network: c, http: {path: /boot-id}}";
#define UP_TO_ACTIVE                                                                               \
    "[" STEP("login", "true") "," STEP("leftovers", "true") "," STEP("lookup", "true") "," STEP(   \
        "create", "true") "," STEP("active", "true")
    static const char *const rows[][3] = {
        {UP_TO_ACTIVE
            "," STEP("http", "true") "," STEP("delete", "true") "," STEP("silence", "true") "]",
            "pass", "silence: done (1.5 s)"},
        {UP_TO_ACTIVE "," STEP("http", "true") "," STEP("delete", "true") "]", "error",
            "the step 'silence' is missing"},
        {UP_TO_ACTIVE "," STEP("delete", "true") "]", "error", "the step 'delete' was not due"},
        {UP_TO_ACTIVE "," STEP("http", "false") "," STEP("delete", "true") "]", "error",
            "the step 'delete' was not due"},
        {UP_TO_ACTIVE "," STEP("http", "false") "," STEP("removal", "false") "]", "fail",
            "removal: failed"},
        {UP_TO_ACTIVE "]", "error", "the step 'http' is missing"},
        {"[]", "error", "the step 'login' is missing"},
        {"[" STEP("login", "1") "]", "error", "a step lacks 'ok'"},
        {"[{\"step\": \"login\", \"ok\": true, \"text\": 3, \"seconds\": 1}]", "error",
            "a step lacks 'text'"},
        {"[3]", "error", "a step lacks 'step'"},
        {"{}", "error", "the answer lacks 'steps'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        recorded_gives(task, rows[i][0], "{}", rows[i][1], rows[i][2]);
    recorded_gives("token: {rounds: 2}", "[" STEP("round", "true") "]", "{}", "fail",
        "1 of 2 tokens were issued and known again, and then the time was over");
    recorded_gives("token: {rounds: 1}", "[" STEP("round", "true") "," STEP("round", "true") "]",
        "{}", "error", "2 rounds were told");
    recorded_gives("token: {}", "[]", "{}", "error", "0 rounds were told");
    recorded_gives("token: {}", "[" STEP("login", "true") "]", "{}", "error", "a round lacks");
}

#define SERVER(more)                                                                               \
    ENDS "server: {image: a, flavor: b, network: c, http: {path: /boot-id" more "}}"
#define UP_TO_HTTP UP_TO_ACTIVE "," STEP("http", "true")
#define GONE       "," STEP("delete", "true") "," STEP("silence", "true") "]"

Test(openstack, steps_that_a_guest_is_asked_for)
{
    static const char metadata[] = SERVER(", metadata: /m");
    static const char transfer[] = SERVER(", transfer: {peer: 10.0.0.1}");
    static const char both[] = SERVER(", metadata: /m, transfer: {peer: \"fd00::1\"}");
    static const char *const rows[][4] = {
        {metadata, UP_TO_HTTP "," STEP("metadata", "true") GONE, "pass", "metadata: done (1.5 s)"},
        {metadata, UP_TO_HTTP GONE, "error", "the step 'delete' was not due"},
        {metadata, UP_TO_HTTP "]", "error", "the step 'metadata' is missing"},
        {metadata, UP_TO_ACTIVE "," STEP("metadata", "true") GONE, "error",
            "the step 'metadata' was not due"},
        {metadata, UP_TO_HTTP "," STEP("metadata", "false") GONE, "error",
            "the step 'delete' was not due"},
        {transfer, UP_TO_HTTP "," STEP("transfer", "true") GONE, "pass", "transfer: done (1.5 s)"},
        {transfer, UP_TO_HTTP GONE, "error", "the step 'delete' was not due"},
        {transfer, UP_TO_HTTP "," STEP("metadata", "true") "," STEP("transfer", "true") GONE,
            "error", "the step 'metadata' was not due"},
        {both, UP_TO_HTTP "," STEP("metadata", "true") "," STEP("transfer", "true") GONE, "pass",
            "metadata: done (1.5 s)"},
        {both, UP_TO_HTTP "," STEP("transfer", "true") "," STEP("metadata", "true") GONE, "error",
            "the step 'transfer' was not due"},
        {both, UP_TO_HTTP "," STEP("metadata", "true") GONE, "error",
            "the step 'delete' was not due"},
        {both, UP_TO_HTTP "," STEP("metadata", "true") "," STEP("transfer", "true") "]", "error",
            "the step 'delete' is missing"},
        {both, UP_TO_HTTP "," STEP("metadata", "true") "," STEP("transfer", "false") "]", "fail",
            "transfer: failed"},
        {SERVER(""), UP_TO_HTTP "," STEP("transfer", "true") GONE, "error",
            "the step 'transfer' was not due"},
        {SERVER(""), UP_TO_HTTP "," STEP("metadata", "true") GONE, "error",
            "the step 'metadata' was not due"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        recorded_gives(rows[i][0], rows[i][1], "{}", rows[i][2], rows[i][3]);
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.timeout_ms = 75000;
    _free_ char *yaml = xasprintf("openstack: {%s}", metadata);
    fixture_gives(&f, yaml, "error", "of more than 79 s");
    _free_ char *more = xasprintf("openstack: {%s}", both);
    f.timeout_ms = 105000;
    fixture_gives(&f, more, "error", "of more than 109 s");
    /* The image's guest is asked as it answers; addresses are in one spelling. */
    f.timeout_ms = 120000;
    f.out = "{}";
    fixture_gives(&f, more, "error", "lacks 'state'");
    cr_assert_not_null(strstr(f.command,
                           "\"peer\":\"fd00::1\",\"fetch\":\"/cgi-bin/fetch?\","
                           "\"digest\":\"/large.sha256\""),
        "%s", f.command);
}

Test(openstack, steps_of_a_volume)
{
#define UP_TO_CREATE                                                                               \
    "[" STEP("login", "true") "," STEP("leftovers", "false") "," STEP("create", "true")
    static const char *const rows[][3] = {
        {UP_TO_CREATE "," STEP("available", "true") "," STEP("delete", "true") "]", "pass",
            "available: done (1.5 s)"},
        {UP_TO_CREATE "," STEP("available", "true") "]", "error", "the step 'delete' is missing"},
        {UP_TO_CREATE "," STEP("delete", "true") "]", "error", "the step 'delete' was not due"},
        {UP_TO_CREATE "]", "error", "the step 'available' is missing"},
        {UP_TO_CREATE "," STEP("active", "true") "]", "error", "the step 'active' was not due"},
        {UP_TO_CREATE "," STEP("available", "false") "," STEP("removal", "true") "]", "fail",
            "removal: done"},
        {UP_TO_CREATE "," STEP("available", "false") "," STEP("delete", "true") "]", "error",
            "the step 'delete' was not due"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        recorded_gives(VOLUMES "volume: {}", rows[i][0], "{}", rows[i][1], rows[i][2]);
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.timeout_ms = 40000;
    fixture_gives(&f, "openstack: {" VOLUMES "volume: {}}", "error", "of more than 44 s");
}

Test(openstack, heartbeats_that_are_none)
{
    static const char task[] = ENDS "services: {binary: x, hosts: a}";
    static const char *const rows[][3] = {
        {"{}", "fail", "there is no x on a"},
        {"{\"a\": 3}", "error", "what was found lacks 'on'"},
        {"{\"a\": {\"on\": true, \"up\": true, \"why\": \"\", \"first\": \"\", \"beat\": \"\"}}",
            "fail", "it has had no heartbeat"},
        {"{\"a\": {\"on\": true, \"up\": true, \"why\": \"\", \"first\": \"a\", \"beat\": \"b\"}}",
            "fail", "no heartbeat was seen after that of b"},
        {"{\"a\": {\"on\": true, \"up\": true, \"why\": \"\", \"first\": \"2026-11-27T09:00:00\", "
         "\"beat\": \"2026-11-27T08:00:00\"}}",
            "fail", "no heartbeat was seen after that of 2026-11-27T08:00:00"},
        {"{\"a\": {\"on\": true, \"up\": true, \"why\": \"\", \"first\": \"\", \"beat\": "
         "\"2026-11-27T08:00:00\"}}",
            "pass", "its heartbeat came at 2026-11-27T08:00:00"},
        {"{\"a\": {\"on\": true, \"up\": true, \"why\": \"\", \"first\": \"2026-11-27 "
         "09:00:00+00:00\", \"beat\": \"2026-11-27 09:00:01+00:00\"}}",
            "pass", "its heartbeat came at 2026-11-27 09:00:01+00:00"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        recorded_gives(task, "[" STEP("login", "true") "," STEP("heartbeats", "true") "]",
            rows[i][0], rows[i][1], rows[i][2]);
}

Test(openstack, odd_answers_are_errors)
{
    _free_ char *huge = ten_megabytes();
    const char *const answers[][2] = {{"", "not JSON"}, {"[]", "lacks 'state'"},
        {"{\"state\": \"done\"", "not JSON"}, {"{\"state\": NaN}", "not JSON"},
        {"{\"state\": \"fine\", \"text\": \"\"}", "'fine' is none"},
        {"{\"state\": \"done\", \"text\": \"\"}", "lacks 'steps'"},
        {"{\"state\": \"witness\", \"text\": \"no file\"}", "here cannot ask: no file"},
        {huge, "too long"}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        _fixture_ struct probe_fixture f;
        fixture_init(&f, "/");
        f.out = answers[i][0];
        fixture_gives(&f, "openstack: {token: {}}", "error", answers[i][1]);
    }
}

Test(openstack, mistakes_have_a_place)
{
    static const char *const rows[][2] = {
        {"openstack: {}",
            "test:1:12: an openstack probe asks one of token, catalog, services, agents, server, "
            "image and volume\n"},
        {"openstack: {token: {}, image: {}}",
            "test:1:12: an openstack probe asks one of token, catalog, services, agents, server, "
            "image and volume\n"},
        {"openstack: {tokens: {}}",
            "test:1:12: an openstack probe asks one of token, catalog, services, agents, server, "
            "image and volume\ntest:1:13: unknown key 'tokens': did you mean 'token'?\n"},
        {"openstack: {token: {rounds: 51}}",
            "test:1:29: 'rounds': expected a whole number from 1 to 50, got '51'\n"},
        {"openstack: {clouds: clouds.yaml, token: {}}",
            "test:1:21: 'clouds' must be an absolute path\n"},
        {"openstack: {ca: ca.pem, token: {}}", "test:1:17: 'ca' must be an absolute path\n"},
        {"openstack: {catalog: {}}",
            "test:1:22: 'catalog': expected types of services, each with its URL, got a map\n"},
        {"openstack: {catalog: {image: nowhere}}",
            "test:1:30: 'nowhere' is not a URL: write https://HOST:PORT/PATH\n"},
        {"openstack: {image: {}}",
            "test:1:20: 'image' asks the image API: its address under 'endpoints' is missing\n"},
        {"openstack: {token: {}, endpoints: {image: \"https://a\"}}",
            "test:1:35: 'token' asks keystone alone, whose address is auth_url\n"},
        {"openstack: {image: {}, endpoints: {image: \"http://a\"}}",
            "test:1:43: 'http://a' must begin with https://\n"},
        {"openstack: {image: {}, endpoints: {image: \"https://a\", placement: \"https://a\"}}",
            "test:1:56: unknown key 'placement' (known: compute, image, network, volume)\n"},
        {"openstack: {image: {size: 65M}, endpoints: {image: \"https://a\"}}",
            "test:1:27: 'size': expected a size such as 512M or 2G from 1M to 64M, got '65M'\n"},
        {"openstack: {volume: {}}",
            "test:1:21: 'volume' asks the volume API: its address under 'endpoints' is missing\n"},
        {"openstack: {volume: {size: 1536M}, endpoints: {volume: \"https://a\"}}",
            "test:1:28: 'size': expected whole gigabytes, got '1536M'\n"},
        {"openstack: {volume: {size: 512M}, endpoints: {volume: \"https://a\"}}",
            "test:1:28: 'size': expected a size such as 512M or 2G from 1G to 64G, got "
            "'512M'\n"},
        {"openstack: {volume: {type: [a]}, endpoints: {volume: \"https://a\"}}",
            "test:1:28: 'type': expected text in one line, not empty, of at most 255 "
            "characters, got a list\n"},
        {"openstack: {volume: 1G, endpoints: {volume: \"https://a\"}}",
            "test:1:21: expected a map, got '1G'\n"},
        {"openstack: {volume: {}, endpoints: {volume: \"http://a/v3\"}}",
            "test:1:45: 'http://a/v3' must begin with https://\n"},
        {"openstack: {services: {binary: x, hosts: []}, endpoints: {compute: \"https://a\"}}",
            "test:1:42: 'hosts': expected 1 to 50 names, got a list\n"},
        {"openstack: {services: {binary: x, hosts: [a, a]}, endpoints: {compute: \"https://a\"}}",
            "test:1:42: 'hosts' has 'a' twice\n"},
        {"openstack: {agents: {hosts: [a]}, endpoints: {network: \"https://a\"}}",
            "test:1:21: 'type' is missing\n"},
        {"openstack: {" ENDS "server: {image: a, flavor: b, network: c, host: \"a:b\"}}",
            "test:1:138: 'a:b' is not the name of a host\n"},
        {"openstack: {" ENDS "server: {image: a, flavor: b, network: c, http: {path: boot-id}}}",
            "test:1:145: 'path' must begin with / and be of printable ASCII\n"},
        {"openstack: {" ENDS "server: {image: a, flavor: b, network: c, http: {path: /, "
         "metadata: \"/a b\"}}}",
            "test:1:158: 'metadata' must begin with / and be of printable ASCII\n"},
        {"openstack: {" ENDS "server: {image: a, flavor: b, network: c, http: {metadata: /a}}}",
            "test:1:138: 'path' is missing\n"},
#define TRANSFER(map)                                                                              \
    "openstack: {" ENDS "server: {image: a, flavor: b, network: c, http: {path: /, transfer: " map \
    "}}}"
        {TRANSFER("{}"), "test:1:158: 'peer' is missing\n"},
        {TRANSFER("10.0.0.1"), "test:1:158: expected a map, got '10.0.0.1'\n"},
        {TRANSFER("{peer: web1}"), "test:1:165: 'web1' is not an address\n"},
        {TRANSFER("{peer: 10.0.0.0/24}"),
            "test:1:165: '10.0.0.0/24' must be an address without a prefix\n"},
        {TRANSFER("{peer: \"fe80::1%eth0\"}"), "test:1:165: 'fe80::1%eth0' is not an address\n"},
        {TRANSFER("{peer: \"[fd00::1]\"}"), "test:1:165: '[fd00::1]' is not an address\n"},
        {TRANSFER("{peer: 10.0.0.1, fetch: large?}"),
            "test:1:182: 'fetch' must begin with / and be of printable ASCII\n"},
        {TRANSFER("{peer: 10.0.0.1, digest: \"/a#b\"}"),
            "test:1:183: 'digest' must begin with / and be of printable ASCII\n"},
        {TRANSFER("{peer: 10.0.0.1, sum: /a}"),
            "test:1:175: unknown key 'sum' (known: peer, fetch, digest)\n"},
        {"openstack: {" ENDS "server: {image: a, flavor: b, network: c, http: {path: /, "
         "metadata: {}}}}",
            "test:1:158: 'metadata': expected text in one line, not empty, of at most 1024 "
            "characters, got a map\n"},
    };
    fixture_refuses("", rows, sizeof rows / sizeof rows[0], "");
}
