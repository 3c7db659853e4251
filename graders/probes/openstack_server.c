/* The task `server` of an openstack probe: its parameters, and what runs on the witness. Here alone
 * the cloud's answers decide whom the witness asks: the new server, at the address it was given. */
#include "graders/probes/inet.h"
#include "graders/probes/openstack.h"

/* Of the image's guest; it waits for 5 s in vain, and tells the digest of what it got by then. */
#define FETCH  "/cgi-bin/fetch?"
#define DIGEST "/large.sha256"

static void check_target(struct reader *r, const struct value *v, const char *key, const char *path)
{
    for (const char *c = path; c && *c; c++)
        if (path[0] != '/' || *c < '!' || *c > '~' || *c == '#') {
            problems_add(r->problems, value_get(v, key),
                "'%s' must begin with / and be of printable ASCII", key);
            break;
        }
}

static const struct field transfer_fields[] = {
    FIELD_CUSTOM("peer", struct openstack_server, peer, read_address, FIELD_REQUIRED,
        .schema = TEXT_SCHEMA, .help = "address of the other server"),
    FIELD_STRING("fetch", struct openstack_server, fetch, 0, .max = 1024,
        .help = "path, up to the address; default " FETCH),
    FIELD_STRING(
        "digest", struct openstack_server, digest, 0, .max = 1024, .help = "path; default " DIGEST),
};

static void read_transfer(struct reader *r, const struct value *v, void *member)
{
    struct openstack_server *s = member;
    read_map(r, v, transfer_fields, N_FIELDS(transfer_fields), s);
    check_target(r, v, "fetch", s->fetch);
    check_target(r, v, "digest", s->digest);
    s->fetch = s->fetch ? s->fetch : xstrdup(FETCH);
    s->digest = s->digest ? s->digest : xstrdup(DIGEST);
}

static const struct field server_http_fields[] = {
    FIELD_STRING("path", struct openstack_server, path, FIELD_REQUIRED, .max = 1024,
        .help = "says something that nothing else says, and with status 200"),
    FIELD_STRING("metadata", struct openstack_server, metadata, 0, .max = 1024,
        .help =
            "path; says what the metadata service says to the server: JSON with its id as uuid"),
    {.key = "transfer",
        .type = FIELD_T_CUSTOM,
        .read = read_transfer,
        .help = "it and another server get each other's large file whole"},
};

static void read_server_http(struct reader *r, const struct value *v, void *member)
{
    struct openstack_server *s = member;
    read_map(r, v, server_http_fields, N_FIELDS(server_http_fields), s);
    check_target(r, v, "path", s->path);
    check_target(r, v, "metadata", s->metadata);
}

/* Of a host: what may stand behind "nova:" in a request. */
static void read_host(struct reader *r, const struct value *v, void *member)
{
    static const struct field text = {.key = "host", .type = FIELD_T_STRING, .max = 255};
    char **host = member;
    read_field(r, v, &text, host);
    if (*host && strpbrk(*host, ": /\t"))
        problems_add(r->problems, v, "'%s' is not the name of a host", *host);
}

static const struct field server_fields[] = {
    FIELD_STRING("image", struct openstack_server, image, FIELD_REQUIRED, .max = 255),
    FIELD_STRING("flavor", struct openstack_server, flavor, FIELD_REQUIRED, .max = 255),
    FIELD_STRING("network", struct openstack_server, network, FIELD_REQUIRED, .max = 255),
    FIELD_CUSTOM("host", struct openstack_server, host, read_host, 0,
        .schema = "{\"type\": \"string\"}",
        .help = "on this hypervisor, which is up and enabled; default: the scheduler chooses"),
    {.key = "http",
        .type = FIELD_T_CUSTOM,
        .read = read_server_http,
        .help = "it answers on port 80, at this path, with status 200, until it is deleted"},
};

void openstack_read_server(struct reader *r, const struct value *v, struct openstack_server *s)
{
    read_map(r, v, server_fields, N_FIELDS(server_fields), s);
}

void openstack_free_server(struct openstack_server *s)
{
    free(s->host);
    free(s->peer);
    free_map(transfer_fields, N_FIELDS(transfer_fields), s);
    free_map(server_http_fields, N_FIELDS(server_http_fields), s);
    free_map(server_fields, N_FIELDS(server_fields), s);
}

json_t *openstack_server_schema(void)
{
    json_t *server = fields_schema(server_fields, N_FIELDS(server_fields));
    json_t *http = fields_schema(server_http_fields, N_FIELDS(server_http_fields));
    json_object_set_new(json_object_get(http, "properties"), "transfer",
        fields_schema(transfer_fields, N_FIELDS(transfer_fields)));
    json_object_set_new(json_object_get(server, "properties"), "http", http);
    return server;
}

const char openstack_server[] =
    /* Where the service is down nothing can be built, and to wait for that takes minutes; where it
     * is disabled only an administrator gets a server, who names the host as this probe does. */
    "def takes_servers(host):\n"
    "    path = '/os-services?binary=nova-compute&host=' + urllib.parse.quote(host, '')\n"
    "    for x in member(want('compute', 'GET', path), 'services', list):\n"
    "        if member(x, 'host', str) == host:\n"
    "            now = member(x, 'state', str), member(x, 'status', str)\n"
    "            if now != ('up', 'enabled'):\n"
    "                raise Wrong('nova-compute on %s is %s and %s' % (\n"
    "                    host, words(now[0], 40), words(now[1], 40)))\n"
    "            return\n"
    "    raise Wrong('there is no nova-compute on ' + host)\n"
    "def active(path):\n"
    "    while True:\n"
    "        server = member(want('compute', 'GET', path), 'server', dict)\n"
    "        status, state = member(server, 'status', str), server.get('OS-EXT-STS:task_state')\n"
    "        if status == 'ACTIVE':\n"
    "            return server\n"
    "        if status == 'ERROR':\n"
    "            fault = server.get('fault')\n"
    "            fault = fault.get('message') if isinstance(fault, dict) else 'no fault is told'\n"
    "            raise Wrong('it went to ERROR: ' + words(fault))\n"
    "        if left() < 2:\n"
    "            raise Wrong('it is still %s (%s)' % (words(status, 40), words(state, 40)))\n"
    "        time.sleep(1)\n"
    "def on_host(server):\n"
    "    host = server.get('OS-EXT-SRV-ATTR:host')\n"
    "    if q['host'] and host != q['host']:\n"
    "        raise Wrong('it is ACTIVE on %s' % (\n"
    "            words(host, 80) if isinstance(host, str) else 'a host that is not told'))\n"
    "    return 'on ' + words(host, 80) if isinstance(host, str) else ''\n"
    "def address(server, kinds=(4, 6)):\n"
    "    for kind in kinds:\n"
    "        for x in member(member(server, 'addresses', dict), q['network'], list):\n"
    "            try:\n"
    "                a = ipaddress.ip_address(member(x, 'addr', str))\n"
    "            except ValueError:\n"
    "                raise Wrong(\"an address that is '%s'\" % words(x['addr'], 80))\n"
    "            odd = a.is_loopback or a.is_multicast or a.is_unspecified\n"
    "            if a.version == kind and not odd:\n"
    "                return str(a)\n"
    "    kind = '' if len(kinds) > 1 else 'IPv%d ' % kinds\n"
    "    raise Wrong(\"it has no %saddress in the network '%s'\" % (kind, q['network']))\n"
    "def host(a):\n"
    "    return '[%s]' % a if ':' in a else a\n"
    "def url(a, path):\n"
    "    return 'http://%s%s' % (host(a), path)\n"
    /* One try: (status or None, body or the reason). */
    "def fetch(a, path, seconds):\n"
    "    seconds = max(1, min(seconds * q['slow'], left()))\n"
    "    try:\n"
    "        with limit(seconds):\n"
    "            c = http.client.HTTPConnection(a, 80)\n"
    "            status, _, body = exchange(c, 'GET', path, None, {}, 1 << 20)\n"
    "            return status, body\n"
    "    except ODD as e:\n"
    "        return None, why(e, seconds)\n"
    "def page(a, path, seconds=5):\n"
    "    status, body = fetch(a, path, seconds)\n"
    "    if status != 200:\n"
    "        body = 'status %d' % status if status else body\n"
    "        raise Wrong('%s: %s' % (url(a, path), body))\n"
    "    return body\n"
    /* What a guest does not do yet it may do in time, of which a try needs SECONDS. */
    "def patiently(attempt, seconds=5):\n"
    "    while True:\n"
    "        try:\n"
    "            return attempt()\n"
    "        except Wrong:\n"
    "            if left() < (seconds + 1) * q['slow']:\n"
    "                raise\n"
    "        time.sleep(1)\n"
    /* Or else it was something else that answered for it, or a server that was only forgotten. */
    "def silent(a, body):\n"
    "    stop = time.monotonic() + 20 * q['slow']\n"
    "    while fetch(a, q['path'], 5) == (200, body):\n"
    "        if time.monotonic() > stop or left() < 6 * q['slow']:\n"
    "            raise Wrong('%s still answers the same' % url(a, q['path']))\n"
    "        time.sleep(1)\n"
    /* Its id stands in the request for its metadata, so anybody can say that back; what it was made
     * with is said by who reads nova's record of it. */
    "def has_metadata(a, o):\n"
    "    body = page(a, q['metadata'], 15)\n"
    "    if not body.strip():\n"
    "        raise Wrong('%s: nothing was said to it' % url(a, q['metadata']))\n"
    "    said = parse(url(a, q['metadata']), body)\n"
    "    uuid = member(said, 'uuid', str)\n"
    "    if uuid != o['id']:\n"
    "        raise Wrong(\"it gets the metadata of '%s'\" % words(uuid, 80))\n"
    "    if member(said, 'meta', dict).get('check') != o['word']:\n"
    "        raise Wrong('it gets its id, but not what it was made with')\n"
    "def digest(a, path, seconds=5):\n"
    "    text = page(a, path, seconds).decode('utf-8', 'replace')\n"
    "    first = ''.join(text.split(None, 1)[:1]).lower()\n"
    "    if not re.fullmatch('[0-9a-f]{64}', first):\n"
    "        raise Wrong(\"%s: no SHA-256, but '%s'\" % (url(a, path), words(text, 80)))\n"
    "    if first == hashlib.sha256().hexdigest():\n"
    "        raise Wrong('%s: the SHA-256 of nothing' % url(a, path))\n"
    "    return first\n"
    "def crosses(source, to):\n"
    "    has, path = digest(source, q['digest']), q['fetch'] + host(source)\n"
    "    if digest(to, path, 15) != has:\n"
    "        raise Wrong('%s: not the SHA-256 of what is there' % url(to, path))\n"
    /* By the addresses of one family, or one way would tell nothing about the other. */
    "def transfer(server):\n"
    "    peer = ipaddress.ip_address(q['peer'])\n"
    "    a = address(server, (peer.version,))\n"
    "    if ipaddress.ip_address(a) == peer:\n"
    "        raise Wrong('it has the address of its peer')\n"
    "    patiently(lambda: crosses(q['peer'], a), 20)\n"
    "    patiently(lambda: crosses(a, q['peer']), 20)\n"
    "def create(o, name, image, flavor, network):\n"
    "    body = {'name': name, 'imageRef': image, 'flavorRef': flavor,\n"
    "            'networks': [{'uuid': network}]}\n"
    "    if q['host']:\n"
    "        body['availability_zone'] = 'nova:' + q['host']\n"
    "    if q['metadata']:\n"
    "        o['word'] = secrets.token_hex(8)\n"
    "        body['metadata'] = {'check': o['word']}\n"
    "    o['asked'] = True\n"
    "    answer = want('compute', 'POST', '/servers', {'server': body}, 202)\n"
    "    o['id'] = ident(member(answer, 'server', dict))\n"
    "def task():\n"
    "    login()\n"
    "    leftovers('compute', '/servers', '?name=' + PREFIX, 'servers')\n"
    "    with step('lookup'):\n"
    "        image = one('image', '/v2/images?name=', 'images', q['image'])\n"
    "        flavor = one('compute', '/flavors?', 'flavors', q['flavor'])\n"
    "        network = one('network', '/v2.0/networks?name=', 'networks', q['network'])\n"
    "        if q['host']:\n"
    "            takes_servers(q['host'])\n"
    "    name = new_name()\n"
    "    with made('compute', '/servers', '?name=' + name, 'servers', name) as o:\n"
    "        with step('create') as s:\n"
    "            create(o, name, image, flavor, network)\n"
    "            s['text'] = o['id']\n"
    "        with step('active') as s:\n"
    "            server = active('/servers/' + o['id'])\n"
    "            s['text'] = on_host(server)\n"
    "        if q['path']:\n"
    "            with step('http') as s:\n"
    "                a = address(server)\n"
    "                s['text'] = 'at ' + a\n"
    "                body = patiently(lambda: page(a, q['path']))\n"
    "        if q['metadata']:\n"
    "            with step('metadata'):\n"
    "                patiently(lambda: has_metadata(a, o), 15)\n"
    "        if q['peer']:\n"
    "            with step('transfer') as s:\n"
    "                transfer(server)\n"
    "                s['text'] = 'with ' + q['peer']\n"
    "        until[0] = end\n"
    "        with step('delete'):\n"
    "            remove('compute', '/servers/' + o['id'])\n"
    "            o['gone'] = True\n"
    "        if q['path']:\n"
    "            with step('silence'):\n"
    "                silent(a, body)\n";
