#include "graders/probes/node.h"
#include "graders/answer.h"
#include "transport/quote.h"
#include "util/utf8.h"
#include <string.h>

#define AROUND_MS 5000 /* beside a wait: for the way there and back, and for Python to start */

const char *node_name(const struct probe_ctx *ctx)
{
    return ctx->scenario->nodes[ctx->node].name;
}

int node_patience(const struct probe_ctx *ctx)
{
    return ctx->patience > 1 ? ctx->patience : 1;
}

int64_t node_wait(struct probe_ctx *ctx, int64_t ms)
{
    struct deadline enough = deadline_in((ms + AROUND_MS) * node_patience(ctx));
    if (enough.at_ms > ctx->deadline.at_ms)
        ctx->deadline = enough;
    return ms * node_patience(ctx);
}

/* env -i, then a timeout on the node itself (so that a probe that is given up does not go on
 * there), then a shell that says from where on the output is ours. */
char *node_command(const char *const argv[], int64_t timeout_ms, int patience)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b,
        "exec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "
        "LABRUN_PATIENCE=%d /usr/bin/timeout -k 2 %lld /bin/sh -c "
        "'cd / && unset OLDPWD && echo " NODE_MARKER " && echo " NODE_MARKER
        " >&2 && exec \"$@\"' labrun",
        patience, (long long)(timeout_ms + 1999) / 1000);
    for (size_t i = 0; argv[i]; i++) {
        strbuf_adds(&b, " ");
        quote_add(&b, argv[i]);
    }
    return strbuf_steal(&b);
}

/* Drops what stands before the marker's line in one of the streams; false when it is not there. */
static bool drop_preamble(char *text, size_t *len)
{
    static const char marker[] = NODE_MARKER "\n";
    char *at = text ? memmem(text, *len, marker, sizeof marker - 1) : NULL;
    if (!at)
        return false;
    size_t skip = (size_t)(at - text) + sizeof marker - 1;
    *len -= skip;
    memmove(text, text + skip, *len + 1);
    return true;
}

/* The end of stderr as evidence, for reasons. */
static char *stderr_tail(const struct run_result *r)
{
    size_t n = r->err_len > 1024 ? 1024 : r->err_len;
    return evidence_text(r->err ? r->err + (r->err_len - n) : "", n);
}

static bool check_end(struct run_result *r, const char *program, struct outcome *o)
{
    if (r->end != RUN_EXITED) {
        _free_ char *how = run_result_describe(r);
        outcome_set(o, VERDICT_ERROR, "%s did not end by itself: %s", program, how);
        return false;
    }
    bool ours = drop_preamble(r->out, &r->out_len);
    bool ours_too = drop_preamble(r->err, &r->err_len);
    if (!ours || !ours_too) {
        _free_ char *tail = stderr_tail(r);
        outcome_set(o, VERDICT_ERROR,
            "the node's login shell did not start the probe (exit status %d): %s", r->status, tail);
        return false;
    }
    if (r->out_truncated) {
        outcome_set(o, VERDICT_ERROR, "the output of %s is too long to be judged", program);
        return false;
    }
    return true;
}

bool node_run(struct probe_ctx *ctx, const char *const argv[], const void *input, size_t input_len,
    struct run_result *ret, struct outcome *o)
{
    int64_t left = ctx->deadline.at_ms - now_ms();
    _free_ char *command = node_command(argv, left > 0 ? left : 0, node_patience(ctx));
    struct run_request req = {
        .command = command,
        .input = input,
        .input_len = input_len,
        .cap = (size_t)4 << 20,
        .deadline = ctx->deadline,
    };
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _run_result_ struct run_result r = {0};
    if (!ctx->run(ctx, ctx->node, &req, &r, &err)) {
        outcome_set(o, VERDICT_ERROR, "node '%s' could not be asked: %s", node_name(ctx),
            err.message ? err.message : "unknown error");
        return false;
    }
    if (!check_end(&r, argv[0], o))
        return false;
    *ret = r;
    r = (struct run_result){0};
    return true;
}

static bool parse_json(
    const struct run_result *r, const char *program, json_t **ret, struct outcome *o)
{
    _free_ char *why = NULL;
    *ret = answer_json(r->out, r->out_len, JSON_DECODE_ANY, &why);
    if (!*ret) {
        size_t n = r->out_len > 200 ? 200 : r->out_len;
        _free_ char *begin = evidence_text(r->out, n);
        outcome_set(o, VERDICT_ERROR, "the answer of %s %s: %s", program, why, begin);
    }
    return *ret != NULL;
}

bool node_json(struct probe_ctx *ctx, const char *const argv[], const void *input, size_t input_len,
    json_t **ret, struct outcome *o)
{
    _run_result_ struct run_result r = {0};
    if (!node_run(ctx, argv, input, input_len, &r, o))
        return false;
    if (r.status != 0) {
        _free_ char *tail = stderr_tail(&r);
        outcome_set(o, VERDICT_ERROR, "%s: exit status %d: %s", argv[0], r.status, tail);
        return false;
    }
    return parse_json(&r, argv[0], ret, o);
}

bool node_python(
    struct probe_ctx *ctx, const char *program, json_t *params, json_t **ret, struct outcome *o)
{
    _free_ char *text = json_dumps(params, JSON_COMPACT);
    json_decref(params);
    const char *argv[] = {"/usr/bin/python3", "-I", "-", text, NULL};
    return node_json(ctx, argv, program, strlen(program), ret, o);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *node_text(const char *hex)
{
    size_t n = hex ? strlen(hex) : 1;
    if (n % 2 != 0)
        return NULL;
    _free_ char *bytes = xmalloc(n / 2 + 1);
    for (size_t i = 0; i < n / 2; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return NULL;
        int byte = high << 4 | low;
        bytes[i] = (char)(byte ? byte : 0xff);
    }
    _strbuf_ struct strbuf b = STRBUF_INIT;
    utf8_add_clean(&b, bytes, n / 2);
    return b.data ? strbuf_steal(&b) : xstrdup("");
}

static json_t *member(const json_t *j, const char *key, bool right, const char **missing)
{
    if (!right && !*missing)
        *missing = key;
    return right ? json_object_get(j, key) : NULL;
}

const char *get_string(const json_t *j, const char *key, const char **missing)
{
    return json_string_value(member(j, key, json_is_string(json_object_get(j, key)), missing));
}

int64_t get_int(const json_t *j, const char *key, const char **missing)
{
    return json_integer_value(member(j, key, json_is_integer(json_object_get(j, key)), missing));
}

double get_number(const json_t *j, const char *key, const char **missing)
{
    return json_number_value(member(j, key, json_is_number(json_object_get(j, key)), missing));
}

bool get_bool(const json_t *j, const char *key, const char **missing)
{
    return json_is_true(member(j, key, json_is_boolean(json_object_get(j, key)), missing));
}

json_t *get_object(const json_t *j, const char *key, const char **missing)
{
    return member(j, key, json_is_object(json_object_get(j, key)), missing);
}

json_t *get_array(const json_t *j, const char *key, const char **missing)
{
    return member(j, key, json_is_array(json_object_get(j, key)), missing);
}
