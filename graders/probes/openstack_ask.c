/* From parameters to the question, and to the program that asks it. */
#include "graders/probes/openstack.h"

#define SPARE_MS 4000 /* for the way there and back, and for Python to start */
/* A guest waits by itself, before it says that it got nothing. */
#define METADATA_MS 15000
#define TRANSFER_MS 30000

static char *ask_token(const struct openstack_params *p)
{
    return xasprintf("keystone for a token, %lld times", (long long)p->rounds);
}

static char *ask_catalog(const struct openstack_params *p)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < p->n_catalog; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", p->catalog[i].type);
    return xasprintf("keystone for the public endpoints of %s", b.data);
}

static char *ask_services(const struct openstack_params *p)
{
    _free_ char *hosts = tally_list(&p->hosts);
    return xasprintf("the compute API for %s on %s", p->of, hosts);
}

static char *ask_agents(const struct openstack_params *p)
{
    _free_ char *hosts = tally_list(&p->hosts);
    return xasprintf("the network API for the %s on %s", p->of, hosts);
}

static char *ask_server(const struct openstack_params *p)
{
    const struct openstack_server *s = &p->server;
    return xasprintf("for a new server of image '%s' and flavor '%s' in the network '%s'%s%s",
        s->image, s->flavor, s->network, s->host ? " on " : "", s->host ? s->host : "");
}

static char *ask_image(const struct openstack_params *p)
{
    return xasprintf("for a new image of %lld MiB, and for its data", (long long)p->size_mib);
}

static char *ask_volume(const struct openstack_params *p)
{
    const struct openstack_volume *v = &p->volume;
    return xasprintf("for a new volume of %lld GiB%s%s%s", (long long)v->size_mib / 1024,
        v->type ? " and type '" : "", v->type ? v->type : "", v->type ? "'" : "");
}

/* What TIDY_MS before the end is not for work, but for removing what was made. LEAST_MS is what a
 * try must have to be worth beginning. */
static const struct {
    char *(*asked)(const struct openstack_params *p);
    int64_t least_ms;
    int64_t tidy_ms;
    bool needs[N_APIS];
    const char *parts[2]; /* of the program */
} tasks[N_OPENSTACK_TASKS] = {
    [OPENSTACK_TOKEN] = {ask_token, 2000, 0, {false}, {openstack_token}},
    [OPENSTACK_CATALOG] = {ask_catalog, 2000, 0, {false}, {openstack_catalog}},
    [OPENSTACK_SERVICES] = {ask_services, 3000, 0, {[OPENSTACK_COMPUTE_API] = true},
        {openstack_beats}},
    [OPENSTACK_AGENTS] = {ask_agents, 3000, 0, {[OPENSTACK_NETWORK_API] = true}, {openstack_beats}},
    [OPENSTACK_SERVER] = {ask_server, 60000, 30000,
        {[OPENSTACK_COMPUTE_API] = true,
            [OPENSTACK_IMAGE_API] = true,
            [OPENSTACK_NETWORK_API] = true},
        {openstack_objects, openstack_server}},
    [OPENSTACK_IMAGE] = {ask_image, 20000, 10000, {[OPENSTACK_IMAGE_API] = true},
        {openstack_objects, openstack_image}},
    [OPENSTACK_VOLUME] = {ask_volume, 40000, 20000, {[OPENSTACK_VOLUME_API] = true},
        {openstack_objects, openstack_volume}},
};

bool openstack_needs(enum openstack_task task, enum openstack_api api)
{
    return tasks[task].needs[api];
}

char *openstack_program(enum openstack_task task)
{
    const char *const *parts = tasks[task].parts;
    return xasprintf("%s%s%s%s", openstack_base, parts[0], parts[1] ? parts[1] : "", openstack_end);
}

char *openstack_asked(const struct openstack_params *p)
{
    _free_ char *what = tasks[p->task].asked(p);
    _free_ char *cloud = p->cloud ? xasprintf(" '%s'", p->cloud) : xstrdup("");
    return xasprintf(
        "%s, as the cloud%s of %s", what, cloud, p->clouds ? p->clouds : OPENSTACK_CLOUDS);
}

static json_t *text(const char *s)
{
    return s ? json_string(s) : json_null();
}

static void add_beats(const struct openstack_params *p, int patience, json_t *q)
{
    bool agents = p->task == OPENSTACK_AGENTS;
    json_t *hosts = json_array();
    for (size_t i = 0; i < p->hosts.n; i++)
        json_array_append_new(hosts, json_string(p->hosts.items[i]));
    json_object_set_new(q, "hosts", hosts);
    json_object_set_new(q, "of", text(p->of));
    json_object_set_new(q, "beat", json_real((double)p->beat_ms * patience / 1000));
    json_object_set_new(q, "where",
        json_pack("{s:s, s:s, s:s}", "service", agents ? "network" : "compute", "path",
            agents ? "/v2.0/agents" : "/os-services", "key", agents ? "agents" : "services"));
}

static json_t *question(const struct openstack_params *p, int64_t left_ms, int patience)
{
    json_t *endpoints = json_object(), *types = json_array();
    for (size_t i = 0; i < N_APIS; i++)
        if (p->endpoints[i])
            json_object_set_new(endpoints, openstack_api_names[i], json_string(p->endpoints[i]));
    for (size_t i = 0; i < p->n_catalog; i++)
        json_array_append_new(types, json_string(p->catalog[i].type));
    int64_t work_ms = left_ms - tasks[p->task].tidy_ms * patience;
    json_t *q = json_pack("{s:i, s:f, s:f, s:s, s:o, s:o, s:o, s:o, s:I, s:I}", "slow", patience,
        "end", (double)left_ms / 1000, "work", (double)work_ms / 1000, "clouds",
        p->clouds ? p->clouds : OPENSTACK_CLOUDS, "cloud", text(p->cloud), "ca", text(p->ca),
        "endpoints", endpoints, "types", types, "rounds", (json_int_t)p->rounds, "size",
        (json_int_t)p->size_mib << 20);
    json_object_set_new(q, "image", text(p->server.image));
    json_object_set_new(q, "flavor", text(p->server.flavor));
    json_object_set_new(q, "network", text(p->server.network));
    json_object_set_new(q, "host", text(p->server.host));
    json_object_set_new(q, "path", text(p->server.path));
    json_object_set_new(q, "metadata", text(p->server.metadata));
    json_object_set_new(q, "peer", text(p->server.peer));
    json_object_set_new(q, "fetch", text(p->server.fetch));
    json_object_set_new(q, "digest", text(p->server.digest));
    json_object_set_new(q, "gib", json_integer(p->volume.size_mib / 1024));
    json_object_set_new(q, "type", text(p->volume.type));
    if (p->task == OPENSTACK_SERVICES || p->task == OPENSTACK_AGENTS)
        add_beats(p, patience, q);
    return q;
}

static int64_t least_ms(const struct openstack_params *p)
{
    bool beats = p->task == OPENSTACK_SERVICES || p->task == OPENSTACK_AGENTS;
    return tasks[p->task].least_ms + (beats ? p->beat_ms : 0) +
        (p->server.metadata ? METADATA_MS : 0) + (p->server.peer ? TRANSFER_MS : 0);
}

/* True when the program asked the cloud at all; else O is an error. */
static bool has_asked(const struct probe_ctx *ctx, const json_t *answer, struct outcome *o)
{
    const char *missing = NULL;
    const char *state = get_string(answer, "state", &missing);
    const char *why = get_string(answer, "text", &missing);
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing);
    else if (streq(state, "done"))
        return true;
    else if (streq(state, "witness"))
        outcome_set(o, VERDICT_ERROR, "%s cannot ask: %s", node_name(ctx), why);
    else
        outcome_set(o, VERDICT_ERROR, "the answer's state '%s' is none", state);
    return false;
}

bool openstack_ask(
    const struct openstack_params *p, struct probe_ctx *ctx, json_t **ret, struct outcome *o)
{
    int patience = node_patience(ctx);
    int64_t left = ctx->deadline.at_ms - now_ms() - SPARE_MS * patience;
    int64_t least = least_ms(p);
    if (left < least * patience) {
        outcome_set(o, VERDICT_ERROR,
            "there is not enough time to tell: give the check a 'timeout' of more than %lld s",
            (long long)(least + SPARE_MS) / 1000);
        return false;
    }
    _free_ char *program = openstack_program(p->task);
    return node_python(ctx, program, question(p, left, patience), ret, o) &&
        has_asked(ctx, *ret, o);
}
