/* The openstack probe: objects that it makes in a cloud of a few lines, and removes again. */
#include "cloud_fixture.h"

Test(openstack_made, servers)
{
#define NEW "server: {image: guest, flavor: tiny, network: public, host: cmp1}"
    static const struct row rows[] = {
        {"{}", NEW, "pass", "active: on cmp1 ("},
        {"{}", "server: {image: guest, flavor: tiny, network: public}", "pass", "delete: done ("},
        {"{}", "server: {image: other, flavor: tiny, network: public}", "fail",
            "NOT AS EXPECTED: lookup: failed: 0 images are called 'other'"},
        {"{\"GET /v2.1/os-services\": [0, {\"services.0.state\": \"down\"}]}", NEW, "fail",
            "NOT AS EXPECTED: lookup: failed: nova-compute on cmp1 is down and enabled ("},
        {"{\"GET /v2.1/os-services\": [0, {\"services.0.status\": \"disabled\"}]}", NEW, "fail",
            "lookup: failed: nova-compute on cmp1 is up and disabled ("},
        {"{\"GET /v2.1/os-services\": [0, {\"services.0.status\": null}]}", NEW, "fail",
            "lookup: failed: an answer without 'status'"},
        {"{\"GET /v2.1/os-services\": [500, {}]}",
            "server: {image: guest, flavor: tiny, network: public}", "pass", "delete: done ("},
        {"{}", "server: {image: guest, flavor: tiny, network: public, host: cmp9}", "fail",
            "lookup: failed: there is no nova-compute on cmp9 ("},
        {"{\"GET /v2.1/flavors\": [200, {\"flavors\": [{\"name\": \"tiny\", \"id\": \"a/b\"}]}]}",
            NEW, "fail", "an answer whose 'id' is 'a/b'"},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.status\": \"ERROR\", \"server.fault\": "
         "{\"message\": \"No valid host was found.\"}}]}",
            NEW, "fail", "active: failed: it went to ERROR: No valid host was found. ("},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.status\": \"ERROR\", \"server.fault\": 3}]}", NEW,
            "fail", "removal: done"},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.OS-EXT-SRV-ATTR:host\": \"cmp2\"}]}", NEW, "fail",
            "active: failed: it is ACTIVE on cmp2"},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.OS-EXT-SRV-ATTR:host\": null}]}", NEW, "fail",
            "it is ACTIVE on a host that is not told"},
        {"{\"POST /v2.1/servers\": [403, {\"forbidden\": {\"message\": \"Quota exceeded\"}}]}", NEW,
            "fail", "create: failed: POST /servers of compute gave status 403: Quota exceeded"},
        /* It was made, though the answer does not say so: it is found by its name. */
        {"{\"POST /v2.1/servers\": [202, {\"server\": {\"id\": \"../x\"}}]}", NEW, "fail",
            "removal: done"},
        {"{\"POST /v2.1/servers\": [202, \"@cut\"]}", NEW, "fail", "removal: done"},
        {"{\"DELETE /v2.1/servers/\": [409, {\"conflict\": {\"message\": \"it is locked\"}}]}", NEW,
            "fail", "delete: failed: DELETE /servers/s1 of compute gave status 409: it is locked"},
        /* Of three names only one is that of a probe which is over. */
        {"{\"GET /v2.1/servers?name=labrun-probe-\": [200, {\"servers\": ["
         "{\"id\": \"a\", \"name\": \"labrun-probe-1000000000-0123456789abcdef\"}, "
         "{\"id\": \"b\", \"name\": \"labrun-probe-1000000000-x\"}, "
         "{\"id\": \"c\", \"name\": \"web-1\"}]}]}",
            NEW, "pass", "leftovers: removed: a ("},
        {"{\"GET /v2.1/servers?name=labrun-probe-\": [500, {}]}", NEW, "pass", "leftovers: failed"},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.addresses\": {\"public\": [{\"addr\": "
         "\"127.0.0.1\"}]}}]}",
            "server: {image: guest, flavor: tiny, network: public, http: {path: /}}", "fail",
            "http: failed: it has no address in the network 'public'"},
        {"{\"GET /v2.1/servers/s\": [0, {\"server.addresses\": {\"public\": [{\"addr\": "
         "\"a b\"}]}}]}",
            "server: {image: guest, flavor: tiny, network: public, http: {path: /}}", "fail",
            "http: failed: an address that is 'a b'"},
    };
    TRY(rows, 120);
}

Test(openstack_made, images)
{
    static const struct row rows[] = {
        {"{}", "image: {}", "pass", "download: done ("},
        {"{}", "image: {size: 3M}", "pass", "delete: done ("},
        {"{\"PUT /v2/images/\": [503, \"@page\"]}", "image: {}", "fail",
            "NOT AS EXPECTED: upload: failed: PUT /v2/images/i1/file of image gave status 503"},
        {"{\"PUT /v2/images/\": [503, \"@page\"]}", "image: {}", "fail", "removal: done"},
        {"{\"GET /v2/images/i1/file\": [200, \"other bytes\"]}", "image: {}", "fail",
            "download: failed: 11 other bytes than the 1048576 that were uploaded"},
        {"{\"GET /v2/images/i1/file\": [200, \"@huge\"]}", "image: {}", "fail",
            "an answer of more than 1052672 bytes"},
        {"{\"GET /v2/images/i1\": [0, {\"status\": \"killed\"}]}", "image: {}", "fail",
            "active: failed: its status is killed"},
        {"{\"GET /v2/images/i1\": [0, {\"size\": 3}]}", "image: {}", "fail", "its size is 3"},
        {"{\"GET /v2/images/i1\": [0, {\"os_hash_value\": \"3\"}]}", "image: {}", "fail",
            "its digest is not that of what was uploaded"},
        {"{\"POST /v2/images\": [201, {\"id\": \"a\\r\\nb\"}]}", "image: {}", "fail",
            "an answer whose 'id' is 'a b'"},
    };
    for (size_t i = 0; i + 1 < sizeof rows / sizeof rows[0]; i++)
        try_rows(&rows[i], 1, 60000, false);
    /* This one cannot be found again: the cloud does not list it. */
    _cloud_ struct cloud c = cloud_start(rows[9].odd);
    ask_gives(&c, rows[9].task, 60000, rows[9].verdict, rows[9].seen);
}

#define V_GET    "{\"GET /v3/volumes/v\": "
#define V_POST   "{\"POST /v3/volumes\": "
#define V_DELETE "{\"DELETE /v3/volumes/v\": "

Test(openstack_made, volumes)
{
    static const struct row rows[] = {
        {"{}", "volume: {}", "pass", "available: done ("},
        {"{}", "volume: {size: 2G, type: fast}", "pass", "delete: done ("},
        {"{}", "volume: {type: slow}", "pass", "create: v1 ("},
        {V_GET "[0, {\"volume.volume_type\": \"slow\"}]}", "volume: {type: fast}", "fail",
            "NOT AS EXPECTED: available: failed: its type is 'slow' ("},
        {V_GET "[0, {\"volume.volume_type\": null}]}", "volume: {type: fast}", "fail",
            "its type is 'nothing' ("},
        {V_GET "[0, {\"volume.volume_type\": null}]}", "volume: {}", "pass", "available: done ("},
        {V_GET "[0, {\"volume.size\": 1}]}", "volume: {size: 2G}", "fail", "its size is 1 GiB ("},
        {V_GET "[0, {\"volume.size\": \"2\"}]}", "volume: {size: 2G}", "fail",
            "an answer without 'size', or with one of another type ("},
        {V_GET "[0, {\"volume.status\": \"error\"}]}", "volume: {}", "fail",
            "available: failed: it went to error: schedule allocate volume: no room for v1 ("},
        {"{\"GET /v3/messages\": [404, {}], \"GET /v3/volumes/v\": "
         "[0, {\"volume.status\": \"error\"}]}",
            "volume: {}", "fail", "it went to error: no message is told ("},
        {"{\"GET /v3/messages\": [0, {\"messages.1.user_message\": 3}], \"GET /v3/volumes/v\": "
         "[0, {\"volume.status\": \"error\"}]}",
            "volume: {}", "fail", "it went to error: no message is told ("},
        {V_GET "[0, {\"volume.status\": \"creating\"}]}", "volume: {}", "fail",
            "available: failed: it is still creating ("},
        {V_GET "[0, {\"volume.status\": null}]}", "volume: {}", "fail", "without 'status'"},
        {V_GET "[0, {\"volume\": []}]}", "volume: {}", "fail", "without 'volume'"},
        {V_GET "[200, \"@nest\"]}", "volume: {}", "fail", "the answer is not JSON: b'[[["},
        {"{\"3|GET /v3/volumes/v\": [503, \"@page\"]}", "volume: {}", "fail",
            "delete: failed: GET /volumes/v1 of volume gave status 503: 503 Service Unavailable ("},
        {"{\"3|GET /v3/volumes/v\": [0, {\"volume.status\": \"error_deleting\"}]}", "volume: {}",
            "fail", "delete: failed: it went to error_deleting: schedule allocate volume: no room"},
        {V_POST "[413, {\"overLimit\": {\"message\": \"VolumeLimitExceeded\"}}]}", "volume: {}",
            "fail", "create: failed: POST /volumes of volume gave status 413: VolumeLimitExceeded"},
        {V_POST "[200, {\"volume\": {\"id\": \"v1\"}}]}", "volume: {}", "fail",
            "POST /volumes of volume gave status 200"},
        /* It was made, though the answer does not say so: it is found by its name, and cannot be
         * deleted before it is there. */
        {V_POST "[202, {\"volume\": {\"id\": \"../x\"}}]}", "volume: {}", "fail", "removal: done"},
        {V_POST "[202, \"@cut\"]}", "volume: {}", "fail", "removal: done"},
        {V_POST "[202, \"@huge\"]}", "volume: {}", "fail", "an answer of more than 8388608 bytes"},
        /* Of four names only one is that of a probe which is over. */
        {"{\"GET /v3/volumes?sort\": [200, {\"volumes\": ["
         "{\"id\": \"a\", \"name\": \"labrun-probe-1000000000-0123456789abcdef\"}, "
         "{\"id\": \"b\", \"name\": \"labrun-probe-1000000000-x\"}, "
         "{\"id\": \"c\", \"name\": null}, {\"id\": \"d\", \"name\": \"data\"}]}]}",
            "volume: {}", "pass", "leftovers: removed: a ("},
        {"{\"GET /v3/volumes?sort\": [503, \"@page\"]}", "volume: {}", "pass", "leftovers: failed"},
        {"{\"GET /v3/volumes?sort\": [200, {\"volumes\": [{\"id\": \"a\"}]}]}", "volume: {}",
            "pass", "leftovers: failed: an answer without 'name'"},
    };
    TRY_FAST(rows, 120);
    /* Nobody looks at this one again. */
    _cloud_ struct cloud c =
        cloud_start(V_DELETE "[403, {\"forbidden\": {\"message\": \"not you\"}}]}");
    ask_gives(&c, "volume: {}", 60000, "fail",
        "delete: failed: DELETE /volumes/v1 of volume gave status 403: not you (");
    _cloud_ struct cloud other = cloud_start("{}");
    other.project = true;
    ask_gives(&other, "volume: {}", 60000, "pass", "delete: done (");
}
