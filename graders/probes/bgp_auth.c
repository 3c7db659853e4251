/* Is a session really signed? Three witnesses: FRR's own setting; the kernel, which has a key on
 * the socket of the established session (then it drops every segment without a right signature, so
 * that the neighbour must be signing, too); and behaviour: an unsigned connection to the neighbour
 * gets no answer. A neighbour that refuses or cannot be reached that way proves nothing about keys
 * and counts neither way; one that answers has no key for us. */
#include "graders/probes/bgp.h"

#define UNSIGNED_MS 1500 /* for an answer to a connection without a key */

/* The keys themselves, which ss prints, do not leave the node. */
static const char program[] =
    "import errno, json, re, socket, subprocess, sys\n"
    "q = json.loads(sys.argv[1])\n"
    "def address(text):\n"
    "    text = text.rsplit(':', 1)[0].strip('[]').split('%')[0]\n"
    "    return text[7:] if text.startswith('::ffff:') else text\n"
    "run = subprocess.run(['/usr/bin/ss', '-Htnei', 'state', 'established',\n"
    "                      '( sport = :179 or dport = :179 )'],\n"
    "                     stdout=subprocess.PIPE, check=True, text=True)\n"
    "text = re.sub(r'\\n\\s+', ' ', run.stdout)\n"
    "key = None\n"
    "for line in text.splitlines():\n"
    "    words = line.split()\n"
    "    if len(words) > 3 and address(words[2]) == q['local'] and \\\n"
    "       address(words[3]) == q['remote']:\n"
    "        key = key or any(w.startswith('md5keys:') for w in words)\n"
    "s = socket.socket(socket.AF_INET6 if ':' in q['remote'] else socket.AF_INET)\n"
    "s.settimeout(q['wait'])\n"
    "try:\n"
    "    s.bind((q['local'], 0))\n"
    "    s.connect((q['remote'], 179))\n"
    "    unsigned = 'answered'\n"
    "except socket.timeout:\n"
    "    unsigned = 'silent'\n"
    "except OSError as e:\n"
    "    unsigned = 'refused' if e.errno == errno.ECONNREFUSED else 'unreachable'\n"
    "print(json.dumps({'key': key, 'unsigned': unsigned}))\n";

static bool judge_kernel(struct bgp_judge *j, const json_t *answer)
{
    const json_t *key = json_object_get(answer, "key");
    const char *unsigned_ = get_string(answer, "unsigned", &j->missing);
    if (!json_is_boolean(key) && !json_is_null(key) && !j->missing)
        j->missing = "key";
    if (j->missing)
        return true;
    /* The session may have ended since FRR was asked. */
    tally_saw(&j->t, json_is_true(key), "the kernel %s",
        json_is_true(key)       ? "has a key on the session's socket"
            : json_is_null(key) ? "knows no such session"
                                : "has no key on the session's socket");
    tally_saw(&j->t, !streq(unsigned_, "answered"), "an unsigned connection to %s port 179: %s",
        j->p->neighbor, unsigned_);
    return true;
}

bool bgp_judge_auth(struct bgp_judge *j, const json_t *neighbor)
{
    if (!j->p->authentication)
        return true;
    bool on = json_integer_value(json_object_get(neighbor, "authenticationEnabled")) == 1;
    const char *state = get_string(neighbor, "bgpState", &j->missing);
    tally_expect(&j->t, "the session is signed, and nobody is let in unsigned");
    tally_saw(&j->t, on, "FRR has %s for the neighbour", on ? "a password" : "no password");
    if (!on || !state || strcasecmp(state, "established") != 0)
        return true;
    const char *local = get_string(neighbor, "hostLocal", &j->missing);
    const char *remote = get_string(neighbor, "hostForeign", &j->missing);
    if (j->missing)
        return true;
    _json_ json_t *answer = NULL;
    json_t *question = json_pack("{s:s, s:s, s:f}", "local", local, "remote", remote, "wait",
        (double)node_wait(j->ctx, UNSIGNED_MS) / 1000);
    return node_python(j->ctx, program, question, &answer, j->o) && judge_kernel(j, answer);
}
