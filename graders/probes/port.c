/* port: can a TCP connection be made from the check's node? Asked by connecting, so that every
 * firewall and route between counts. */
#include "graders/probes/kinds.h"
#include "graders/probes/node.h"

enum port_state { PORT_OPEN, PORT_CLOSED, PORT_REFUSED, PORT_FILTERED };
static const char *const state_names[] = {"open", "closed", "refused", "filtered", NULL};
static const char *const family_names[] = {"any", "ipv4", "ipv6", NULL};

struct port_params {
    char *host;
    int64_t port;
    int state;
    int family;
    int64_t wait_ms;
};

static const struct field port_fields[] = {
    FIELD_STRING("host", struct port_params, host, FIELD_REQUIRED, .max = 253,
        .help = "address or name, as the check's node resolves it"),
    FIELD_INT("port", struct port_params, port, FIELD_REQUIRED, .min = 1, .max = 65535),
    FIELD_ENUM("state", struct port_params, state, state_names, 0,
        .help = "open (default); closed: no connection for whatever reason; refused: by a reset or "
                "an ICMP port-unreachable; filtered: no answer, or another ICMP error"),
    FIELD_ENUM("family", struct port_params, family, family_names, 0, .help = "default any"),
    FIELD_DURATION("wait", struct port_params, wait_ms, 0, .min = 100, .max = 20000,
        .help = "for an answer; default 3s"),
};

static void *port_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct port_params *p = xnew(struct port_params);
    p->wait_ms = 3000;
    read_map(r, v, port_fields, N_FIELDS(port_fields), p);
    return p;
}

static void port_free(void *params)
{
    free_map(port_fields, N_FIELDS(port_fields), params);
    free(params);
}

static json_t *port_schema(void)
{
    return fields_schema(port_fields, N_FIELDS(port_fields));
}

static const char program[] =
    "import errno, json, socket, sys\n"
    "q = json.loads(sys.argv[1])\n"
    "family = {'any': 0, 'ipv4': socket.AF_INET, 'ipv6': socket.AF_INET6}[q['family']]\n"
    "def out(state, text):\n"
    "    print(json.dumps({'state': state, 'text': text}))\n"
    "    sys.exit(0)\n"
    "try:\n"
    "    found = socket.getaddrinfo(q['host'], q['port'], family, socket.SOCK_STREAM)\n"
    "except socket.gaierror as e:\n"
    "    out('unresolved', str(e))\n"
    "silent = " PYTHON_UNREACHABLE "\n"
    "state, text = 'unresolved', 'no address'\n"
    "for f, kind, proto, _, where in found[:4]:\n"
    "    s = socket.socket(f, kind, proto)\n"
    "    s.settimeout(q['wait'] / len(found[:4]))\n"
    "    try:\n"
    "        s.connect(where)\n"
    "        out('open', where[0])\n"
    "    except socket.timeout:\n"
    "        state, text = 'filtered', 'no answer from ' + where[0]\n"
    /* Reset at once: the three-way handshake came about all the same. */
    "    except ConnectionResetError:\n"
    "        out('open', where[0])\n"
    "    except OSError as e:\n"
    "        if e.errno == errno.ECONNREFUSED:\n"
    "            state = 'refused'\n"
    "        elif e.errno in silent:\n"
    "            state = 'filtered'\n"
    "        else:\n"
    "            raise\n"
    "        text = where[0] + ': ' + e.strerror\n"
    "out(state, text)\n";

static bool as_wanted(enum port_state wanted, const char *seen)
{
    if (wanted == PORT_CLOSED)
        return streq(seen, "refused") || streq(seen, "filtered");
    return streq(seen, state_names[wanted]);
}

static void port_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct port_params *p = params;
    outcome_asked(o, "a TCP connection from %s to %s port %lld (%s)", node_name(ctx), p->host,
        (long long)p->port, family_names[p->family]);
    outcome_expected(o, "%s", state_names[p->state]);
    json_t *question =
        json_pack("{s:s, s:I, s:s, s:f}", "host", p->host, "port", (json_int_t)p->port, "family",
            family_names[p->family], "wait", (double)node_wait(ctx, p->wait_ms) / 1000);
    _json_ json_t *a = NULL;
    if (!node_python(ctx, program, question, &a, o))
        return;
    const char *missing = NULL;
    const char *state = get_string(a, "state", &missing);
    const char *text = get_string(a, "text", &missing);
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing);
    else if (streq(state, "unresolved") && p->state != PORT_OPEN)
        outcome_set(
            o, VERDICT_ERROR, "'%s' has no address, so nothing was tried: %s", p->host, text);
    else
        outcome_set(o, as_wanted((enum port_state)p->state, state) ? VERDICT_PASS : VERDICT_FAIL,
            "%s (%s)", state, text);
}

const struct probe_kind probe_port = {
    .name = "port",
    .summary = "whether a TCP connection can be made from the check's node",
    .parse = port_parse,
    .free_params = port_free,
    .schema = port_schema,
    .run = port_run,
};
