/* A report with everything in it, for the tests of scores and reports; and golden files. */
#ifndef LABRUN_TESTS_REPORT_SUPPORT_H
#define LABRUN_TESTS_REPORT_SUPPORT_H

#include "graders/score.h"
#include "util/fs.h"
#include <criterion/criterion.h>

static inline struct check_result *add_result(
    struct check_results *r, const char *id, double points, enum verdict v, enum result_stage stage)
{
    struct check_result *c = array_append(r->items, r->n);
    c->id = xstrdup(id);
    c->title = xasprintf("Title of %s", id);
    c->skill = xstrdup("ceph");
    c->node = xstrdup("client");
    c->points = points;
    c->caps = 100;
    c->verdict = v;
    c->stage = stage;
    c->now = stage == STAGE_AFTER_REBOOT ? VERDICT_SKIPPED : v;
    c->after = stage == STAGE_NOW ? VERDICT_SKIPPED : v;
    if (v == VERDICT_SKIPPED)
        return c;
    c->attempts = 3;
    c->duration_ms = 2500;
    c->evidence.asked = xstrdup("ceph status (as client.admin)");
    c->evidence.expected = xstrdup("all placement groups are active+clean");
    c->evidence.seen = xstrdup("8 PGs are active+clean");
    return c;
}

static inline void sample_header(struct score_report *r)
{
    r->lab = xstrdup("ceph-degraded-k7fq");
    r->attempt = xstrdup("ceph-degraded-k7fq-20261124T090000Z");
    r->candidate = xstrdup("Ada <b>\"L\"</b> & Co");
    r->scenario = xstrdup("ceph-degraded");
    r->title = xstrdup("A storage cluster that lost its redundancy");
    r->digest = xstrdup("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    r->version = xstrdup("0.1.0");
    r->driver = xstrdup("lxc");
    r->started_ms = 1795510800000;
    r->graded_ms = 1795512600000;
    r->used_ms = 1712345;
    r->time_limit_ms = 2700000;
    r->pass_mark = 70;
}

static inline struct topology_nic *add_nic(struct topology_node *n, size_t segment, const char *v4)
{
    struct topology_nic *nic = array_append(n->nics, n->n_nics);
    nic->segment = segment;
    strv_add(&nic->addresses, v4);
    return nic;
}

static inline void sample_topology(struct topology *t)
{
    *array_append(t->segments, t->n_segments) = (struct topology_segment){xstrdup("public"), 1500};
    *array_append(t->segments, t->n_segments) = (struct topology_segment){xstrdup("cluster"), 9000};
    struct topology_node *n = array_append(t->nodes, t->n_nodes);
    n->name = xstrdup("ceph1");
    strv_add(&add_nic(n, 0, "10.20.0.11/24")->addresses, "fd20::11/64");
    add_nic(n, 1, "10.21.0.11/24");
    n = array_append(t->nodes, t->n_nodes);
    n->name = xstrdup("client");
    n->witness = true;
    add_nic(n, 0, "10.20.0.50/24");
}

static inline void sample_collateral(struct collateral *c)
{
    c->compared = true;
    c->changed = 1;
    *array_append(c->differences, c->n_differences) =
        (struct difference){xstrdup("ceph2"), FACT_UNITS, xstrdup("ceph-osd@1.service"),
            xstrdup("enabled, active"), xstrdup("enabled, failed"), BY_FAULT};
    *array_append(c->differences, c->n_differences) = (struct difference){xstrdup("ceph1"),
        FACT_PORTS, xstrdup("tcp 0.0.0.0:8080"), NULL, xstrdup("<b>nc</b>"), BY_CANDIDATE};
    *array_append(c->untold, c->n_untold) =
        (struct untold){xstrdup("client"), FACT_FIREWALL, xstrdup("the command took too long")};
}

/* One of each verdict, a broken guard, a hint, events. */
static inline void sample_report(struct score_report *r)
{
    *r = (struct score_report){0};
    sample_header(r);
    add_result(&r->guards, "data", 0, VERDICT_PASS, STAGE_NOW);
    struct check_result *g = add_result(&r->guards, "cephx", 0, VERDICT_FAIL, STAGE_THROUGHOUT);
    g->caps = 30;
    free(g->evidence.seen);
    g->evidence.seen = xstrdup("NOT AS EXPECTED: a client without a key is accepted");
    add_result(&r->checks, "redundancy", 40, VERDICT_PASS, STAGE_NOW);
    struct check_result *c = add_result(&r->checks, "client-io", 20.5, VERDICT_FAIL, STAGE_NOW);
    free(c->evidence.seen);
    c->evidence.seen = xstrdup(
        "NOT AS EXPECTED: exit status 1\nstderr:\n<script>alert(1)</script> ]]> # 5 & \"6\"");
    free(c->skill);
    c->skill = xstrdup("on-call");
    c = add_result(&r->checks, "health", 29.5, VERDICT_ERROR, STAGE_NOW);
    free(c->evidence.seen);
    c->evidence.seen = xstrdup("node 'client' could not be asked: connection lost");
    add_result(&r->checks, "persistent", 10, VERDICT_SKIPPED, STAGE_AFTER_REBOOT);
    struct hint_taken *h = array_append(r->hints, r->n_hints);
    *h = (struct hint_taken){1, 5, xstrdup("Which daemons are missing?"), 600000};
    struct score_event *e = array_append(r->events, r->n_events);
    *e = (struct score_event){0, 0, xstrdup("ready"), xstrdup("the lab is ready"), 0};
    e = array_append(r->events, r->n_events);
    *e = (struct score_event){1700000, 1760000, xstrdup("grade"), xstrdup("graded: 30 %"), 30};
    *array_append(r->recordings, r->n_recordings) = (struct recording){
        20000, xstrdup("ceph1"), xstrdup("recordings/20261124T090020Z-ceph1.cast")};
    sample_topology(&r->topology);
    sample_collateral(&r->collateral);
    score_compute(r);
}

/* Holds TEXT against tests/golden/NAME; with LABRUN_GOLDEN=write in the environment it becomes it.
 */
static inline void same_as_golden(const char *name, const char *text)
{
    _free_ char *path = path_join(TEST_DATA "/golden", name);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    const char *mode = getenv("LABRUN_GOLDEN");
    if (mode && streq(mode, "write"))
        cr_assert(file_write_atomic(path, text, strlen(text), 0644, &err), "%s", err.message);
    _free_ char *golden = NULL;
    size_t len;
    cr_assert(file_read(path, 1 << 20, &golden, &len, &err), "%s", err.message);
    cr_assert_str_eq(text, golden, "differs from %s; it is:\n%s", path, text);
}

#endif
