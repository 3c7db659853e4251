/* One Python process asks everything through librados: the `ceph` command would take half a second
 * a question, most of it for its own command table, and tells a refusal from a time-out only in
 * prose. Settings are asked of the daemons themselves ("tell"), not of the configuration database,
 * which a ceph.conf overrides. */
#include "graders/probes/ceph.h"
#include <errno.h>

#define WITHOUT_KEY "connect without a key" /* the step that is to be refused */

static const char program[] =
    "import json, os, sys, rados\n"
    "q = json.loads(sys.argv[1])\n"
    "t = q['timeout']\n"
    "a = {'commands': {}, 'mon_config': {}, 'osd_config': {}}\n"
    "def out(**more):\n"
    "    a.update(more)\n"
    "    print(json.dumps(a))\n"
    "    sys.stdout.flush()\n"
    "    sys.exit(0)\n"
    "def failed(where, n, text):\n"
    "    out(error={'where': where, 'errno': abs(n), 'text': str(text)})\n"
    /* connect() ignores the timeout it takes, so the time limits are settings. */
    "def connect(conf, name):\n"
    "    conf = dict(conf, client_mount_timeout=str(t), rados_mon_op_timeout=str(t),\n"
    "                rados_osd_op_timeout=str(t))\n"
    "    c = rados.Rados(conffile='/etc/ceph/ceph.conf', name=name, conf=conf)\n"
    /* Without a key it would say "permission denied", which is a finding; this is none. */
    "    keys = c.conf_get('keyring').split(',')\n"
    "    if name == q['name'] and not any(os.path.exists(k.strip()) for k in keys):\n"
    "        failed('keyring', 2, 'the node has no key for ' + name)\n"
    "    c.connect()\n"
    "    return c\n"
    "def ask(where, call, *args, **kw):\n"
    "    n, body, text = call(*args, b'', timeout=t, **kw)\n"
    "    if n != 0:\n"
    "        failed(where, n, text)\n"
    "    return json.loads(body)\n"
    "def get(option):\n"
    "    return json.dumps({'prefix': 'config get', 'var': option, 'format': 'json'})\n"
    "where = 'connect'\n"
    "try:\n"
    "    c = connect({}, q['name'])\n"
    "    for where, command in q['commands'].items():\n"
    "        a['commands'][where] = ask(where, c.mon_command, json.dumps(command))\n"
    "    if q['mon_options']:\n"
    "        where = 'quorum_status'\n"
    "        s = ask(where, c.mon_command, json.dumps({'prefix': where, 'format': 'json'}))\n"
    "        for m in s['quorum_names']:\n"
    "            where = 'mon.' + m\n"
    "            for o in q['mon_options']:\n"
    "                v = ask(where, c.mon_command, get(o), target=m)\n"
    "                a['mon_config'].setdefault(m, {}).update(v)\n"
    "    if q['osd_options']:\n"
    "        where = 'osd dump'\n"
    "        s = ask(where, c.mon_command, json.dumps({'prefix': where, 'format': 'json'}))\n"
    "        for n in [x['osd'] for x in s['osds'] if x['up']]:\n"
    "            where = 'osd.%d' % n\n"
    "            for o in q['osd_options']:\n"
    "                v = ask(where, c.osd_command, n, get(o))\n"
    "                a['osd_config'].setdefault(str(n), {}).update(v)\n"
    "except rados.Error as e:\n"
    "    failed(where, getattr(e, 'errno', None) or 5, e)\n"
    "if q['anonymous']:\n"
    "    none = {'auth_client_required': 'none', 'auth_supported': 'none', 'keyring': '/dev/null'}\n"
    "    try:\n"
    "        connect(none, 'client.nobody')\n"
    "        out(anonymous='accepted')\n"
    "    except rados.PermissionDeniedError:\n"
    "        out(anonymous='refused')\n"
    "    except rados.Error as e:\n"
    "        failed('" WITHOUT_KEY "', getattr(e, 'errno', None) or 5, e)\n"
    "out()\n";

static const struct {
    const char *name; /* as people call it */
    const char *json; /* as the monitors want it */
} commands[N_CEPH_COMMANDS] = {
    [CEPH_STATUS] = {"status", "{\"prefix\": \"status\", \"format\": \"json\"}"},
    [CEPH_HEALTH] = {"health detail",
        "{\"prefix\": \"health\", \"detail\": \"detail\", \"format\": \"json\"}"},
    [CEPH_OSD_DUMP] = {"osd dump", "{\"prefix\": \"osd dump\", \"format\": \"json\"}"},
    [CEPH_OSD_TREE] = {"osd tree", "{\"prefix\": \"osd tree\", \"format\": \"json\"}"},
    [CEPH_RULES] = {"osd crush rule dump",
        "{\"prefix\": \"osd crush rule dump\", \"format\": \"json\"}"},
};

static const char *const auth_options[] = {"auth_cluster_required", "auth_service_required"};

void ceph_needs(const struct ceph_params *p, bool needs[N_CEPH_COMMANDS])
{
    bool ratios = p->full_ratio >= 0 || p->backfillfull_ratio >= 0 || p->nearfull_ratio >= 0;
    bool osds = p->osds_up >= 0 || p->osds_in >= 0 || p->osds_total >= 0;
    bool pool_rules = false;
    for (size_t i = 0; i < p->n_pools; i++)
        pool_rules = pool_rules || p->pools[i].crush_rule;
    needs[CEPH_STATUS] = p->fsid || p->pgs || p->quorum.n > 0 || p->quorum_size > 0;
    needs[CEPH_HEALTH] = p->health;
    needs[CEPH_OSD_DUMP] = osds || p->no_flags || p->absent_flags.n > 0 || ratios || p->n_pools > 0;
    needs[CEPH_OSD_TREE] = p->weights;
    needs[CEPH_RULES] = p->n_rules > 0 || pool_rules;
}

char *ceph_asked(const struct ceph_params *p)
{
    bool needs[N_CEPH_COMMANDS];
    ceph_needs(p, needs);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < N_CEPH_COMMANDS; i++)
        if (needs[i])
            strbuf_addf(&b, "%sceph %s", b.len ? ", " : "", commands[i].name);
    if (p->mon_config.n > 0 || p->auth_required)
        strbuf_addf(&b, "%sceph tell mon.* config get", b.len ? ", " : "");
    if (p->osd_config.n > 0 || p->auth_required)
        strbuf_addf(&b, "%sceph tell osd.* config get", b.len ? ", " : "");
    if (p->auth_required)
        strbuf_adds(&b, ", a connection without a key");
    return xasprintf("%s (as %s)", b.data ? b.data : "", p->client ? p->client : "client.admin");
}

static json_t *options_of(const struct ceph_settings *s, bool auth)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n; i++)
        json_array_append_new(list, json_string(s->items[i].option));
    for (size_t i = 0; auth && i < 2; i++)
        json_array_append_new(list, json_string(auth_options[i]));
    return list;
}

static json_t *question(const struct ceph_params *p, int64_t timeout_s)
{
    bool needs[N_CEPH_COMMANDS];
    ceph_needs(p, needs);
    json_t *list = json_object();
    for (size_t i = 0; i < N_CEPH_COMMANDS; i++)
        if (needs[i])
            json_object_set_new(list, commands[i].name, json_loads(commands[i].json, 0, NULL));
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:b}", "name",
        p->client ? p->client : "client.admin", "timeout", (json_int_t)timeout_s, "commands", list,
        "mon_options", options_of(&p->mon_config, p->auth_required), "osd_options",
        options_of(&p->osd_config, p->auth_required), "anonymous", p->auth_required);
}

/* A cluster that does not answer, or refuses a client with its key (to be let in, or to ask), fails
 * its users: that is a finding. A missing configuration or an unknown errno tells nothing about the
 * cluster. */
static bool judge_error(const json_t *error, int64_t timeout_s, struct outcome *o)
{
    const char *missing = NULL;
    const char *where = get_string(error, "where", &missing);
    const char *text = get_string(error, "text", &missing);
    int64_t n = get_int(error, "errno", &missing);
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing);
    else if (n == ETIMEDOUT)
        outcome_set(o, VERDICT_FAIL, "the cluster does not answer within %lld s (%s): %s",
            (long long)timeout_s, where, text);
    else if ((n == EACCES || n == EPERM) && !streq(where, WITHOUT_KEY))
        outcome_set(o, VERDICT_FAIL, "the cluster refuses the client (%s): %s", where, text);
    else
        outcome_set(o, VERDICT_ERROR, "%s: errno %lld: %s", where, (long long)n, text);
    return false;
}

bool ceph_ask(
    const struct ceph_params *p, struct probe_ctx *ctx, struct ceph_answers *ret, struct outcome *o)
{
    bool needs[N_CEPH_COMMANDS];
    ceph_needs(p, needs);
    int64_t timeout_s = node_wait(ctx, CEPH_TIMEOUT_MS) / 1000;
    if (!node_python(ctx, program, question(p, timeout_s), &ret->all, o))
        return false;
    json_t *error = json_object_get(ret->all, "error");
    if (error)
        return judge_error(error, timeout_s, o);
    const char *missing = NULL;
    json_t *answers = get_object(ret->all, "commands", &missing);
    for (size_t i = 0; i < N_CEPH_COMMANDS; i++) {
        ret->commands[i] = json_object_get(answers, commands[i].name);
        if (needs[i] && !ret->commands[i] && !missing)
            missing = commands[i].name;
    }
    ret->mon_config = get_object(ret->all, "mon_config", &missing);
    ret->osd_config = get_object(ret->all, "osd_config", &missing);
    ret->anonymous = p->auth_required ? get_string(ret->all, "anonymous", &missing) : NULL;
    if (missing) {
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing);
        return false;
    }
    return true;
}
