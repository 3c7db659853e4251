#include "graders/probes/web.h"
#include "graders/probes/inet.h"

const char *const web_families[] = {"any", "ipv4", "ipv6", NULL};

void web_target_check(const struct web_target *t, struct reader *r, const struct value *v)
{
    const struct value *ca = v->type == VALUE_MAP ? value_get(v, "ca") : NULL;
    if (ca && t->ca && t->ca[0] != '/')
        problems_add(r->problems, ca, "'ca' must be an absolute path");
}

void web_target_free(struct web_target *t)
{
    free(t->host);
    free(t->connect);
}

/* The whole exchange has one time limit (the timer), whatever the server does: an answer that comes
 * drop by drop is none. Text of the server becomes UTF-8 without NUL: it is to be read, and JSON
 * knows no other. Its body comes as it is, in hexadecimal digits. */
static const char program[] =
    "import errno, json, signal, socket, ssl, sys, time\n"
    "q = json.loads(sys.argv[1])\n"
    "unreachable = " PYTHON_UNREACHABLE "\n"
    "class Late(BaseException):\n"
    "    pass\n"
    "def late(*_):\n"
    "    raise Late()\n"
    "signal.signal(signal.SIGALRM, late)\n"
    "signal.setitimer(signal.ITIMER_REAL, q['wait'])\n"
    "end = time.monotonic() + q['wait']\n"
    "class Done(Exception):\n"
    "    pass\n"
    "def tidy(x):\n"
    "    if isinstance(x, list):\n"
    "        return [tidy(y) for y in x]\n"
    "    if not isinstance(x, str):\n"
    "        return x\n"
    "    return x.encode('utf-8', 'replace').decode().replace('\\0', '\\ufffd')\n"
    "def done(state, text, **more):\n"
    "    raise Done({k: tidy(v) for k, v in dict(more, state=state, text=text).items()})\n"
    "def words(b):\n"
    "    return b.decode('utf-8', 'replace').replace('\\0', '\\ufffd')\n"
    "def reason(e):\n"
    "    return getattr(e, 'reason', None) or getattr(e, 'strerror', None) or str(e) or repr(e)\n"
    "def connect():\n"
    "    family = {'any': 0, 'ipv4': socket.AF_INET, 'ipv6': socket.AF_INET6}[q['family']]\n"
    "    try:\n"
    "        found = socket.getaddrinfo(q['connect'] or q['host'], q['port'], family,\n"
    "                                   socket.SOCK_STREAM)\n"
    "    except (socket.gaierror, UnicodeError) as e:\n"
    "        done('unresolved', str(e))\n"
    "    state, text = 'unresolved', 'no address'\n"
    "    found = found[:4]\n"
    "    for i, (f, kind, proto, _, where) in enumerate(found):\n"
    "        s = socket.socket(f, kind, proto)\n"
    "        s.settimeout(max(0.05, (end - time.monotonic()) / (len(found) - i)))\n"
    "        try:\n"
    "            s.connect(where)\n"
    "            s.settimeout(None)\n"
    "            return s, where[0]\n"
    "        except socket.timeout:\n"
    "            state, text = 'silent', where[0]\n"
    "        except OSError as e:\n"
    "            if e.errno == errno.ECONNREFUSED:\n"
    "                state = 'refused'\n"
    "            elif e.errno == errno.ECONNRESET:\n"
    "                state = 'cut'\n"
    "            elif e.errno in unreachable or e.errno == errno.EADDRNOTAVAIL:\n"
    "                state = 'unreachable'\n"
    "            else:\n"
    "                raise\n"
    "            text = where[0] + ': ' + e.strerror\n"
    "        s.close()\n"
    "    done(state, text)\n"
    "def context(verify, newest=None):\n"
    "    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n"
    "    c.check_hostname = verify\n"
    "    c.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE\n"
    "    if newest:\n"
    "        c.set_ciphers('ALL:@SECLEVEL=0')\n"
    "        c.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED\n"
    "        c.maximum_version = newest\n"
    "    if verify:\n"
    "        try:\n"
    "            if q['ca']:\n"
    "                c.load_verify_locations(q['ca'])\n"
    "            else:\n"
    "                c.load_default_certs()\n"
    "        except (OSError, ssl.SSLError) as e:\n"
    "            done('no-ca', reason(e))\n"
    "    return c\n"
    /* A failed verification is not like another failure of the handshake. */
    "def secure(c):\n"
    "    s, where = connect()\n"
    "    try:\n"
    "        return c.wrap_socket(s, server_hostname=q['name']), where\n"
    "    except ssl.SSLCertVerificationError as e:\n"
    "        s.close()\n"
    "        done('unverified', e.verify_message)\n"
    "    except (ssl.SSLError, OSError) as e:\n"
    "        s.close()\n"
    /* Of this side's own library: that says nothing of the other. */
    "        if reason(e) in ('NO_PROTOCOLS_AVAILABLE', 'NO_CIPHERS_AVAILABLE'):\n"
    "            raise\n"
    "        done('no-tls', reason(e))\n"
    "def http():\n"
    "    import http.client\n"
    "    s, where = secure(context(True)) if q['tls'] else connect()\n"
    "    c = http.client.HTTPConnection(q['host'], q['port'])\n" PYTHON_SANE_CHUNKS(
        "    ") "    c.sock = s\n"
                "    try:\n"
                /* A server may have answered before it has read everything: the answer counts. */
                "        try:\n"
                "            c.request(q['method'], q['path'], body=q['send'] and q['send'].encode(),\n"
                "                      headers=dict({'Host': q['authority'], 'User-Agent': 'labrun',\n"
                "                                    'Connection': 'close'}, **q['with']))\n"
                "        except (BrokenPipeError, ConnectionResetError):\n"
                "            pass\n"
                "        r = c.getresponse()\n"
                "        body = r.read(q['cap'] + 1)\n"
                "    except ConnectionError as e:\n"
                "        done('cut', type(e).__name__ + ': ' + str(e)[:200])\n"
                "    except (http.client.HTTPException, OSError, ValueError) as e:\n"
                "        done('broken', type(e).__name__ + ': ' + str(e)[:200])\n"
                "    whole = len(body) <= q['cap']\n"
                "    if whole and not r.chunked and r.length:\n"
                "        done('broken', 'the body ended %d bytes too early' % r.length)\n"
                "    if sum(len(k) + len(v) for k, v in r.getheaders()) > 1 << 16:\n"
                "        done('broken', 'more than 64 KiB of headers')\n"
                "    headers = {}\n"
                "    for k, v in r.getheaders():\n"
                "        k, v = [words(x.encode('latin-1', 'replace')) for x in (k.lower(), v)]\n"
                "        headers[k] = headers[k] + ', ' + v if k in headers else v\n"
                "    done('answered', where, status=r.status, reason=words(r.reason.encode('latin-1')),\n"
                "         headers=headers, whole=whole, body=body[:q['show']].hex())\n"
                /* The library decodes certificates in public only when they were verified. */
                "def certificate(s):\n"
                "    c = s.getpeercert()\n"
                "    if not c:\n"
                "        c = s._sslobj.get_unverified_chain()[0].get_info()\n"
                "    def name(parts):\n"
                "        return ', '.join('%s=%s' % x for p in parts for x in p)\n"
                "    left = (ssl.cert_time_to_seconds(c['notAfter']) - time.time()) / 86400\n"
                "    return {'subject': name(c['subject']), 'issuer': name(c['issuer']), 'days': left,\n"
                "            'until': c['notAfter'], 'names': [x[1] for x in c.get('subjectAltName', ())]}\n"
                "def tls():\n"
                "    verified, why = True, ''\n"
                "    try:\n"
                "        s, where = secure(context(True))\n"
                "    except Done as d:\n"
                "        if d.args[0]['state'] != 'unverified':\n"
                "            raise\n"
                "        verified, why = False, d.args[0]['text']\n"
                "        s, where = secure(context(False))\n"
                "    try:\n"
                "        more = dict(certificate(s), version=s.version(), verified=verified, why=why)\n"
                "    except (ValueError, KeyError, ssl.SSLError) as e:\n"
                "        done('unverified', 'it cannot be read: ' + reason(e))\n"
                "    s.close()\n"
                "    if q['below']:\n"
                "        newest = getattr(ssl.TLSVersion, q['below'])\n"
                "        try:\n"
                "            s, _ = secure(context(False, newest))\n"
                "            more['old'] = s.version()\n"
                "        except Done as d:\n"
                "            if d.args[0]['state'] != 'no-tls':\n"
                "                raise\n"
                "            more['old'] = ''\n"
                "    done('answered', where, **more)\n"
                "try:\n"
                "    {'http': http, 'tls': tls}[q['kind']]()\n"
                "except Done as d:\n"
                "    answer = d.args[0]\n"
                "except Late:\n"
                "    answer = {'state': 'silent', 'text': 'no whole answer within %g s' % q['wait']}\n"
                "signal.setitimer(signal.ITIMER_REAL, 0)\n"
                "print(json.dumps(answer))\n";

/* What kept the server from answering, as the program says it and as people do. */
static const struct {
    const char *name;
    const char *text;
} states[] = {
    {"unresolved", "the name has no address"},
    {"refused", "the connection was refused"},
    {"unreachable", "it cannot be reached"},
    {"silent", "no answer in time"},
    {"unverified", "its certificate cannot be verified"}, /* `tls` looks further, if it can */
    {"no-tls", "the TLS handshake failed"},
    {"cut", "the connection was cut before a whole answer"},
    {"broken", "the answer is not HTTP as it should be"},
};

/* NULL when NAME is none of them. */
static const char *state_text(const char *name)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (streq(name, states[i].name))
            return states[i].text;
    return NULL;
}

static void add_text(json_t *question, const char *key, const char *text)
{
    json_object_set_new(question, key, text ? json_string(text) : json_null());
}

/* True when the answer is one of the server's own; else O is set. */
static bool is_answered(const struct web_target *t, const json_t *answer,
    const struct probe_ctx *ctx, struct outcome *o)
{
    const char *missing = NULL;
    const char *state = get_string(answer, "state", &missing);
    const char *text = get_string(answer, "text", &missing);
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing);
    else if (streq(state, "answered"))
        return true;
    else if (streq(state, "no-ca"))
        outcome_set(o, VERDICT_ERROR, "the certificates of '%s' cannot be read on %s: %s",
            t->ca ? t->ca : "the system's store", node_name(ctx), text);
    else if (state_text(state))
        outcome_set(o, VERDICT_FAIL, "%s: %s", state_text(state), text);
    else
        outcome_set(o, VERDICT_ERROR, "the answer's state '%s' is none", state);
    return false;
}

bool web_ask(const struct web_target *t, int64_t port, json_t *question, struct probe_ctx *ctx,
    json_t **ret, struct outcome *o)
{
    add_text(question, "host", t->host);
    add_text(question, "connect", t->connect);
    add_text(question, "ca", t->ca);
    add_text(question, "family", web_families[t->family]);
    json_object_set_new(question, "port", json_integer(port));
    json_object_set_new(question, "wait", json_real((double)node_wait(ctx, t->wait_ms) / 1000));
    return node_python(ctx, program, question, ret, o) && is_answered(t, *ret, ctx, o);
}
