/* Attempts: the lasting record of a lab, in STATE/attempts/ID/.
 *
 *   attempt.json          what and who, state, summary of the last grade; replaced atomically
 *   events.jsonl          what happened, one JSON object a line; only ever appended to
 *   grades/0001.json …    every grade
 *   score.json            the latest of them
 *   recordings/…cast      terminals: record/cast.h
 *   scenario/             the scenario as it was; made by whoever starts the lab
 *
 * An ID is LAB-YYYYMMDDTHHMMSSZ, with -2, -3 … when that is taken. Any number of processes may use
 * one attempt at once; a struct attempt belongs to one thread (attempt_event() may be called from
 * several). Killed at any instant, what was acknowledged is kept. */
#ifndef LABRUN_RECORD_ATTEMPT_H
#define LABRUN_RECORD_ATTEMPT_H

#include "record/cast.h"
#include "util/mem.h"
#include <stdint.h>

enum attempt_state { ATTEMPT_OPEN, ATTEMPT_FINISHED, ATTEMPT_STOPPED };
const char *attempt_state_name(enum attempt_state s); /* "open" … */

struct attempt {
    char *dir; /* STATE/attempts/ID */
    char *id;
    char *lab;
    char *scenario;        /* name */
    char *scenario_digest; /* 64 hex digits */
    char *candidate;       /* NULL if not said */
    char *driver;
    char *version; /* of labrun */
    char *boot_id; /* of the host, when it started */
    int64_t started_wall_ms;
    int64_t started_mono_ms; /* means something in that boot only */
    json_t *draw;            /* seed and values of the scenario's parameters; NULL: it has none */
    int64_t time_limit_ms;
    enum attempt_state state;
    int64_t closed_wall_ms; /* 0 while open */
    int64_t used_ms;        /* once closed; ask attempt_used_ms() */
    int64_t n_grades;       /* 0: the fields of the last grade below mean nothing */
    double score;
    double max;
    double percent;
    bool passed;
    bool gradable;
    bool complete; /* what is asked after a power cut was asked, too */
};

struct attempt_new {
    const char *lab;
    const char *scenario;
    const char *scenario_digest;
    const char *candidate; /* may be NULL; made valid UTF-8 */
    const char *driver;
    const char *version;
    json_t *draw; /* borrowed; may be NULL */
    int64_t time_limit_ms;
};

bool attempt_create(const char *state, const struct attempt_new *what, struct attempt **ret,
    struct lr_error *err) _must_check_;
bool attempt_open(const char *state, const char *id, struct attempt **ret, struct lr_error *err)
    _must_check_;
/* By ID, by the name of a lab (its newest attempt), or by the unambiguous beginning of an ID. */
bool attempt_find(const char *state, const char *ref, struct attempt **ret, struct lr_error *err)
    _must_check_;
void attempt_free(struct attempt *a); /* NULL is fine */

struct attempts {
    struct attempt **items;
    size_t n;
};

/* All attempts, oldest first. One that cannot be read is a warning in the log, and left out. */
bool attempt_list(const char *state, struct attempts *ret, struct lr_error *err) _must_check_;
void attempts_free(struct attempts *list);
/* IDs only, sorted; reads no attempt. */
bool attempt_ids(const char *state, struct strv *ret, struct lr_error *err) _must_check_;

/* Removes folders of attempts at LAB that were begun and hold no record. Nobody may be making one:
 * under the lab's lock. */
bool attempt_forget_bare(const char *state, const char *lab, struct lr_error *err) _must_check_;

/* Appends an event: one write() of one line, synced before it returns true. DATA: borrowed, an
 * object or NULL. These kinds move the candidate's clock, the others only show that the lab lived:
 *   "ready", "resume"                     it runs
 *   "pause", "reset", "hold", "close"     it stands
 * ("hold": labrun is busy with the nodes, e.g. a power cut for a grade; "resume" ends it too.) */
bool attempt_event(struct attempt *a, const char *kind, const json_t *data, struct lr_error *err)
    _must_check_;
/* Events in order (of one kind, or all when KIND is NULL), as a list whose reference the caller
 * owns. Each has time, wall_ms, mono_ms, boot, kind, data. Lines that a crash tore are left out and
 * counted (RET_TORN may be NULL). */
bool attempt_events(struct attempt *a, const char *kind, json_t **ret, size_t *ret_torn,
    struct lr_error *err) _must_check_;

/* The candidate's time in milliseconds. While the attempt is open it comes from the events; time
 * between the last event before a reboot of the host and the first one after it is not counted,
 * since nobody can tell how much of it there was a lab to work in. */
bool attempt_used_ms(struct attempt *a, int64_t *ret_ms, struct lr_error *err) _must_check_;
/* The candidate's clock, moved from event to event; begins zeroed. BOOT is borrowed from the last
 * event. */
struct event_clock {
    int64_t used_ms; /* at the last event */
    int64_t since_ms;
    const char *boot;
    bool running;
};
/* Is it one of the kinds that move the clock? NULL is none. */
bool event_moves_clock(const char *kind);
void event_clock_step(struct event_clock *c, const json_t *event);
/* The same from a list of events, as of MONO_MS in the boot BOOT. Pure. */
int64_t events_used_ms(const json_t *events, int64_t mono_ms, const char *boot);

/* Keeps a grade (borrowed; the score file: docs) as grades/NNNN.json and score.json, and its
 * summary in A. *ret_number may be NULL. A closed attempt takes no more grades (LR_ENOTHING). */
bool attempt_save_grade(
    struct attempt *a, const json_t *score, int64_t *ret_number, struct lr_error *err) _must_check_;
/* The latest grade; LR_ENOTHING when there is none. Reference owned by the caller. */
bool attempt_score(struct attempt *a, json_t **ret, struct lr_error *err) _must_check_;
/* The grade NUMBER, from 1; otherwise the same. */
bool attempt_grade(struct attempt *a, int64_t number, json_t **ret, struct lr_error *err)
    _must_check_;

/* Ends the attempt as ATTEMPT_FINISHED or ATTEMPT_STOPPED. One that is closed stays as it is. */
bool attempt_close(struct attempt *a, enum attempt_state as, struct lr_error *err) _must_check_;

/* Begins a recording in recordings/ and notes it as an event "terminal". */
bool attempt_record(struct attempt *a, const char *node, const struct cast_conf *conf,
    struct cast **ret, struct lr_error *err) _must_check_;

static inline void cleanup_attempt(struct attempt **a)
{
    attempt_free(*a);
}
#define _attempt_  _cleanup_(cleanup_attempt)
#define _attempts_ _cleanup_(attempts_free)

#endif
