#include "graders/report/members.h"
#include "graders/score.h"

#define TABLE(name)                                                                                \
    {                                                                                              \
        name, sizeof(name) / sizeof((name)[0])                                                     \
    }

#define REPORT(key, type, name)                                                                    \
    {                                                                                              \
        key, type, offsetof(struct score_report, name)                                             \
    }
static const struct member report[] = {
    REPORT("lab", M_STRING, lab),
    REPORT("attempt", M_STRING, attempt),
    REPORT("candidate", M_STRING_OR_NULL, candidate),
    REPORT("scenario", M_STRING, scenario),
    REPORT("title", M_STRING, title),
    REPORT("scenario_digest", M_STRING, digest),
    REPORT("labrun_version", M_STRING, version),
    REPORT("driver", M_STRING, driver),
    REPORT("started", M_TIME, started_ms),
    REPORT("graded", M_TIME, graded_ms),
    REPORT("seconds_used", M_SECONDS, used_ms),
    REPORT("time_limit", M_SECONDS, time_limit_ms),
    REPORT("pass_mark", M_NUMBER, pass_mark),
    REPORT("score", M_NUMBER, score),
    REPORT("max", M_NUMBER, max),
    REPORT("percent", M_NUMBER, percent),
    REPORT("judged", M_NUMBER, judged),
    REPORT("percent_judged", M_NUMBER, percent_judged),
    REPORT("total", M_NUMBER, total),
    REPORT("hint_cost", M_NUMBER, hint_cost),
    REPORT("cap", M_NUMBER, cap),
    REPORT("passed", M_BOOL, passed),
    REPORT("gradable", M_BOOL, gradable),
    REPORT("complete", M_BOOL, complete),
};
const struct members report_members = TABLE(report);

#define RESULT(key, type, name)                                                                    \
    {                                                                                              \
        key, type, offsetof(struct check_result, name)                                             \
    }
#define RESULT_HEAD                                                                                \
    RESULT("id", M_STRING, id), RESULT("title", M_STRING, title),                                  \
        RESULT("skill", M_STRING_OR_NULL, skill)
#define RESULT_VERDICT                                                                             \
    RESULT("stage", M_STAGE, stage), RESULT("verdict", M_VERDICT, verdict),                        \
        RESULT("now", M_VERDICT, now), RESULT("after_reboot", M_VERDICT, after),                   \
        RESULT("attempts", M_INT, attempts), RESULT("duration_ms", M_INT, duration_ms)
static const struct member result[] = {
    RESULT_HEAD,
    RESULT("points", M_NUMBER, points),
    RESULT("earned", M_NUMBER, earned),
    RESULT_VERDICT,
};
const struct members result_members = TABLE(result);

static const struct member guard[] = {
    RESULT_HEAD,
    RESULT("caps", M_NUMBER, caps),
    RESULT_VERDICT,
};
const struct members guard_members = TABLE(guard);

static const struct member evidence[] = {
    RESULT("node", M_STRING, node),
    RESULT("asked", M_STRING_OR_NULL, evidence.asked),
    RESULT("expected", M_STRING_OR_NULL, evidence.expected),
    RESULT("seen", M_STRING_OR_NULL, evidence.seen),
};
const struct members evidence_members = TABLE(evidence);

#define HINT(key, type, name)                                                                      \
    {                                                                                              \
        key, type, offsetof(struct hint_taken, name)                                               \
    }
static const struct member hint[] = {
    HINT("number", M_INT, number),
    HINT("cost", M_NUMBER, cost),
    HINT("text", M_STRING, text),
    HINT("at_ms", M_INT, at_ms),
};
const struct members hint_members = TABLE(hint);

#define EVENT(key, type, name)                                                                     \
    {                                                                                              \
        key, type, offsetof(struct score_event, name)                                              \
    }
static const struct member event[] = {
    EVENT("at_ms", M_INT, at_ms),
    EVENT("since_ms", M_INT, since_ms),
    EVENT("kind", M_STRING, kind),
    EVENT("text", M_STRING, text),
    EVENT("value", M_NUMBER, value),
};
const struct members event_members = TABLE(event);

#define RECORDING(key, type, name)                                                                 \
    {                                                                                              \
        key, type, offsetof(struct recording, name)                                                \
    }
static const struct member recording[] = {
    RECORDING("at_ms", M_INT, at_ms),
    RECORDING("node", M_STRING, node),
    RECORDING("file", M_STRING, file),
};
const struct members recording_members = TABLE(recording);

#define STAGE(key, type, name)                                                                     \
    {                                                                                              \
        key, type, offsetof(struct stage_score, name)                                              \
    }
static const struct member stage[] = {
    STAGE("earned", M_NUMBER, earned),
    STAGE("judged", M_NUMBER, judged),
    STAGE("possible", M_NUMBER, possible),
};
const struct members stage_members = TABLE(stage);

#define SKILL(key, type, name)                                                                     \
    {                                                                                              \
        key, type, offsetof(struct skill_score, name)                                              \
    }
static const struct member skill[] = {
    SKILL("earned", M_NUMBER, earned),
    SKILL("judged", M_NUMBER, judged),
    SKILL("possible", M_NUMBER, possible),
};
const struct members skill_members = TABLE(skill);
