/* ping: do packets of a size get through, from the check's node? */
#include "graders/probes/kinds.h"
#include "graders/probes/node.h"

#define ANSWER_MS 2000 /* for the last answer */
#define EVERY_MS  200

static const char *const family_names[] = {"any", "ipv4", "ipv6", NULL};

struct ping_params {
    char *host;
    int64_t size; /* bytes of payload */
    bool dont_fragment;
    int64_t count;
    double max_loss; /* per cent */
    bool reachable;
    int family;
    char *source;
};

static const struct field ping_fields[] = {
    FIELD_STRING("host", struct ping_params, host, FIELD_REQUIRED, .max = 253),
    FIELD_INT("size", struct ping_params, size, 0, .min = 0, .max = 65507,
        .help = "bytes of payload; an IPv4 packet is 28 longer, an IPv6 one 48; default 56"),
    FIELD_BOOL("dont_fragment", struct ping_params, dont_fragment, 0),
    FIELD_INT("count", struct ping_params, count, 0, .min = 1, .max = 50, .help = "default 3"),
    FIELD_NUMBER("max_loss", struct ping_params, max_loss, 0, .min = 0, .max = 100,
        .help = "per cent; default 0"),
    FIELD_BOOL("reachable", struct ping_params, reachable, 0,
        .help = "false: no answer may come; default true"),
    FIELD_ENUM("family", struct ping_params, family, family_names, 0, .help = "default any"),
    FIELD_STRING("source", struct ping_params, source, 0, .max = 64,
        .help = "address or interface to send from"),
};

static void *ping_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct ping_params *p = xnew(struct ping_params);
    p->size = 56;
    p->count = 3;
    p->reachable = true;
    read_map(r, v, ping_fields, N_FIELDS(ping_fields), p);
    if (p->host && p->host[0] == '-')
        problems_add(r->problems, value_get(v, "host"), "'host' must not begin with '-'");
    return p;
}

static void ping_free(void *params)
{
    free_map(ping_fields, N_FIELDS(ping_fields), params);
    free(params);
}

static json_t *ping_schema(void)
{
    return fields_schema(ping_fields, N_FIELDS(ping_fields));
}

static bool ask(
    const struct ping_params *p, struct probe_ctx *ctx, struct run_result *r, struct outcome *o)
{
    static const char *const flags[] = {NULL, "-4", "-6"};
    _strv_ struct strv argv = STRV_INIT;
    strv_add(&argv, "/usr/bin/ping");
    strv_add(&argv, "-nq");
    if (p->family)
        strv_add(&argv, flags[p->family]);
    strv_addf(&argv, "-c%lld", (long long)p->count);
    strv_add(&argv, "-i0.2");
    node_wait(ctx, ANSWER_MS + EVERY_MS * p->count);
    strv_addf(&argv, "-W%lld", (long long)ANSWER_MS * node_patience(ctx) / 1000);
    strv_addf(&argv, "-s%lld", (long long)p->size);
    if (p->dont_fragment)
        strv_add(&argv, "-Mdo");
    if (p->source) {
        strv_add(&argv, "-I");
        strv_add(&argv, p->source);
    }
    strv_add(&argv, "--");
    strv_add(&argv, p->host);
    _free_ char *line = xasprintf("ping%s%s -c %lld -s %lld%s %s", p->family ? " " : "",
        p->family ? flags[p->family] : "", (long long)p->count, (long long)p->size,
        p->dont_fragment ? " -M do" : "", p->host);
    outcome_asked(o, "%s (from %s)", line, node_name(ctx));
    return node_run(ctx, (const char *const *)argv.items, NULL, 0, r, o);
}

/* "3 packets transmitted, 2 received, +1 errors, 33.3333% packet loss, time 402ms" */
static bool read_counts(const char *out, int64_t *ret_sent, int64_t *ret_got)
{
    const char *line = strstr(out, " packets transmitted, ");
    if (!line)
        return false;
    const char *start = line;
    while (start > out && start[-1] >= '0' && start[-1] <= '9')
        start--;
    char *end;
    *ret_sent = strtoll(start, &end, 10);
    if (end != line || start == line)
        return false;
    const char *got = line + strlen(" packets transmitted, ");
    *ret_got = strtoll(got, &end, 10);
    return end != got && has_prefix(end, " received") && *ret_sent > 0 && *ret_got >= 0 &&
        *ret_got <= *ret_sent;
}

/* What ping says when it could not send. By the network itself: then nothing gets through. By its
 * own means, a name that has no address or a source that is not there: then nothing was tried. */
static const struct unsent {
    const char *text;
    bool by_network;
} unsent[] = {
    {"Network is unreachable", true},
    {"No route to host", true},
    {"message too long", true},
    {"Message too long", true},
    {"Operation not permitted", true},
    {"Cannot assign requested address", false},
    {"Name or service not known", false},
    {"Temporary failure in name resolution", false},
    {"No address associated with hostname", false},
    {"Address family for hostname not supported", false},
};

/* NULL when ERR says something else. */
static const struct unsent *find_unsent(const char *err)
{
    for (size_t i = 0; i < sizeof unsent / sizeof unsent[0]; i++)
        if (strstr(err, unsent[i].text))
            return &unsent[i];
    return NULL;
}

static void ping_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct ping_params *p = params;
    if (p->reachable)
        outcome_expected(
            o, "at most %g %% of %lld packets are lost", p->max_loss, (long long)p->count);
    else
        outcome_expected(o, "no answer");
    _run_result_ struct run_result r = {0};
    if (!ask(p, ctx, &r, o))
        return;
    int64_t sent = 0, got = 0;
    _free_ char *err = evidence_text(r.err, r.err_len);
    const struct unsent *why = find_unsent(err);
    if (read_counts(r.out, &sent, &got)) {
        double loss = 100 * (double)(sent - got) / (double)sent;
        bool holds = p->reachable ? got > 0 && loss <= p->max_loss + 1e-9 : got == 0;
        outcome_set(o, holds ? VERDICT_PASS : VERDICT_FAIL, "%lld sent, %lld answered%s%s",
            (long long)sent, (long long)got, *err ? ": " : "", err);
    } else if (why) {
        outcome_set(o,
            p->reachable          ? VERDICT_FAIL
                : why->by_network ? VERDICT_PASS
                                  : VERDICT_ERROR,
            "nothing could be sent: %s", err);
    } else {
        outcome_set(o, VERDICT_ERROR, "ping did not answer as it should (exit status %d): %s",
            r.status, err);
    }
}

const struct probe_kind probe_ping = {
    .name = "ping",
    .summary = "whether packets of a size get through from the check's node",
    .parse = ping_parse,
    .free_params = ping_free,
    .schema = ping_schema,
    .run = ping_run,
};
