/* The `ceph` probe, inside: parameters (ceph.c), asking (ceph_ask.c), judging (ceph_judge.c). */
#ifndef LABRUN_GRADERS_CEPH_H
#define LABRUN_GRADERS_CEPH_H

#include "graders/probes/node.h"

#define CEPH_TIMEOUT_MS 10000 /* to reach the monitors, and for each answer */

struct ceph_pool {
    char *name;
    int64_t size; /* -1: not said, here and below */
    int64_t min_size;
    int64_t pg_num;
    char *crush_rule;
};

struct ceph_rule {
    char *name;
    char *failure_domain;
    char *root;
};

/* A setting as the running daemons have it. */
struct ceph_setting {
    char *option;
    char *value;
};

struct ceph_settings {
    struct ceph_setting *items;
    size_t n;
};

struct ceph_params {
    char *client; /* NULL: client.admin */
    char *fsid;
    bool health;
    struct strv allow; /* codes that may be there */
    bool pgs;
    struct strv quorum; /* names */
    int64_t quorum_size;
    int64_t osds_up;
    int64_t osds_in;
    int64_t osds_total;
    bool weights;
    bool no_flags;
    struct strv absent_flags;
    double full_ratio; /* -1: not said */
    double backfillfull_ratio;
    double nearfull_ratio;
    struct ceph_pool *pools;
    size_t n_pools;
    struct ceph_rule *rules;
    size_t n_rules;
    struct ceph_settings mon_config;
    struct ceph_settings osd_config;
    bool auth_required;
};

/* What must be asked for these parameters. */
enum ceph_command {
    CEPH_STATUS,
    CEPH_HEALTH,
    CEPH_OSD_DUMP,
    CEPH_OSD_TREE,
    CEPH_RULES,
    N_CEPH_COMMANDS
};

struct ceph_answers {
    json_t *all;                       /* owned; the others are borrowed from it */
    json_t *commands[N_CEPH_COMMANDS]; /* NULL: not asked */
    json_t *mon_config;                /* {name: {option: value}} */
    json_t *osd_config;                /* {id: {option: value}} */
    const char *anonymous;             /* "refused", "accepted"; NULL: not asked */
};

/* Which commands the parameters need. */
void ceph_needs(const struct ceph_params *p, bool needs[N_CEPH_COMMANDS]);

/* Asks the running cluster through the node's own key. False with O set: VERDICT_FAIL when the
 * cluster does not answer or refuses a client with a key, VERDICT_ERROR when it cannot be told. */
bool ceph_ask(const struct ceph_params *p, struct probe_ctx *ctx, struct ceph_answers *ret,
    struct outcome *o) _must_check_;

/* Judges all that the parameters say. */
void ceph_judge(const struct ceph_params *p, const struct ceph_answers *a, struct outcome *o);

/* Parts of it, in ceph_maps.c: the answers of the cluster, added to the tally. */
void ceph_judge_flags(
    const struct ceph_params *p, json_t *dump, struct tally *t, const char **missing);
void ceph_judge_pools(const struct ceph_params *p, const struct ceph_answers *a, struct tally *t,
    const char **missing);
void ceph_judge_rule(
    const struct ceph_rule *want, const json_t *rules, struct tally *t, const char **missing);

/* What will be asked, for the evidence; owned. */
char *ceph_asked(const struct ceph_params *p);

#endif
