/* tls: does a server's certificate hold for a client on the check's node, for how long, and which
 * versions of the protocol does it speak? */
#include "graders/probes/inet.h"
#include "graders/probes/kinds.h"
#include "graders/probes/web.h"

static const char *const version_names[] = {"any", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", NULL};

struct tls_params {
    struct web_target target; /* first: WEB_FIELDS */
    int64_t port;
    char *name;
    bool verified;
    int64_t days_left; /* -1: not said */
    int version;
    int oldest;
    char *issuer;
};

static const struct field tls_fields[] = {
    FIELD_STRING("host", struct tls_params, target.host, FIELD_REQUIRED, .max = 253,
        .help = "name or address"),
    FIELD_INT("port", struct tls_params, port, 0, .min = 1, .max = 65535, .help = "default 443"),
    WEB_FIELDS,
    FIELD_STRING("name", struct tls_params, name, 0, .max = 253,
        .help = "that the certificate must be for, and that is asked for; default 'host'"),
    FIELD_BOOL("verified", struct tls_params, verified, 0,
        .help = "false: chain or name must not hold; default true"),
    FIELD_INT("days_left", struct tls_params, days_left, 0, .min = 0, .max = 100000,
        .help = "the certificate is good for at least so many days more"),
    FIELD_ENUM("version", struct tls_params, version, version_names, 0,
        .help = "what both agree on is at least this"),
    FIELD_ENUM("oldest", struct tls_params, oldest, version_names, 0,
        .help = "a client that speaks only what is older than this is refused"),
    FIELD_STRING(
        "issuer", struct tls_params, issuer, 0, .max = 256, .help = "is in the issuer's name"),
};

static void *tls_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct tls_params *p = xnew(struct tls_params);
    p->port = 443;
    p->verified = true;
    p->days_left = -1;
    p->target.wait_ms = 5000;
    read_map(r, v, tls_fields, N_FIELDS(tls_fields), p);
    web_target_check(&p->target, r, v);
    if (v->type == VALUE_MAP && p->oldest == 1)
        problems_add(r->problems, value_get(v, "oldest"), "nothing is older than TLSv1");
    return p;
}

static void tls_free(void *params)
{
    struct tls_params *p = params;
    free(p->target.connect);
    free_map(tls_fields, N_FIELDS(tls_fields), p);
    free(p);
}

static json_t *tls_schema(void)
{
    return fields_schema(tls_fields, N_FIELDS(tls_fields));
}

static const char *name_of(const struct tls_params *p)
{
    return p->name ? p->name : p->target.host;
}

/* Index into version_names; 0 when it is none. */
static int version_index(const char *name)
{
    for (int i = 1; version_names[i]; i++)
        if (streq(name, version_names[i]))
            return i;
    return 0;
}

static void judge_versions(
    const struct tls_params *p, const json_t *answer, struct tally *t, const char **missing)
{
    const char *version = get_string(answer, "version", missing);
    if (p->version && version) {
        tally_expect(t, "%s at least", version_names[p->version]);
        tally_saw(t, version_index(version) >= p->version, "%s was agreed on", version);
    }
    const char *old = p->oldest ? get_string(answer, "old", missing) : NULL;
    if (old) {
        tally_expect(t, "what is older than %s is refused", version_names[p->oldest]);
        tally_saw(t, !*old, "a client with no more than %s %s", version_names[p->oldest - 1],
            *old ? "is let in" : "is refused");
    }
}

static void judge_names(const json_t *names, struct tally *t)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        strbuf_addf(&b, "%s%s", i ? ", " : "", name ? name : "?");
    }
    tally_saw(t, true, "it is for %s", b.data ? b.data : "no name");
}

static void judge(const struct tls_params *p, const json_t *answer, struct outcome *o)
{
    const char *missing = NULL;
    bool verified = get_bool(answer, "verified", &missing);
    const char *why = get_string(answer, "why", &missing);
    const char *subject = get_string(answer, "subject", &missing);
    const char *issuer = get_string(answer, "issuer", &missing);
    const char *until = get_string(answer, "until", &missing);
    double days = get_number(answer, "days", &missing);
    _tally_ struct tally t = {0};
    tally_expect(
        &t, "the certificate %s for '%s'", p->verified ? "holds" : "does not hold", name_of(p));
    tally_saw(&t, verified == p->verified, "the certificate %s%s%s",
        verified ? "holds" : "does not hold", verified ? "" : ": ", why);
    tally_saw(&t, true, "it is %s, issued by %s, good until %s", subject, issuer, until);
    judge_names(get_array(answer, "names", &missing), &t);
    if (p->days_left >= 0) {
        tally_expect(&t, "it is good for at least %lld days", (long long)p->days_left);
        tally_saw(&t, days >= (double)p->days_left, "it is good for %.1f days", days);
    }
    if (p->issuer) {
        tally_expect(&t, "it is issued by '%s'", p->issuer);
        tally_saw(&t, issuer && strstr(issuer, p->issuer), "it is issued by '%s'", issuer);
    }
    judge_versions(p, answer, &t, &missing);
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing);
    else
        tally_finish(&t, o);
}

static void tls_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct tls_params *p = params;
    static const char *const constants[] = {NULL, NULL, "TLSv1", "TLSv1_1", "TLSv1_2"};
    outcome_asked(o, "a TLS connection from %s to %s port %lld, as '%s'", node_name(ctx),
        p->target.connect ? p->target.connect : p->target.host, (long long)p->port, name_of(p));
    outcome_expected(o, "a certificate for '%s'", name_of(p));
    json_t *question = json_pack(
        "{s:s, s:s, s:s?}", "kind", "tls", "name", name_of(p), "below", constants[p->oldest]);
    _json_ json_t *answer = NULL;
    if (web_ask(&p->target, p->port, question, ctx, &answer, o))
        judge(p, answer, o);
}

const struct probe_kind probe_tls = {
    .name = "tls",
    .summary = "whether a server's certificate holds, for how long, and what versions it speaks",
    .parse = tls_parse,
    .free_params = tls_free,
    .schema = tls_schema,
    .run = tls_run,
};
