/* http: what a web server answers to a client on the check's node: status, headers, body. Redirects
 * are not followed: they are an answer. */
#include "graders/answer.h"
#include "graders/probes/expect.h"
#include "graders/probes/inet.h"
#include "graders/probes/kinds.h"
#include "graders/probes/web.h"
#include <ctype.h>

#define BODY_CAP     ((json_int_t)1 << 20)
#define BODY_SHOWN   1024 /* where nothing is expected of it */
#define MAX_STATUSES 20

static const char *const method_names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", NULL};

struct header_rule {
    char *name;
    struct text_rule rule;
};

struct pair {
    char *name;
    char *value;
};

struct http_params {
    struct web_target target; /* first: WEB_FIELDS */
    char *url;
    bool tls;
    int64_t port;
    char *authority; /* "host:port" as the URL has it */
    char *path;
    int method;
    char *send;
    struct pair *with;
    size_t n_with;
    int64_t *status; /* one of these */
    size_t n_status;
    struct text_rule body;
    struct header_rule *headers;
    size_t n_headers;
    struct strv no_headers;
};

static bool read_port(const char *s, size_t n, int64_t *ret)
{
    if (n == 0 || n > 5 || strspn(s, "0123456789") < n || *s == '0')
        return false;
    *ret = strtoll(s, NULL, 10);
    return *ret <= 65535;
}

/* "[fd00::1]:8080", "host", "10.0.0.1:80": the host without brackets, and the port if there. */
static bool split_authority(const char *s, size_t n, struct http_params *p)
{
    const char *end = s + n, *host = s, *host_end = memchr(s, ':', n);
    if (n > 0 && *s == '[') {
        host = s + 1;
        host_end = memchr(s, ']', n);
        if (!host_end)
            return false;
    }
    const char *port = host_end && *host_end == ']' ? host_end + 1 : host_end;
    host_end = host_end ? host_end : end;
    if (port && port < end &&
        (*port != ':' || !read_port(port + 1, (size_t)(end - port - 1), &p->port)))
        return false;
    p->target.host = xstrndup(host, (size_t)(host_end - host));
    return host_end > host && !strpbrk(p->target.host, "@?#%\\");
}

static const char *split_url(const char *url, struct http_params *p)
{
    p->tls = has_prefix(url, "https://");
    if (!p->tls && !has_prefix(url, "http://"))
        return "must begin with http:// or https://";
    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c > '~')
            return "may only have printable ASCII characters and no spaces";
    const char *at = url + (p->tls ? 8 : 7);
    size_t n = strcspn(at, "/?#");
    p->port = p->tls ? 443 : 80;
    if (!split_authority(at, n, p))
        return "has no sound host and port: write host, 10.0.0.1:8080 or [fd00::1]:8080";
    p->authority = xstrndup(at, n);
    if (strchr(at + n, '#'))
        return "has a fragment, which is never sent";
    p->path = xasprintf("%s%s", at[n] == '/' ? "" : "/", at + n);
    return NULL;
}

static void read_url(struct reader *r, const struct value *v, void *member)
{
    static const struct field text = {.key = "url", .type = FIELD_T_STRING, .max = 2048};
    struct http_params *p = member;
    read_field(r, v, &text, &p->url);
    const char *wrong = p->url ? split_url(p->url, p) : NULL;
    if (wrong)
        problems_add(r->problems, v, "'url' %s", wrong);
}

static void read_status(struct reader *r, const struct value *v, void *member)
{
    static const struct field one = {.key = "status", .type = FIELD_T_INT, .min = 100, .max = 599};
    struct http_params *p = member;
    if (v->type == VALUE_LIST && !read_is_list(r, v, "status", 1, MAX_STATUSES))
        return;
    const struct value *items = v->type == VALUE_LIST ? v->items : v;
    for (size_t i = 0; i < (v->type == VALUE_LIST ? v->n : 1); i++)
        read_field(r, &items[i], &one, array_append(p->status, p->n_status));
}

/* A header's name: what RFC 9110 calls a token. */
static bool is_token(const char *s)
{
    return *s &&
        strspn(
            s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
        strlen(s);
}

static bool check_header_name(struct reader *r, const struct value *key)
{
    if (is_token(key->text))
        return true;
    problems_add(r->problems, key, "'%s' is not the name of a header", key->text);
    return false;
}

static void read_with(struct reader *r, const struct value *v, void *member)
{
    static const struct field text = {.key = "with", .type = FIELD_T_STRING};
    struct http_params *p = member;
    if (!read_is_map(r, v, "with"))
        return;
    for (size_t i = 0; i < v->n; i++) {
        if (!check_header_name(r, &v->keys[i]))
            continue;
        if (strcasecmp(v->keys[i].text, "host") == 0)
            problems_add(r->problems, &v->keys[i], "the host is that of 'url'; see 'connect'");
        struct pair *pair = array_append(p->with, p->n_with);
        pair->name = xstrdup(v->keys[i].text);
        read_field(r, &v->items[i], &text, &pair->value);
    }
}

static void read_headers(struct reader *r, const struct value *v, void *member)
{
    struct http_params *p = member;
    if (!read_is_map(r, v, "headers"))
        return;
    for (size_t i = 0; i < v->n; i++) {
        if (!check_header_name(r, &v->keys[i]))
            continue;
        struct header_rule *h = array_append(p->headers, p->n_headers);
        h->name = xstrdup(v->keys[i].text);
        read_text_rule(r, &v->items[i], &h->rule);
    }
}

/* Custom readers get the whole struct: what they read goes to several members. */
#define WHOLE(k, rd, fl, ...)                                                                      \
    {                                                                                              \
        .key = (k), .type = FIELD_T_CUSTOM, .read = (rd), .flags = (fl), __VA_ARGS__               \
    }

static const struct field http_fields[] = {
    WHOLE("url", read_url, FIELD_REQUIRED,
        .schema = "{\"type\": \"string\", \"pattern\": \"^https?://\"}",
        .help = "http or https; an IPv6 address in brackets"),
    WEB_FIELDS,
    FIELD_ENUM("method", struct http_params, method, method_names, 0, .help = "default GET"),
    WHOLE("with", read_with, 0,
        .schema = "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}}",
        .help = "headers of the request"),
    FIELD_TEXT("send", struct http_params, send, 0, .help = "body of the request"),
    WHOLE("status", read_status, 0,
        .schema = "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 100, \"maximum\": 599}, "
                  "{\"type\": \"array\", \"minItems\": 1, \"maxItems\": 20, \"items\": {\"type\": "
                  "\"integer\", \"minimum\": 100, \"maximum\": 599}}]}",
        .help = "default 200; or a list of which one must come"),
    FIELD_CUSTOM("body", struct http_params, body, read_text_rule, 0,
        .help = "what is expected of the body, at most 1 MiB"),
    WHOLE("headers", read_headers, 0, .help = "what is expected of headers, by name"),
    FIELD_STRINGS(
        "no_headers", struct http_params, no_headers, 0, .help = "headers that must not come"),
};

static void *http_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct http_params *p = xnew(struct http_params);
    p->target.wait_ms = 5000;
    read_map(r, v, http_fields, N_FIELDS(http_fields), p);
    if (p->n_status == 0)
        *array_append(p->status, p->n_status) = 200;
    web_target_check(&p->target, r, v);
    if (v->type == VALUE_MAP && value_get(v, "ca") && p->url && !p->tls)
        problems_add(r->problems, value_get(v, "ca"), "'ca' goes with https");
    return p;
}

static void http_free(void *params)
{
    struct http_params *p = params;
    free_map(http_fields, N_FIELDS(http_fields), p);
    web_target_free(&p->target);
    free(p->url);
    free(p->authority);
    free(p->path);
    free(p->status);
    for (size_t i = 0; i < p->n_with; i++) {
        free(p->with[i].name);
        free(p->with[i].value);
    }
    for (size_t i = 0; i < p->n_headers; i++) {
        free(p->headers[i].name);
        text_rule_free(&p->headers[i].rule);
    }
    free(p->with);
    free(p->headers);
    text_rule_free(&p->body);
    free(p);
}

static json_t *http_schema(void)
{
    json_t *s = fields_schema(http_fields, N_FIELDS(http_fields));
    json_t *p = json_object_get(s, "properties");
    json_object_set_new(p, "body", text_rule_schema());
    json_object_set_new(p, "headers",
        json_pack("{s:s, s:o}", "type", "object", "additionalProperties", text_rule_schema()));
    return s;
}

static json_t *question(const struct http_params *p)
{
    json_t *with = json_object();
    for (size_t i = 0; i < p->n_with; i++)
        json_object_set_new(with, p->with[i].name, json_string(p->with[i].value));
    return json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:s?, s:o, s:I, s:I}", "kind", "http", "tls",
        p->tls, "name", p->target.host, "method", method_names[p->method], "path", p->path,
        "authority", p->authority, "send", p->send, "with", with, "cap", BODY_CAP, "show",
        p->body.given ? BODY_CAP : (json_int_t)BODY_SHOWN);
}

static void judge_status(
    const struct http_params *p, int64_t status, const char *reason, struct tally *t)
{
    _strbuf_ struct strbuf want = STRBUF_INIT;
    bool holds = false;
    for (size_t i = 0; i < p->n_status; i++) {
        strbuf_addf(&want, "%s%lld", i ? " or " : "", (long long)p->status[i]);
        holds = holds || p->status[i] == status;
    }
    tally_expect(t, "status %s", want.data);
    tally_saw(t, holds, "status %lld %s", (long long)status, reason);
}

/* Of what should be JSON and is not, the server is to blame, not the probe. */
static void judge_text(
    const struct text_rule *rule, const char *name, const char *text, struct tally *t)
{
    _outcome_ struct outcome wrong = {.verdict = VERDICT_ERROR};
    if (!text_rule_check(rule, name, text, strlen(text), t, &wrong)) {
        tally_expect(t, "%s is JSON", name);
        tally_saw(t, false, "%s", wrong.evidence.seen);
    }
}

static char *lower(const char *s)
{
    char *copy = xstrdup(s);
    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

static void judge_headers(const struct http_params *p, const json_t *headers, struct tally *t)
{
    for (size_t i = 0; i < p->n_headers; i++) {
        const struct header_rule *h = &p->headers[i];
        _free_ char *key = lower(h->name);
        _free_ char *name = xasprintf("the header %s", h->name);
        const char *value = json_string_value(json_object_get(headers, key));
        if (value) {
            judge_text(&h->rule, name, value, t);
            tally_saw(t, true, "%s: %s", h->name, value);
        } else {
            tally_expect(t, "%s is there", name);
            tally_saw(t, false, "%s is not there", name);
        }
    }
    for (size_t i = 0; i < p->no_headers.n; i++) {
        _free_ char *key = lower(p->no_headers.items[i]);
        bool there = json_object_get(headers, key) != NULL;
        tally_expect(t, "no header %s", p->no_headers.items[i]);
        tally_saw(t, !there, "%s header %s", there ? "there is a" : "no", p->no_headers.items[i]);
    }
}

static void judge(const struct http_params *p, const json_t *answer, struct outcome *o)
{
    const char *missing = NULL;
    int64_t status = get_int(answer, "status", &missing);
    const char *reason = get_string(answer, "reason", &missing);
    _free_ char *body = node_text(get_string(answer, "body", &missing));
    const json_t *headers = get_object(answer, "headers", &missing);
    bool whole = get_bool(answer, "whole", &missing);
    _tally_ struct tally t = {0};
    if (missing || !body) {
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing ? missing : "body");
        return;
    }
    if (p->body.given && (!whole || (p->body.n_json > 0 && !answer_fits(body, strlen(body))))) {
        outcome_set(o, VERDICT_ERROR, "status %lld, but the body is too long to be judged",
            (long long)status);
        return;
    }
    judge_status(p, status, reason, &t);
    judge_headers(p, headers, &t);
    if (p->body.given)
        judge_text(&p->body, "the body", body, &t);
    _free_ char *begin = evidence_text(body, strlen(body) > BODY_SHOWN ? BODY_SHOWN : strlen(body));
    if (*begin)
        strbuf_addf(&t.seen, "\nbody:\n%s", begin);
    tally_finish(&t, o);
}

static void http_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct http_params *p = params;
    outcome_asked(o, "%s %s%s%s%s (from %s)", method_names[p->method], p->url,
        p->target.connect ? " at " : "", p->target.connect ? p->target.connect : "",
        p->target.family ? p->target.family == 1 ? " over IPv4" : " over IPv6" : "",
        node_name(ctx));
    outcome_expected(o, "an answer with status %lld", (long long)p->status[0]);
    _json_ json_t *answer = NULL;
    if (web_ask(&p->target, p->port, question(p), ctx, &answer, o))
        judge(p, answer, o);
}

const struct probe_kind probe_http = {
    .name = "http",
    .summary = "what a web server answers to a client on the check's node",
    .parse = http_parse,
    .free_params = http_free,
    .schema = http_schema,
    .run = http_run,
};
