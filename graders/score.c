#include "graders/score.h"
#include <math.h>

static const char *const stage_names[] = {"now", "after-reboot", "throughout"};

const char *result_stage_name(enum result_stage s)
{
    return stage_names[s];
}

bool result_stage_from_name(const char *name, enum result_stage *ret)
{
    for (size_t i = 0; i < 3; i++) {
        if (streq(name, stage_names[i])) {
            *ret = (enum result_stage)i;
            return true;
        }
    }
    return false;
}

static struct skill_score *skill_of(struct score_report *r, const char *name)
{
    for (size_t i = 0; i < r->n_skills; i++)
        if (streq(r->skills[i].name, name))
            return &r->skills[i];
    struct skill_score *s = array_append(r->skills, r->n_skills);
    s->name = xstrdup(name);
    return s;
}

static void skills_free(struct score_report *r)
{
    for (size_t i = 0; i < r->n_skills; i++)
        free(r->skills[i].name);
    free(r->skills);
    r->skills = NULL;
    r->n_skills = 0;
}

static void count_stage(struct stage_score *s, double points, enum verdict v)
{
    if (v == VERDICT_SKIPPED)
        return;
    s->earned += v == VERDICT_PASS ? points : 0;
    s->judged += v != VERDICT_ERROR ? points : 0;
    s->possible += points;
}

/* One check's part in the sums. */
static void count_check(struct score_report *r, struct check_result *c)
{
    c->earned = c->verdict == VERDICT_PASS ? c->points : 0;
    r->total += c->points;
    count_stage(&r->now, c->points, c->now);
    count_stage(&r->after, c->points, c->after);
    if (c->verdict == VERDICT_SKIPPED) {
        r->complete = false;
        return;
    }
    bool told = c->verdict != VERDICT_ERROR;
    r->score += c->earned;
    r->max += c->points;
    r->judged += told ? c->points : 0;
    r->gradable = r->gradable && told;
    if (!c->skill)
        return;
    struct skill_score *s = skill_of(r, c->skill);
    s->earned += c->earned;
    s->judged += told ? c->points : 0;
    s->possible += c->points;
}

static void count_guard(struct score_report *r, const struct check_result *g)
{
    if (g->verdict == VERDICT_FAIL && g->caps < r->cap)
        r->cap = g->caps;
    if (g->verdict == VERDICT_ERROR)
        r->gradable = false;
    if (g->verdict == VERDICT_SKIPPED)
        r->complete = false;
}

/* POINTS of MAX, not above the cap of the guards. */
static double capped(double points, double cap, double max)
{
    double most = cap / 100 * max;
    return points > most ? most : points;
}

static double percentage(double points, double max)
{
    if (max > 0 && fabs(points - max) < SCORE_EPSILON)
        return 100; /* sums of tenths come out a hair beside it */
    return max > 0 ? 100 * points / max : 0;
}

void score_compute(struct score_report *r)
{
    skills_free(r);
    r->score = r->max = r->judged = r->total = r->hint_cost = 0;
    r->cap = 100;
    r->now = r->after = (struct stage_score){0};
    r->gradable = r->complete = true;
    for (size_t i = 0; i < r->checks.n; i++)
        count_check(r, &r->checks.items[i]);
    for (size_t i = 0; i < r->guards.n; i++)
        count_guard(r, &r->guards.items[i]);
    for (size_t i = 0; i < r->n_hints; i++)
        r->hint_cost += r->hints[i].cost;
    double raw = r->score > r->hint_cost ? r->score - r->hint_cost : 0;
    r->score = capped(raw, r->cap, r->max);
    r->percent = percentage(r->score, r->max);
    r->percent_judged = percentage(capped(raw, r->cap, r->judged), r->judged);
    r->gradable = r->gradable && r->max > 0;
    r->passed = r->gradable && r->percent + SCORE_EPSILON >= r->pass_mark;
}

double score_percent_at_most(const struct score_report *r)
{
    double points = r->total - r->max - r->hint_cost; /* not judged yet */
    for (size_t i = 0; i < r->checks.n; i++)
        points += r->checks.items[i].earned;
    return percentage(capped(points > 0 ? points : 0, r->cap, r->total), r->total);
}

int score_exit_status(const struct score_report *r)
{
    if (r->max <= 0)
        return 2;
    if (!r->gradable)
        return 4;
    return r->passed ? 0 : 1;
}

/* The higher, the more it weighs when two results of one check meet. */
static int weight(enum verdict v)
{
    static const int weights[] = {
        [VERDICT_SKIPPED] = 0, [VERDICT_PASS] = 1, [VERDICT_ERROR] = 2, [VERDICT_FAIL] = 3};
    return weights[v];
}

static void check_result_free(struct check_result *c)
{
    free(c->id);
    free(c->title);
    free(c->skill);
    free(c->node);
    evidence_clear(&c->evidence);
}

static enum verdict worse(enum verdict a, enum verdict b)
{
    return weight(b) > weight(a) ? b : a;
}

void check_results_merge(struct check_results *into, struct check_results *later)
{
    for (size_t i = 0; i < into->n && i < later->n; i++) {
        struct check_result *a = &into->items[i], *b = &later->items[i];
        int64_t attempts = a->attempts + b->attempts;
        int64_t duration = a->duration_ms + b->duration_ms;
        enum verdict now = worse(a->now, b->now), after = worse(a->after, b->after);
        if (weight(b->verdict) > weight(a->verdict)) {
            struct check_result kept = *b;
            *b = *a;
            *a = kept;
        }
        a->attempts = attempts;
        a->duration_ms = duration;
        a->now = now;
        a->after = after;
    }
    check_results_free(later);
}

void check_results_free(struct check_results *r)
{
    for (size_t i = 0; i < r->n; i++)
        check_result_free(&r->items[i]);
    free(r->items);
    *r = (struct check_results){NULL, 0};
}

void score_history_free(struct score_report *r)
{
    for (size_t i = 0; i < r->n_events; i++) {
        free(r->events[i].kind);
        free(r->events[i].text);
    }
    for (size_t i = 0; i < r->n_recordings; i++) {
        free(r->recordings[i].node);
        free(r->recordings[i].file);
    }
    free(r->events);
    free(r->recordings);
    r->events = NULL;
    r->recordings = NULL;
    r->n_events = r->n_recordings = 0;
}

void score_report_free(struct score_report *r)
{
    skills_free(r);
    score_history_free(r);
    topology_free(&r->topology);
    collateral_free(&r->collateral);
    check_results_free(&r->checks);
    check_results_free(&r->guards);
    for (size_t i = 0; i < r->n_hints; i++)
        free(r->hints[i].text);
    char *strings[] = {
        r->lab, r->attempt, r->candidate, r->scenario, r->title, r->digest, r->version, r->driver};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        free(strings[i]);
    free(r->hints);
    json_decref(r->draw);
    *r = (struct score_report){0};
}
