/* openstack: what a cloud does for a client with a password, asked of its APIs from a witness. One
 * probe asks one thing; objects that it makes are removed again, whatever the verdict. */
#include "graders/probes/openstack.h"
#include "graders/probes/kinds.h"

#define MAX_HOSTS  50
#define MAX_ROUNDS 50

const char *const openstack_task_names[] = {
    "token", "catalog", "services", "agents", "server", "image", "volume", NULL};
const char *const openstack_api_names[] = {"compute", "image", "network", "volume", NULL};

/* Printable, and nothing in it that would make it another URL than it looks like. */
static bool is_url(const char *s)
{
    const char *host = strstr(s, "://");
    if (!host || strpbrk(s, "?#@\\\"<> "))
        return false;
    for (const char *c = s; *c; c++)
        if (*c < '!' || *c > '~')
            return false;
    return host[3] != '\0' && host[3] != '/' && host[3] != ':';
}

static void read_url(struct reader *r, const struct value *v, const char *key, char **ret)
{
    struct field text = {.key = key, .type = FIELD_T_STRING, .max = 1024};
    read_field(r, v, &text, ret);
    if (*ret && !is_url(*ret))
        problems_add(r->problems, v, "'%s' is not a URL: write https://HOST:PORT/PATH", *ret);
}

static void read_endpoint(struct reader *r, const struct value *v, void *member)
{
    char **url = member;
    read_url(r, v, "endpoints", url);
    if (*url && is_url(*url) && !has_prefix(*url, "https://"))
        problems_add(r->problems, v, "'%s' must begin with https://", *url);
}

#define ENDPOINT(k, api)                                                                           \
    {                                                                                              \
        .key = (k), .type = FIELD_T_CUSTOM,                                                        \
        .offset = offsetof(struct openstack_params, endpoints[api]), .read = read_endpoint,        \
        .schema = "{\"type\": \"string\"}"                                                         \
    }

static const struct field endpoint_fields[] = {
    ENDPOINT("compute", OPENSTACK_COMPUTE_API),
    ENDPOINT("image", OPENSTACK_IMAGE_API),
    ENDPOINT("network", OPENSTACK_NETWORK_API),
    ENDPOINT("volume", OPENSTACK_VOLUME_API),
};

static void read_endpoints(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, endpoint_fields, N_FIELDS(endpoint_fields), member);
}

static const struct field token_fields[] = {
    FIELD_INT("rounds", struct openstack_params, rounds, 0, .min = 1, .max = MAX_ROUNDS,
        .help = "so often; default 3"),
};

static void read_token(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, token_fields, N_FIELDS(token_fields), member);
}

static void read_catalog(struct reader *r, const struct value *v, void *member)
{
    struct openstack_params *p = member;
    if (!read_is_map(r, v, "catalog"))
        return;
    if (v->n == 0)
        read_expected(r, v, "catalog", "types of services, each with its URL");
    for (size_t i = 0; i < v->n; i++) {
        struct openstack_entry *e = array_append(p->catalog, p->n_catalog);
        e->type = xstrdup(v->keys[i].text);
        read_url(r, &v->items[i], e->type, &e->url);
    }
}

static void read_hosts(struct reader *r, const struct value *v, void *member)
{
    static const struct field names = {.key = "hosts", .type = FIELD_T_STRINGS};
    struct strv *hosts = member;
    read_field(r, v, &names, hosts);
    if ((v->type == VALUE_LIST && v->n == 0) || hosts->n > MAX_HOSTS)
        read_expected(r, v, "hosts", "1 to 50 names");
    for (size_t i = 0; i < hosts->n; i++)
        for (size_t k = 0; k < i; k++)
            if (streq(hosts->items[i], hosts->items[k]))
                problems_add(r->problems, v, "'hosts' has '%s' twice", hosts->items[i]);
}

#define HOSTS                                                                                      \
    FIELD_CUSTOM("hosts", struct openstack_params, hosts, read_hosts, FIELD_REQUIRED,              \
        .schema = "{\"type\": [\"string\", \"array\"], \"minItems\": 1, \"maxItems\": 50, "        \
                  "\"items\": {\"type\": \"string\"}}",                                            \
        .help = "on each of these")
#define BEAT(d)                                                                                    \
    FIELD_DURATION("heartbeat", struct openstack_params, beat_ms, 0, .min = 1000, .max = 600000,   \
        .help = "so long one is waited for; default " d)

static const struct field services_fields[] = {
    FIELD_STRING("binary", struct openstack_params, of, FIELD_REQUIRED, .max = 128,
        .help = "nova-compute, nova-conductor, …"),
    HOSTS,
    BEAT("20s"),
};

static void read_services(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, services_fields, N_FIELDS(services_fields), member);
}

static const struct field agents_fields[] = {
    FIELD_STRING("type", struct openstack_params, of, FIELD_REQUIRED, .max = 128,
        .help = "OVN Controller agent, Open vSwitch agent, …"),
    HOSTS,
    BEAT("45s"),
};

static void read_agents(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, agents_fields, N_FIELDS(agents_fields), member);
}

static void read_server(struct reader *r, const struct value *v, void *member)
{
    struct openstack_params *p = member;
    openstack_read_server(r, v, &p->server);
}

static const struct field image_fields[] = {
    FIELD_SIZE_MIB("size", struct openstack_params, size_mib, 0, .min = 1, .max = 64,
        .help = "of fresh random bytes; default 1M"),
};

static void read_image(struct reader *r, const struct value *v, void *member)
{
    read_map(r, v, image_fields, N_FIELDS(image_fields), member);
}

static const struct field volume_fields[] = {
    FIELD_SIZE_MIB("size", struct openstack_volume, size_mib, 0, .min = 1024, .max = 65536,
        .help = "whole gigabytes; default 1G"),
    FIELD_STRING("type", struct openstack_volume, type, 0, .max = 255,
        .help = "name of its volume type; default the cloud's own"),
};

static void read_volume(struct reader *r, const struct value *v, void *member)
{
    struct openstack_params *p = member;
    read_map(r, v, volume_fields, N_FIELDS(volume_fields), &p->volume);
    if (p->volume.size_mib % 1024)
        read_expected(r, value_get(v, "size"), "size", "whole gigabytes");
}

#define PART(k, rd, hp)                                                                            \
    {                                                                                              \
        .key = (k), .type = FIELD_T_CUSTOM, .read = (rd), .help = (hp)                             \
    }

static const struct field openstack_fields[] = {
    FIELD_STRING("clouds", struct openstack_params, clouds, 0, .max = 4096,
        .help = "clouds.yaml on the check's node; default " OPENSTACK_CLOUDS),
    FIELD_STRING("cloud", struct openstack_params, cloud, 0, .max = 255,
        .help = "its entry; default the only one"),
    FIELD_STRING("ca", struct openstack_params, ca, 0, .max = 4096,
        .help = "PEM file on the check's node; default the entry's cacert, or the node's store"),
    PART("endpoints", read_endpoints, "addresses of the APIs that are asked, as in a catalog"),
    PART("token", read_token, "a token is issued for the password, and is known again"),
    {.key = "catalog",
        .type = FIELD_T_CUSTOM,
        .read = read_catalog,
        .schema = "{\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": "
                  "{\"type\": \"string\"}}",
        .help = "by type of service: the one public endpoint in the region"},
    PART("services", read_services, "services of the compute API are enabled and report"),
    PART("agents", read_agents, "agents of the network API are enabled and report"),
    PART("server", read_server, "a new server becomes ACTIVE, and is deleted again"),
    PART("image", read_image, "a new image comes back as it was, and is deleted again"),
    PART("volume", read_volume, "a new volume becomes available, and is deleted again"),
};

static void check_path(struct reader *r, const struct value *v, const char *key, const char *path)
{
    if (path && path[0] != '/')
        problems_add(r->problems, value_get(v, key), "'%s' must be an absolute path", key);
}

/* Exactly one thing is asked, and the addresses for it are there. */
static void check_task(struct openstack_params *p, struct reader *r, const struct value *v)
{
    const struct value *at = NULL, *endpoints = value_get(v, "endpoints");
    size_t n = 0;
    for (size_t i = 0; i < N_OPENSTACK_TASKS; i++) {
        const struct value *one = value_get(v, openstack_task_names[i]);
        if (one && n++ == 0) {
            at = one;
            p->task = (enum openstack_task)i;
        }
    }
    if (n != 1) {
        problems_add(r->problems, v,
            "an openstack probe asks one of token, catalog, services, agents, server, image and "
            "volume");
        return;
    }
    bool any = false;
    for (size_t i = 0; i < N_APIS; i++) {
        bool needs = openstack_needs(p->task, (enum openstack_api)i);
        any = any || needs;
        if (needs && !p->endpoints[i] &&
            !(endpoints && endpoints->type == VALUE_MAP &&
                value_get(endpoints, openstack_api_names[i])))
            problems_add(r->problems, at,
                "'%s' asks the %s API: its address under 'endpoints' is "
                "missing",
                openstack_task_names[p->task], openstack_api_names[i]);
    }
    if (endpoints && !any)
        problems_add(r->problems, endpoints, "'%s' asks keystone alone, whose address is auth_url",
            openstack_task_names[p->task]);
}

static void *openstack_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct openstack_params *p = xnew(struct openstack_params);
    p->rounds = 3;
    p->size_mib = 1;
    p->volume.size_mib = 1024;
    read_map(r, v, openstack_fields, N_FIELDS(openstack_fields), p);
    if (v->type != VALUE_MAP)
        return p;
    check_path(r, v, "clouds", p->clouds);
    check_path(r, v, "ca", p->ca);
    check_task(p, r, v);
    if (p->beat_ms == 0)
        p->beat_ms = p->task == OPENSTACK_AGENTS ? 45000 : 20000;
    return p;
}

static void openstack_free(void *params)
{
    struct openstack_params *p = params;
    for (size_t i = 0; i < N_APIS; i++)
        free(p->endpoints[i]);
    for (size_t i = 0; i < p->n_catalog; i++) {
        free(p->catalog[i].type);
        free(p->catalog[i].url);
    }
    free(p->catalog);
    free(p->of);
    strv_free(&p->hosts);
    openstack_free_server(&p->server);
    free_map(volume_fields, N_FIELDS(volume_fields), &p->volume);
    free_map(openstack_fields, N_FIELDS(openstack_fields), p);
    free(p);
}

static json_t *openstack_schema(void)
{
    json_t *s = fields_schema(openstack_fields, N_FIELDS(openstack_fields));
    json_t *p = json_object_get(s, "properties");
    json_object_set_new(p, "server", openstack_server_schema());
    json_object_set_new(p, "endpoints", fields_schema(endpoint_fields, N_FIELDS(endpoint_fields)));
    json_object_set_new(p, "token", fields_schema(token_fields, N_FIELDS(token_fields)));
    json_object_set_new(p, "services", fields_schema(services_fields, N_FIELDS(services_fields)));
    json_object_set_new(p, "agents", fields_schema(agents_fields, N_FIELDS(agents_fields)));
    json_object_set_new(p, "image", fields_schema(image_fields, N_FIELDS(image_fields)));
    json_object_set_new(p, "volume", fields_schema(volume_fields, N_FIELDS(volume_fields)));
    json_t *one = json_array();
    for (size_t i = 0; i < N_OPENSTACK_TASKS; i++)
        json_array_append_new(one, json_pack("{s:[s]}", "required", openstack_task_names[i]));
    json_object_set_new(s, "oneOf", one);
    return s;
}

static void openstack_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct openstack_params *p = params;
    _free_ char *asked = openstack_asked(p);
    _tally_ struct tally t = {0};
    openstack_expect(p, &t);
    outcome_asked(o, "%s (from %s)", asked, node_name(ctx));
    outcome_expected(o, "%s", t.expected.data);
    _json_ json_t *answer = NULL;
    if (openstack_ask(p, ctx, &answer, o))
        openstack_judge(p, answer, o);
}

const struct probe_kind probe_openstack = {
    .name = "openstack",
    .summary =
        "what a cloud's APIs do for a client: tokens, services, new servers, images and volumes",
    .parse = openstack_parse,
    .free_params = openstack_free,
    .schema = openstack_schema,
    .run = openstack_run,
};
