/* Which members score.json has and where each lives in its struct: one table for writing (json.c)
 * and reading (json_read.c). docs/score.schema.json says the same to other programs. */
#ifndef LABRUN_GRADERS_MEMBERS_H
#define LABRUN_GRADERS_MEMBERS_H

#include <stddef.h>

enum member_type {
    M_STRING,
    M_STRING_OR_NULL,
    M_INT,    /* int64_t */
    M_NUMBER, /* double */
    M_BOOL,
    M_TIME,    /* int64_t, wall time in ms <-> RFC 3339 */
    M_SECONDS, /* int64_t, ms <-> seconds */
    M_STAGE,
    M_VERDICT
};

struct member {
    const char *key;
    enum member_type type;
    size_t offset;
};

struct members {
    const struct member *items;
    size_t n;
};

extern const struct members report_members;    /* struct score_report */
extern const struct members result_members;    /* struct check_result */
extern const struct members guard_members;     /* the same for a guard */
extern const struct members evidence_members;  /* and its evidence */
extern const struct members hint_members;      /* struct hint_taken */
extern const struct members event_members;     /* struct score_event */
extern const struct members recording_members; /* struct recording */
extern const struct members skill_members;     /* struct skill_score, without the name */
extern const struct members stage_members;     /* struct stage_score */

#endif
