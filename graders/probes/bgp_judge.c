#include "graders/answer.h"
#include "graders/probes/bgp.h"

/* How vtysh says that there is nobody to ask. */
static bool not_running(const struct run_result *r)
{
    static const char *const texts[] = {"bgpd is not running", "failed to connect to any daemons"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if ((r->out && strstr(r->out, texts[i])) || (r->err && strstr(r->err, texts[i])))
            return true;
    return false;
}

/* WHY: what is wrong with the answer. */
static bool refuse(struct bgp_judge *j, const struct run_result *r, const char *why)
{
    bool witness = j->ctx->scenario->nodes[j->ctx->node].witness;
    if (not_running(r)) {
        outcome_set(j->o, witness ? VERDICT_ERROR : VERDICT_FAIL, "bgpd does not run on %s",
            node_name(j->ctx));
        return false;
    }
    _free_ char *out = evidence_text(r->out, r->out_len > 500 ? 500 : r->out_len);
    _free_ char *err = evidence_text(r->err, r->err_len > 500 ? 500 : r->err_len);
    outcome_set(j->o, VERDICT_ERROR,
        "vtysh did not answer as it should (exit status %d; the answer %s): %s%s", r->status, why,
        out, err);
    return false;
}

bool bgp_ask(struct bgp_judge *j, json_t **ret, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *command = xvasprintf(fmt, ap);
    va_end(ap);
    /* Without a line in root's history for each question. */
    const char *argv[] = {
        "/usr/bin/env", "VTYSH_HISTFILE=/dev/null", "/usr/bin/vtysh", "-c", command, NULL};
    _run_result_ struct run_result r = {0};
    if (!node_run(j->ctx, argv, NULL, 0, &r, j->o))
        return false;
    _free_ char *why = NULL;
    *ret = r.status == 0 ? answer_json(r.out, r.out_len, 0, &why) : NULL;
    if (json_is_object(*ret))
        return true;
    json_decref(*ret);
    *ret = NULL;
    return refuse(j, &r, why ? why : "is no JSON object");
}

static void judge_state(struct bgp_judge *j, const json_t *neighbor)
{
    const struct bgp_params *p = j->p;
    const char *state = get_string(neighbor, "bgpState", &j->missing);
    if (!state)
        return;
    bool up = strcasecmp(state, "established") == 0;
    bool holds = p->state == BGP_ANY ||
        (p->state == BGP_DOWN ? !up : strcasecmp(state, bgp_states[p->state]) == 0);
    const char *why = json_string_value(json_object_get(neighbor, "lastNotificationReason"));
    const char *reset = json_string_value(json_object_get(neighbor, "lastResetDueTo"));
    if (p->state != BGP_ANY)
        tally_expect(&j->t, "the session with %s is %s", p->neighbor, bgp_states[p->state]);
    tally_saw(&j->t, holds, "the session with %s is %s%s%s%s%s", p->neighbor, state,
        !up && reset ? "; last reset: " : "", !up && reset ? reset : "", !up && why ? ", " : "",
        !up && why ? why : "");
    if (p->up_ms > 0) {
        int64_t ms = up ? get_int(neighbor, "bgpTimerUpMsec", &j->missing) : 0;
        _free_ char *want = format_duration(p->up_ms);
        _free_ char *seen = format_duration(ms);
        tally_expect(&j->t, "it has been up for at least %s", want);
        tally_saw(&j->t, ms >= p->up_ms, "it has been up for %s", up ? seen : "no time");
    }
}

static void judge_as(struct bgp_judge *j, const json_t *neighbor)
{
    if (j->p->remote_as < 0)
        return;
    int64_t as = get_int(neighbor, "remoteAs", &j->missing);
    tally_expect(&j->t, "its AS is %lld", (long long)j->p->remote_as);
    tally_saw(&j->t, as == j->p->remote_as, "its AS is %lld", (long long)as);
}

/* Agreed on by both sides: in the capabilities, which are there while the session is up. */
static void judge_family(struct bgp_judge *j, const json_t *neighbor, const char *name)
{
    const json_t *capabilities = json_object_get(neighbor, "neighborCapabilities");
    const json_t *families = json_object_get(capabilities, "multiprotocolExtensions");
    const json_t *family = json_object_get(families, name);
    bool both = family && json_object_get(family, "advertisedAndReceived") &&
        get_bool(family, "advertisedAndReceived", &j->missing);
    tally_expect(&j->t, "both sides agreed on %s", name);
    tally_saw(&j->t, both, "%s was %s", name, both ? "agreed on" : "not agreed on");
}

static void judge_limit(struct bgp_judge *j, const json_t *neighbor)
{
    if (j->p->max_prefixes < 0)
        return;
    json_t *families = get_object(neighbor, "addressFamilyInfo", &j->missing);
    const char *name;
    json_t *family;
    tally_expect(&j->t, "at most %lld prefixes are taken", (long long)j->p->max_prefixes);
    json_object_foreach (families, name, family) {
        bool given = json_object_get(family, "prefixAllowedMax") != NULL;
        int64_t most = given ? get_int(family, "prefixAllowedMax", &j->missing) : 0;
        /* With a warning only, nothing is limited. */
        bool warn = json_is_true(json_object_get(family, "prefixAllowedMaxWarning"));
        _free_ char *seen = given
            ? xasprintf("at most %lld%s", (long long)most, warn ? ", of which FRR only warns" : "")
            : xstrdup("without a limit");
        tally_saw(&j->t, given && !warn && most <= j->p->max_prefixes, "%s: %s", name, seen);
    }
    if (json_object_size(families) == 0)
        tally_saw(&j->t, false, "it is used for no family");
}

bool bgp_judge_session(struct bgp_judge *j)
{
    const struct bgp_params *p = j->p;
    _json_ json_t *all = NULL;
    if (!bgp_ask(j, &all, "show bgp neighbors %s json", p->neighbor))
        return false;
    const json_t *neighbor = json_object_get(all, p->neighbor);
    if (json_object_size(all) == 0 || json_is_true(json_object_get(all, "bgpNoSuchNeighbor"))) {
        tally_expect(&j->t,
            p->state == BGP_ANY ? "there is a neighbour %s" : "the session with %s is %s",
            p->neighbor, bgp_states[p->state]);
        tally_saw(&j->t, p->state == BGP_DOWN, "there is no neighbour %s", p->neighbor);
        return true;
    }
    if (!json_is_object(neighbor)) {
        outcome_set(j->o, VERDICT_ERROR, "FRR's answer lacks the neighbour %s", p->neighbor);
        return false;
    }
    judge_state(j, neighbor);
    judge_as(j, neighbor);
    if (p->ipv4)
        judge_family(j, neighbor, "ipv4Unicast");
    if (p->ipv6)
        judge_family(j, neighbor, "ipv6Unicast");
    judge_limit(j, neighbor);
    return bgp_judge_prefixes(j, neighbor, true) && bgp_judge_prefixes(j, neighbor, false) &&
        bgp_judge_auth(j, neighbor);
}
