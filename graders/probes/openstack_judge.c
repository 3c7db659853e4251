/* The steps of the program, and what it found, against what the task asks for. Whether a step holds
 * is the program's word; that all of them were taken, in their order, is seen to here. */
#include "graders/probes/openstack.h"
#include <time.h>

#define MAX_STEPS 200

/* A step that there must be. */
struct rule {
    const char *step; /* NULL ends the list */
    const char *expected;
    bool (*asked)(const struct openstack_server *s); /* NULL: always */
};

static bool asks_http(const struct openstack_server *s)
{
    return s->path;
}

static bool asks_transfer(const struct openstack_server *s)
{
    return s->peer;
}

static bool asks_metadata(const struct openstack_server *s)
{
    return s->metadata;
}

static const struct rule catalog_rules[] = {
    {"login", "a token is issued", NULL},
    {"catalog", "the token's catalog can be read", NULL},
    {NULL, NULL, NULL},
};

static const struct rule beats_rules[] = {
    {"login", "a token is issued", NULL},
    {"heartbeats", "the API lists them", NULL},
    {NULL, NULL, NULL},
};

static const struct rule server_rules[] = {
    {"login", "a token is issued", NULL},
    {"lookup", "there is one image, flavor and network of the name", NULL},
    {"create", "the request for a server is accepted", NULL},
    {"active", "the server becomes ACTIVE", NULL},
    {"http", "it answers with status 200", asks_http},
    {"metadata", "the metadata service tells it its own id", asks_metadata},
    {"transfer", "it and its peer get each other's large file whole", asks_transfer},
    {"delete", "it is deleted, and gone", NULL},
    {"silence", "nothing answers for it any more", asks_http},
    {NULL, NULL, NULL},
};

static const struct rule image_rules[] = {
    {"login", "a token is issued", NULL},
    {"create", "the request for an image is accepted", NULL},
    {"upload", "its data are taken", NULL},
    {"active", "it is active, with their size and digest", NULL},
    {"download", "the same data come back", NULL},
    {"delete", "it is deleted, and gone", NULL},
    {NULL, NULL, NULL},
};

static const struct rule volume_rules[] = {
    {"login", "a token is issued", NULL},
    {"create", "the request for a volume is accepted", NULL},
    {"available", "the volume becomes available, of its size and type", NULL},
    {"delete", "it is deleted, and gone", NULL},
    {NULL, NULL, NULL},
};

/* What may stand among the steps, and decides nothing: objects of an earlier probe were removed, or
 * those of one that failed. */
static bool is_aside(const char *step)
{
    return streq(step, "leftovers") || streq(step, "removal");
}

struct taken {
    const char *name;
    bool ok;
    const char *text;
    double seconds;
};

static struct taken read_step(const json_t *steps, size_t i, const char **missing)
{
    const json_t *j = json_array_get(steps, i);
    return (struct taken){
        .name = get_string(j, "step", missing),
        .ok = get_bool(j, "ok", missing),
        .text = get_string(j, "text", missing),
        .seconds = get_number(j, "seconds", missing),
    };
}

static void saw_step(struct tally *t, const struct taken *s)
{
    bool aside = is_aside(s->name);
    if (aside && s->ok && streq(s->name, "leftovers") && !*s->text)
        return;
    tally_saw(t, s->ok || aside, "%s: %s%s%s (%.1f s)", s->name, s->ok ? "" : "failed: ", s->text,
        s->ok && !*s->text ? "done" : "", s->seconds);
}

static const struct rule *due_rule(const struct openstack_params *p, const struct rule *due)
{
    while (due->step && due->asked && !due->asked(&p->server))
        due++;
    return due;
}

/* False with O set to an error when the steps are not those of RULES, up to the end or to the first
 * that failed. */
static bool judge_steps(const struct openstack_params *p, const struct rule *rules,
    const json_t *steps, struct tally *t, struct outcome *o)
{
    const struct rule *due = due_rule(p, rules);
    bool failed = false;
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const char *missing = NULL;
        struct taken s = read_step(steps, i, &missing);
        if (missing) {
            outcome_set(o, VERDICT_ERROR, "a step lacks '%s'", missing);
            return false;
        }
        saw_step(t, &s);
        if (is_aside(s.name))
            continue;
        if (failed || !due->step || !streq(s.name, due->step)) {
            outcome_set(o, VERDICT_ERROR, "the step '%s' was not due", s.name);
            return false;
        }
        failed = !s.ok;
        due = due_rule(p, due + 1);
    }
    if (!failed && due->step) {
        outcome_set(o, VERDICT_ERROR, "the step '%s' is missing", due->step);
        return false;
    }
    return true;
}

/* All are tried, so that it is seen how many fail. */
static bool judge_rounds(
    const struct openstack_params *p, const json_t *steps, struct tally *t, struct outcome *o)
{
    int64_t good = 0, n = (int64_t)json_array_size(steps);
    for (int64_t i = 0; i < n; i++) {
        const char *missing = NULL;
        struct taken s = read_step(steps, (size_t)i, &missing);
        if (missing || !streq(s.name, "round")) {
            outcome_set(o, VERDICT_ERROR, "a round lacks '%s'", missing ? missing : "its name");
            return false;
        }
        good += s.ok;
        if (!s.ok)
            tally_saw(t, false, "round %lld: %s (%.1f s)", (long long)i + 1, s.text, s.seconds);
    }
    if (n == 0 || n > p->rounds) {
        outcome_set(o, VERDICT_ERROR, "%lld rounds were told", (long long)n);
        return false;
    }
    tally_saw(t, good == p->rounds, "%lld of %lld tokens were issued and known again%s",
        (long long)good, (long long)p->rounds, n < p->rounds ? ", and then the time was over" : "");
    return true;
}

static void judge_catalog(
    const struct openstack_params *p, const json_t *found, struct tally *t, const char **missing)
{
    (void)missing;
    for (size_t i = 0; i < p->n_catalog; i++) {
        const struct openstack_entry *e = &p->catalog[i];
        const json_t *urls = json_object_get(found, e->type);
        _strbuf_ struct strbuf seen = STRBUF_INIT;
        for (size_t k = 0; k < json_array_size(urls); k++) {
            const char *url = json_string_value(json_array_get(urls, k));
            strbuf_addf(&seen, "%s%s", k ? " and " : "", url ? url : "?");
        }
        tally_saw(t, seen.data && streq(seen.data, e->url), "%s is at %s", e->type,
            seen.data ? seen.data : "no public endpoint of the region");
    }
}

/* Times as the APIs write them: "2026-11-27T13:55:24.000000", "2026-11-27 13:55:24+00:00". */
static bool is_time(const char *s)
{
    struct tm tm;
    return strptime(s, "%Y-%m-%dT%H:%M:%S", &tm) || strptime(s, "%Y-%m-%d %H:%M:%S", &tm);
}

/* Of two of one API the later is that which is greater as text. BEFORE may be none. */
static bool is_later(const char *now, const char *before)
{
    return is_time(now) && (!*before || (is_time(before) && strcmp(now, before) > 0));
}

/* One that is disabled is told at once: no heartbeat was waited for. */
static char *beat_text(const char *now, bool on, bool beats)
{
    if (!*now)
        return xstrdup("it has had no heartbeat");
    return xasprintf("%s %s",
        beats    ? "its heartbeat came at"
            : on ? "no heartbeat was seen after that of"
                 : "its last heartbeat was at",
        now);
}

static void judge_host(const struct openstack_params *p, const char *host, const json_t *j,
    struct tally *t, const char **missing)
{
    bool on = get_bool(j, "on", missing), up = get_bool(j, "up", missing);
    const char *why = get_string(j, "why", missing), *beat = get_string(j, "beat", missing);
    const char *first = get_string(j, "first", missing);
    if (*missing)
        return;
    bool beats = is_later(beat, first);
    _free_ char *heart = beat_text(beat, on, beats);
    tally_saw(t, on && up && beats, "%s on %s is %s%s%s and %s; %s", p->of, host,
        on ? "enabled" : "disabled", *why ? ": " : "", why, up ? "up" : "down", heart);
}

static void judge_beats(
    const struct openstack_params *p, const json_t *found, struct tally *t, const char **missing)
{
    for (size_t i = 0; i < p->hosts.n; i++) {
        const char *host = p->hosts.items[i];
        const json_t *j = json_object_get(found, host);
        if (j)
            judge_host(p, host, j, t, missing);
        else
            tally_saw(t, false, "there is no %s on %s", p->of, host);
    }
}

static const struct {
    const struct rule *rules; /* NULL: rounds */
    void (*judge)(const struct openstack_params *p, const json_t *found, struct tally *t,
        const char **missing); /* of what was found; NULL: nothing is */
} tasks[N_OPENSTACK_TASKS] = {
    [OPENSTACK_TOKEN] = {NULL, NULL},
    [OPENSTACK_CATALOG] = {catalog_rules, judge_catalog},
    [OPENSTACK_SERVICES] = {beats_rules, judge_beats},
    [OPENSTACK_AGENTS] = {beats_rules, judge_beats},
    [OPENSTACK_SERVER] = {server_rules, NULL},
    [OPENSTACK_IMAGE] = {image_rules, NULL},
    [OPENSTACK_VOLUME] = {volume_rules, NULL},
};

void openstack_expect(const struct openstack_params *p, struct tally *t)
{
    const struct rule *rules = tasks[p->task].rules;
    if (!rules)
        tally_expect(t, "%lld tokens are issued, and known again", (long long)p->rounds);
    for (const struct rule *r = rules; r && due_rule(p, r)->step; r = due_rule(p, r) + 1) {
        const struct rule *due = due_rule(p, r);
        bool placed = p->server.host && streq(due->step, "active");
        tally_expect(t, "%s: %s%s%s", due->step, due->expected, placed ? " on " : "",
            placed ? p->server.host : "");
    }
    for (size_t i = 0; i < p->n_catalog; i++)
        tally_expect(t, "%s is at %s", p->catalog[i].type, p->catalog[i].url);
    for (size_t i = 0; i < p->hosts.n; i++)
        tally_expect(t,
            "%s on %s is enabled and up, and its heartbeat comes while it is waited for", p->of,
            p->hosts.items[i]);
}

void openstack_judge(const struct openstack_params *p, const json_t *answer, struct outcome *o)
{
    const char *missing = NULL;
    const json_t *steps = get_array(answer, "steps", &missing);
    const json_t *found = get_object(answer, "found", &missing);
    const struct rule *rules = tasks[p->task].rules;
    _tally_ struct tally t = {0};
    if (missing || json_array_size(steps) > MAX_STEPS) {
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing ? missing : "an end");
        return;
    }
    openstack_expect(p, &t);
    if (!(rules ? judge_steps(p, rules, steps, &t, o) : judge_rounds(p, steps, &t, o)))
        return;
    if (tasks[p->task].judge && !t.failed)
        tasks[p->task].judge(p, found, &t, &missing);
    if (missing)
        outcome_set(o, VERDICT_ERROR, "what was found lacks '%s'", missing);
    else
        tally_finish(&t, o);
}
