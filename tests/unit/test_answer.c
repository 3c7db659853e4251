/* Answers that are short as text and long as values. */
#include "graders/answer.h"
#include "graders/collateral/parse.h"
#include "probe_support.h"

/* "[X,X,…]"; N times X. */
static char *list_of(size_t n, const char *x)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, "[");
    for (size_t i = 0; i < n; i++)
        strbuf_addf(&b, "%s%s", i ? "," : "", x);
    strbuf_adds(&b, "]");
    return strbuf_steal(&b);
}

static bool list_fits(size_t n, const char *x)
{
    _free_ char *text = list_of(n, x);
    return answer_fits(text, strlen(text));
}

Test(answer, values_are_counted_and_texts_are_not)
{
    cr_assert(list_fits(ANSWER_MAX_VALUES, "1"));
    cr_assert(!list_fits(ANSWER_MAX_VALUES + 1, "1"));
    cr_assert(!list_fits(ANSWER_MAX_VALUES / 2 + 1, "{}"));
    cr_assert(list_fits(1000, "\"[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,[{,\""));
    cr_assert(
        list_fits(1000, "\"\\\"\\\\\\\",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\""));
    cr_assert(!list_fits(ANSWER_MAX_VALUES / 2 + 1, "\"\\\\\",\"\""));
    cr_assert(answer_fits("\"\\", 2));
    cr_assert(answer_fits("", 0));
}

static void is_told(const char *yaml, const char *answer)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = answer;
    fixture_gives(&f, yaml, "error", "too long to be judged");
}

Test(answer, every_probe_refuses_too_many_values)
{
    static const char *const rows[] = {"file: {path: /x}", "script: {run: [x]}",
        "route: {to: 10.0.0.1, via: 10.0.0.2}", "bgp: {neighbor: 10.0.0.1, state: established}",
        "command: {run: [x], expect: {stdout: {json: [{path: .a}]}}}",
        "nft: {hook: input, policy: drop}"};
    _free_ char *text = list_of(300000, "{}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_told(rows[i], text);
    /* A body is the server's; that it is too long is not a finding. */
    _strbuf_ struct strbuf hex = STRBUF_INIT;
    for (const char *c = text; *c; c++)
        strbuf_addf(&hex, "%02x", (unsigned char)*c);
    _free_ char *body = xasprintf("{\"state\": \"answered\", \"text\": \"\", \"status\": 200, "
                                  "\"reason\": \"\", \"headers\": {}, \"whole\": true, "
                                  "\"body\": \"%s\"}",
        hex.data);
    is_told("http: {url: \"http://a\", body: {json: [{path: .a}]}}", body);
    struct facts facts = {0};
    _free_ char *firewall = xasprintf("{\"nftables\": [], \"a\": %s}", text);
    cr_assert_not_null(parse_firewall(firewall, &facts));
    facts_free(&facts);
}
