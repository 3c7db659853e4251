/* The openstack probe: what it asks of a server that it makes, in a cloud of a few lines. */
#include "cloud_fixture.h"

Test(openstack_guest, servers_that_answer)
{
#define HTTP(more)                                                                                 \
    "server: {image: guest, flavor: tiny, network: public, http: {path: /boot-id" more "}}"
    static const struct row rows[] = {
        {"{}", HTTP(""), "pass", "http: at 10.9.0.1 ("},
        {"{}", HTTP(""), "pass", "silence: done ("},
        {"{\"2|GET http://10.9.0.1/\": [200, \"another\"]}", HTTP(""), "pass", "silence: done ("},
        {"{\"GET http://10.9.0.1/boot-id\": [200, \"the same\"]}", HTTP(""), "fail",
            "silence: failed: http://10.9.0.1/boot-id still answers the same ("},
        {"{\"GET http://10.9.0.1/boot-id\": [503, \"@page\"]}", HTTP(""), "fail",
            "http: failed: http://10.9.0.1/boot-id: status 503 ("},
        {"{\"GET http://10.9.0.1/boot-id\": [200, \"@huge\"]}", HTTP(""), "fail",
            "http://10.9.0.1/boot-id: an answer of more than 1048576 bytes ("},
        {"{\"GET http://10.9.0.1/boot-id\": [200, \"@cut\"]}", HTTP(""), "fail",
            "an answer that ended 1 bytes too early ("},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.addresses\": {\"public\": [{\"addr\": "
         "\"fd00::1\"}]}}]}",
            HTTP(""), "pass", "http: at fd00::1 ("},
    };
    TRY_FAST(rows, 120);
}

Test(openstack_guest, metadata_of_servers)
{
#define METADATA HTTP(", metadata: /cgi-bin/metadata")
#define M_GET    "{\"GET http://10.9.0.1/cgi-bin/metadata\": "
#define M_FAILED "NOT AS EXPECTED: metadata: failed: http://10.9.0.1/cgi-bin/metadata: "
    static const struct row rows[] = {
        {"{}", METADATA, "pass", "metadata: done ("},
        /* The first answer is odd, and the second is not. */
        {"{\"2|GET http://10.9.0.1/\": [200, \"\"]}", METADATA, "pass", "metadata: done (1"},
        {M_GET "[200, \"\"]}", METADATA, "fail", M_FAILED "nothing was said to it ("},
        {M_GET "[200, \" \\n\"]}", METADATA, "fail", M_FAILED "nothing was said to it ("},
        {M_GET "[0, {\"uuid\": \"s2\"}]}", METADATA, "fail",
            "metadata: failed: it gets the metadata of 's2' ("},
        {M_GET "[0, {\"uuid\": \"\"}]}", METADATA, "fail", "it gets the metadata of '' ("},
        {M_GET "[0, {\"meta\": {}}]}", METADATA, "fail",
            "metadata: failed: it gets its id, but not what it was made with ("},
        {M_GET "[0, {\"meta.check\": \"odd\"}]}", METADATA, "fail",
            "it gets its id, but not what it was made with ("},
        {M_GET "[0, {\"meta\": []}]}", METADATA, "fail",
            "an answer without 'meta', or with one of another type ("},
        {M_GET "[0, {\"uuid\": 1}]}", METADATA, "fail",
            "an answer without 'uuid', or with one of another type ("},
        {M_GET "[200, []]}", METADATA, "fail", "an answer without 'uuid'"},
        {M_GET "[200, {\"name\": \"new\"}]}", METADATA, "fail", "an answer without 'uuid'"},
        {M_GET "[200, \"@page\"]}", METADATA, "fail", M_FAILED "the answer is not JSON: b'<html>"},
        {M_GET "[503, \"@page\"]}", METADATA, "fail", M_FAILED "status 503 ("},
        {M_GET "[200, \"@huge\"]}", METADATA, "fail", M_FAILED "an answer of more than 1048576 b"},
        {M_GET "[200, \"@nest\"]}", METADATA, "fail", M_FAILED "the answer is not JSON: b'[[["},
        {M_GET "[200, \"@latin\"]}", METADATA, "fail", M_FAILED "the answer is not JSON"},
        {M_GET "[200, \"@cut\"]}", METADATA, "fail", M_FAILED "an answer that ended 1 bytes too e"},
    };
    TRY_FAST(rows, 120);
}

Test(openstack_guest, transfers_of_servers)
{
#define TRANSFER HTTP(", transfer: {peer: 10.9.0.99}")
#define FAILED   "NOT AS EXPECTED: transfer: failed: http://10.9.0."
#define TO_NEW   "{\"GET http://10.9.0.1/cgi-bin/fetch?10.9.0.99\": "
#define TO_PEER  "{\"GET http://10.9.0.99/cgi-bin/fetch?10.9.0.1\": "
#define OF_NEW   "{\"GET http://10.9.0.1/large.sha256\": "
#define OF_PEER  "{\"GET http://10.9.0.99/large.sha256\": "
#define A_DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NOTHING  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static const struct row rows[] = {
        {"{}", TRANSFER, "pass", "transfer: with 10.9.0.99 ("},
        {"{}", HTTP(", metadata: /cgi-bin/metadata, transfer: {peer: 10.9.0.99}"), "pass",
            "transfer: with 10.9.0.99 ("},
        {"{}", HTTP(", transfer: {peer: \"fd00:0::99\"}"), "pass", "transfer: with fd00::99 ("},
        {"{}", HTTP(", transfer: {peer: 10.9.0.99, fetch: /get/}"), "fail",
            FAILED "1/get/10.9.0.99: status 404 ("},
        {"{}", HTTP(", transfer: {peer: 10.9.0.99, digest: /sum}"), "fail",
            FAILED "99/sum: status 404 ("},
        {"{}", HTTP(", transfer: {peer: 10.9.0.98}"), "fail",
            FAILED "98/large.sha256: status 404 ("},
        {"{}", HTTP(", transfer: {peer: 10.9.0.1}"), "fail",
            "transfer: failed: it has the address of its peer ("},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.addresses\": {\"public\": [{\"addr\": "
         "\"fd00::1\"}]}}]}",
            TRANSFER, "fail", "transfer: failed: it has no IPv4 address in the network 'public' ("},
        {TO_NEW "[200, \"" A_DIGEST "  -\"]}", TRANSFER, "fail",
            FAILED "1/cgi-bin/fetch?10.9.0.99: not the SHA-256 of what is there ("},
        {TO_PEER "[200, \"" A_DIGEST "  -\"]}", TRANSFER, "fail",
            FAILED "99/cgi-bin/fetch?10.9.0.1: not the SHA-256 of what is there ("},
        {TO_PEER "[200, \"" NOTHING "  -\"]}", TRANSFER, "fail",
            FAILED "99/cgi-bin/fetch?10.9.0.1: the SHA-256 of nothing ("},
        /* Once, and then no more. */
        {"{\"5|GET http://10.9.0.\": [200, \"" A_DIGEST "\"]}", TRANSFER, "pass",
            "transfer: with 10.9.0.99 (1"},
        /* Of two files that are empty none was seen to get there. */
        {"{\"GET http://10.9.0.1/large.sha256\": [200, \"" NOTHING "\"], "
         "\"GET http://10.9.0.99/cgi-bin/fetch\": [200, \"" NOTHING "\"]}",
            TRANSFER, "fail", FAILED "1/large.sha256: the SHA-256 of nothing ("},
        {OF_PEER "[200, \"\"]}", TRANSFER, "fail", FAILED "99/large.sha256: no SHA-256, but '' ("},
        {OF_PEER "[200, \"@page\"]}", TRANSFER, "fail", "no SHA-256, but '<html><body><h1>503 S"},
        {OF_NEW "[200, \"@latin\"]}", TRANSFER, "fail",
            FAILED "1/large.sha256: no SHA-256, but '{"},
        {OF_NEW "[200, \"@cut\"]}", TRANSFER, "fail", "an answer that ended 1 bytes too early ("},
        {OF_NEW "[200, {\"a\": 1}]}", TRANSFER, "fail", "no SHA-256, but '{\"a\": 1}' ("},
        {TO_NEW "[200, \"@huge\"]}", TRANSFER, "fail", "an answer of more than 1048576 bytes ("},
        {TO_NEW "[500, \"@page\"]}", TRANSFER, "fail",
            FAILED "1/cgi-bin/fetch?10.9.0.99: status 500 ("},
    };
    TRY_FAST(rows, 120);
}

/* What a guest is waited for is over after a second, and the clock says that it was more. */
Test(openstack_guest, a_request_is_waited_for_longer_where_nodes_are_slow)
{
    static const char *const rows[][2] = {
        {"GET http://10.9.0.1/boot-id", "no whole answer within 10 s"},
        {"GET http://10.9.0.1/cgi-bin/metadata", "no whole answer within 30 s"},
        {"GET http://10.9.0.1/cgi-bin/fetch", "no whole answer within 30 s"},
        {"GET http://10.9.0.99/large.sha256", "no whole answer within 10 s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *odd = xasprintf("{\"%s\": [200, \"@drip\"]}", rows[i][0]);
        _cloud_ struct cloud c = cloud_start(odd);
        cloud_has_servers(&c);
        char *patient = c.prelude;
        c.prelude = xasprintf("%simport signal\n"
                              "timer = signal.setitimer\n"
                              "def faster(which, seconds):\n"
                              "    if seconds in (10, 30):\n"
                              "        paused.append(seconds + 20)\n"
                              "        seconds = 1\n"
                              "    timer(which, seconds)\n"
                              "signal.setitimer = faster\n",
            patient);
        free(patient);
        c.patience = 2;
        ask_gives(&c, HTTP(", metadata: /cgi-bin/metadata, transfer: {peer: 10.9.0.99}"), 240000,
            "fail", rows[i][1]);
    }
}
