#include "graders/collateral/compare.h"
#include "graders/evidence.h"

static const char *const whose_names[] = {"candidate", "fault", "unknown"};

const char *whose_name(enum whose w)
{
    return whose_names[w];
}

bool whose_from_name(const char *name, enum whose *ret)
{
    for (size_t i = 0; i < 3; i++) {
        if (streq(name, whose_names[i])) {
            *ret = (enum whose)i;
            return true;
        }
    }
    return false;
}

const char *difference_value(const char *value)
{
    return !value ? "not there" : *value ? value : "there";
}

static bool ends_with(const char *s, size_t len, const char *end)
{
    size_t n = strlen(end);
    return len >= n && strncmp(s + len - n, end, n) == 0;
}

/* A unit on its way may be about to be in either state: that is no difference yet. */
static bool same_unit(const char *a, const char *b)
{
    const char *comma_a = strrchr(a, ','), *comma_b = strrchr(b, ',');
    if (!comma_a || !comma_b || comma_a - a != comma_b - b ||
        strncmp(a, b, (size_t)(comma_a - a)) != 0)
        return false;
    return ends_with(a, strlen(a), ", starting") || ends_with(b, strlen(b), ", starting");
}

/* A and B: NULL when the item is not there. */
static bool same(enum fact_kind kind, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return streq(a, b) || (kind == FACT_UNITS && same_unit(a, b));
}

/* A sysctl that is there on one side only came or went with an interface or a module. */
static bool of_no_account(enum fact_kind kind, const char *a, const char *b)
{
    return kind == FACT_SYSCTLS && (!a || !b);
}

static char *fit_to_show(const char *text)
{
    return text ? evidence_text(text, strlen(text)) : NULL;
}

static const struct facts *facts_of(const struct lab_facts *l, size_t node, enum fact_kind kind)
{
    if (node >= l->n || l->nodes[node].kinds[kind].untold)
        return NULL;
    return &l->nodes[node].kinds[kind];
}

static enum whose whose_doing(const struct collateral_base *base, size_t node, enum fact_kind kind,
    const char *item, const char *now)
{
    bool known = false;
    for (size_t i = 0; i < 2; i++) {
        const struct facts *broken = facts_of(&base->broken[i], node, kind);
        known = known || broken;
        if (broken && same(kind, facts_get(broken, item), now))
            return BY_FAULT;
    }
    return known ? BY_CANDIDATE : BY_UNKNOWN;
}

struct walk {
    const char *name;
    size_t node;
    enum fact_kind kind;
    const struct collateral_base *base;
    struct collateral *into;
    size_t first; /* difference of this node and kind */
};

static void found(struct walk *w, const char *item, const char *healthy, const char *now)
{
    if (same(w->kind, healthy, now) || of_no_account(w->kind, healthy, now))
        return;
    enum whose whose = whose_doing(w->base, w->node, w->kind, item, now);
    w->into->changed += whose != BY_FAULT;
    if (w->into->n_differences >= MAX_DIFFERENCES)
        return;
    struct difference *d = array_append(w->into->differences, w->into->n_differences);
    *d = (struct difference){.node = xstrdup(w->name),
        .kind = w->kind,
        .item = fit_to_show(item),
        .healthy = fit_to_show(healthy),
        .now = fit_to_show(now),
        .whose = whose};
}

/* Both lists are sorted by item. */
static void walk_both(struct walk *w, const struct facts *healthy, const struct facts *now)
{
    size_t i = 0, k = 0;
    while (i < healthy->n || k < now->n) {
        const struct fact *a = i < healthy->n ? &healthy->items[i] : NULL;
        const struct fact *b = k < now->n ? &now->items[k] : NULL;
        int order = !a ? 1 : !b ? -1 : strcmp(a->item, b->item);
        if (order < 0)
            found(w, a->item, a->value, NULL);
        else if (order > 0)
            found(w, b->item, NULL, b->value);
        else
            found(w, a->item, a->value, b->value);
        i += order <= 0;
        k += order >= 0;
    }
}

static void difference_free(struct difference *d)
{
    free(d->node);
    free(d->item);
    free(d->healthy);
    free(d->now);
}

/* Where rules came or went, that their order is another one goes without saying. */
static bool said_already(const struct walk *w, const struct difference *order)
{
    static const char prefix[] = "order of ";
    if (!has_prefix(order->item, prefix))
        return false;
    const char *chain = order->item + sizeof prefix - 1;
    size_t n = strlen(chain);
    for (size_t i = w->first; i < w->into->n_differences; i++) {
        const char *item = w->into->differences[i].item;
        if (strncmp(item, chain, n) == 0 && item[n] == ':')
            return true;
    }
    return false;
}

static void drop_orders(struct walk *w)
{
    struct collateral *c = w->into;
    for (size_t i = w->first; i < c->n_differences; i++) {
        struct difference *d = &c->differences[i];
        if (!said_already(w, d))
            continue;
        c->changed -= d->whose != BY_FAULT;
        difference_free(d);
        memmove(d, d + 1, (c->n_differences - i - 1) * sizeof *d);
        c->n_differences--;
        i--;
    }
}

static void add_untold(struct walk *w, const char *where, const char *reason)
{
    struct untold *u = array_append(w->into->untold, w->into->n_untold);
    _free_ char *text = xasprintf("%s%s", where, reason);
    *u = (struct untold){xstrdup(w->name), w->kind, fit_to_show(text)};
}

static void compare_kind(struct walk *w, const struct facts *now)
{
    const struct lab_facts *h = &w->base->healthy;
    const struct facts *healthy = facts_of(h, w->node, w->kind);
    w->first = w->into->n_differences;
    if (now->untold) {
        add_untold(w, "", now->untold);
    } else if (!healthy) {
        add_untold(w, "of the healthy stage: ",
            w->node < h->n ? h->nodes[w->node].kinds[w->kind].untold : "it has no record of it");
    } else {
        walk_both(w, healthy, now);
        if (w->kind == FACT_FIREWALL)
            drop_orders(w);
    }
}

void collateral_compare(const char *node_name, size_t node, const struct collateral_base *base,
    const struct node_facts *now, unsigned kinds, struct collateral *into)
{
    into->compared = true;
    for (int k = 0; k < N_FACT_KINDS; k++) {
        struct walk w = {node_name, node, (enum fact_kind)k, base, into, 0};
        if (kinds & 1U << k)
            compare_kind(&w, &now->kinds[k]);
    }
}

void collateral_compare_all(const char *const *names, const struct collateral_base *base,
    const struct lab_facts *now, struct collateral *into)
{
    for (size_t i = 0; i < now->n; i++)
        collateral_compare(names[i], i, base, &now->nodes[i], ALL_FACTS, into);
}

size_t facts_changes(const char *node_name, const struct node_facts *a, const struct node_facts *b,
    struct strv *ret_lines)
{
    struct collateral_base base = {.healthy = {.nodes = (struct node_facts *)(uintptr_t)a, .n = 1}};
    struct collateral c = {0};
    collateral_compare(node_name, 0, &base, b, ALL_FACTS, &c);
    for (size_t i = 0; i < c.n_differences; i++) {
        const struct difference *d = &c.differences[i];
        strv_addf(ret_lines, "%s: %s: '%s' was %s, and is %s", d->node, fact_names[d->kind],
            d->item, difference_value(d->healthy), difference_value(d->now));
    }
    for (size_t i = 0; i < b->files.n; i++) {
        _free_ char *path = fit_to_show(b->files.items[i].item);
        strv_addf(ret_lines, "%s: file '%s' was changed", node_name, path);
    }
    size_t n = c.n_differences + b->files.n;
    collateral_free(&c);
    return n;
}

static void lists_free(struct collateral *c)
{
    for (size_t i = 0; i < c->n_differences; i++)
        difference_free(&c->differences[i]);
    for (size_t i = 0; i < c->n_untold; i++) {
        free(c->untold[i].node);
        free(c->untold[i].reason);
    }
    free(STEAL(c->differences));
    free(STEAL(c->untold));
    c->n_differences = c->n_untold = 0;
}

void collateral_hide(struct collateral *c)
{
    lists_free(c);
    c->hidden = true;
}

void collateral_free(struct collateral *c)
{
    lists_free(c);
    *c = (struct collateral){0};
}

void collateral_base_free(struct collateral_base *b)
{
    lab_facts_free(&b->healthy);
    for (size_t i = 0; i < 2; i++)
        lab_facts_free(&b->broken[i]);
}
