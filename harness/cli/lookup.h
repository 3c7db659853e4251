/* What operands mean: a scenario, a lab with its scenario and driver, a node. */
#ifndef LABRUN_CLI_LOOKUP_H
#define LABRUN_CLI_LOOKUP_H

#include "cli/cmd.h"
#include "lab/lab.h"
#include "record/attempt.h"

/* "scenario/NAME" or a path, found, read and checked. Mistakes in it are one error that lists all.
 */
bool lookup_scenario(const char *ref, struct scenario **ret, struct lr_error *err) _must_check_;

/* The same with the parameters drawn from SEED. */
bool lookup_scenario_drawn(
    const char *ref, int64_t seed, struct scenario **ret, struct lr_error *err) _must_check_;

/* The same, as each of its variants. */
bool lookup_variants(const char *ref, struct variants *ret, struct lr_error *err) _must_check_;

/* The highest seed: what every reader of JSON takes for a whole number. */
#define SEED_MAX (((int64_t)1 << 53) - 1)

/* "junior", "intermediate", "senior", by enum difficulty. */
extern const char *const difficulty_names[];

/* All that a verb on a lab works with. */
struct subject {
    struct lab *lab;
    struct scenario *sc; /* the lab's own copy */
    struct host host;    /* with the driver that made it */
    struct attempt *attempt;
};

/* The lab called NAME, or the only one there is when NAME is NULL. A lab that is not running (some
 * command is at work on it, or a reset was cut short) is refused unless ANY_STATE. */
bool lookup_lab(const struct cmd *c, const char *name, bool any_state, struct subject *ret,
    struct lr_error *err) _must_check_;
void subject_free(struct subject *s);
#define _subject_ _cleanup_(subject_free)

/* The operands [LAB] [NODE] of ssh: a single one may be either. Borrowed. */
bool lookup_lab_and_node(const struct cmd *c, const char **ret_lab, const char **ret_node,
    struct lr_error *err) _must_check_;

/* How to reach a node as the candidate: key file and pinned host key; members are owned. */
struct login {
    char *key_file;
    char *host_key;
};
bool lookup_login(const struct lab *lab, size_t node, struct login *ret, struct lr_error *err)
    _must_check_;
void login_free(struct login *l);
#define _login_ _cleanup_(login_free)

/* Seconds of the candidate's clock that are left, as text for people: "31m 05s", "over by 2m 10s".
 */
char *time_left(const struct attempt *a, int64_t used_ms);

#endif
