/* What each kind of branch declares, held against a grade. Pure, so that every way of going red has
 * a test of its own. */
#include "prove/prove.h"

static void complain(struct strbuf *why, const char *fmt, ...) _printf_(2, 3);

static void complain(struct strbuf *why, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *line = xvasprintf(fmt, ap);
    va_end(ap);
    strbuf_addf(why, "%s%s", why->len ? "\n" : "", line);
}

static void complain_result(struct strbuf *why, const struct check_result *r, const char *instead)
{
    complain(why, "'%s' is %s where it should %s: expected %s; saw %s", r->id,
        verdict_name(r->verdict), instead, r->evidence.expected ? r->evidence.expected : "success",
        r->evidence.seen ? r->evidence.seen : "nothing");
}

/* What could not be told proves nothing, whatever was declared. */
static bool all_told(const struct check_results *list, struct strbuf *why)
{
    bool ok = true;
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].verdict != VERDICT_ERROR)
            continue;
        complain_result(why, &list->items[i], "be told");
        ok = false;
    }
    return ok;
}

static void all_pass(const struct check_results *list, bool skipped_too, struct strbuf *why)
{
    for (size_t i = 0; i < list->n; i++) {
        enum verdict v = list->items[i].verdict;
        if (v != VERDICT_PASS && (skipped_too || v != VERDICT_SKIPPED))
            complain_result(why, &list->items[i], "pass");
    }
}

static void judge_full(const struct score_report *r, struct strbuf *why)
{
    all_pass(&r->checks, true, why);
    all_pass(&r->guards, false, why);
    if (!why->len && r->percent < 100)
        complain(why, "the score is %.1f %% where it should be 100 %%", r->percent);
}

static bool any_failed(const struct check_results *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].verdict == VERDICT_FAIL)
            return true;
    return false;
}

bool branch_noticed(const struct score_report *r)
{
    return any_failed(&r->checks) || any_failed(&r->guards);
}

static void judge_noticed(const struct scenario *sc, const struct branch *b,
    const struct score_report *r, struct strbuf *why)
{
    if (!branch_noticed(r))
        complain(
            why, "fault '%s' alone is noticed by no check and no guard", sc->faults[b->index].id);
}

static bool is_otherwise(enum verdict v, bool should_fail)
{
    return v != VERDICT_SKIPPED && should_fail != (v == VERDICT_FAIL);
}

/* A power cut that mends something would not show in the worse of the two verdicts. */
static void complain_stages(struct strbuf *why, const struct check_result *c, const char *instead)
{
    if (c->now == c->after || c->now == VERDICT_SKIPPED || c->after == VERDICT_SKIPPED)
        complain_result(why, c, instead);
    else
        complain(why, "'%s' is %s, and %s after the power cut, where it should %s", c->id,
            verdict_name(c->now), verdict_name(c->after), instead);
}

static void judge_baseline(
    const struct scenario *sc, const struct score_report *r, struct strbuf *why)
{
    for (size_t i = 0; sc->baseline.given && i < r->checks.n; i++) {
        const struct check_result *c = &r->checks.items[i];
        bool should_fail = strv_contains(&sc->baseline.fails, c->id);
        if (is_otherwise(c->now, should_fail) || is_otherwise(c->after, should_fail))
            complain_stages(why, c, should_fail ? "fail" : "pass");
    }
    all_pass(&r->guards, false, why);
    if (!sc->baseline.given && r->percent >= 100)
        complain(why, "the broken system has full marks");
    /* Left alone it is not asked about life after a power cut, which may be all that is broken. */
    if (r->passed && (r->complete || !sc->baseline.given))
        complain(why, "the broken system passes as it is");
}

static const struct check_result *find(const struct score_report *r, const char *id)
{
    for (size_t i = 0; i < r->checks.n; i++)
        if (streq(r->checks.items[i].id, id))
            return &r->checks.items[i];
    for (size_t i = 0; i < r->guards.n; i++)
        if (streq(r->guards.items[i].id, id))
            return &r->guards.items[i];
    return NULL;
}

static void judge_cheat(const struct cheat *cheat, const struct score_report *r, struct strbuf *why)
{
    if (r->percent > cheat->max_percent + SCORE_EPSILON)
        complain(why, "cheat '%s' gets %.1f %%, more than its %.1f %%", cheat->id, r->percent,
            cheat->max_percent);
    if (r->passed)
        complain(why, "cheat '%s' passes", cheat->id);
    for (size_t i = 0; i < cheat->must_fail.n; i++) {
        const struct check_result *c = find(r, cheat->must_fail.items[i]);
        if (c && c->verdict != VERDICT_FAIL)
            complain_result(why, c, "fail");
    }
}

void branch_judge(
    const struct scenario *sc, const struct branch *b, const struct score_report *r, char **ret_why)
{
    _strbuf_ struct strbuf why = STRBUF_INIT;
    *ret_why = NULL;
    bool told = all_told(&r->checks, &why);
    told = all_told(&r->guards, &why) && told;
    if (told) {
        switch (b->kind) {
        case BRANCH_HEALTHY:
        case BRANCH_SOLUTION:
            judge_full(r, &why);
            break;
        case BRANCH_FAULT:
            judge_noticed(sc, b, r, &why);
            break;
        case BRANCH_BROKEN:
        case BRANCH_IDLE:
        case BRANCH_TWICE:
            judge_baseline(sc, r, &why);
            break;
        case BRANCH_PARTIAL:
            if (r->percent >= 100)
                complain(&why, "solution '%s' has full marks without its step %zu ('%s')",
                    sc->solutions[b->index].id, b->skip + 1,
                    sc->solutions[b->index].steps.items[b->skip].script);
            break;
        case BRANCH_CHEAT:
            judge_cheat(&sc->cheats[b->index], r, &why);
            break;
        }
    }
    if (why.len)
        *ret_why = strbuf_steal(&why);
}
