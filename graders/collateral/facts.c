#include "graders/collateral/facts.h"
#include "graders/evidence.h"
#include "util/hash.h"

#define FORMAT    1
#define ITEM_CAP  512 /* bytes */
#define VALUE_CAP 512

const char *const fact_names[] = {
    "units", "ports", "firewall", "mounts", "users", "sysctls", "packages", NULL};

bool fact_kind_from_name(const char *name, enum fact_kind *ret)
{
    for (int i = 0; i < N_FACT_KINDS; i++) {
        if (streq(name, fact_names[i])) {
            *ret = (enum fact_kind)i;
            return true;
        }
    }
    return false;
}

/* Most of what nodes say is plain already, and there is much of it. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

/* What a node has said, in one line of printable text, and cut where it is too long to be read.
 * Secrets are blanked where it is shown (compare.c). */
static char *one_line(const char *text, size_t cap)
{
    size_t len = strlen(text), end = len;
    if (len > cap)
        for (end = cap; end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80;)
            end--;
    char *line = is_plain(text) ? xstrndup(text, end) : evidence_text(text, end);
    for (char *p = line; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    if (end == len)
        return line;
    _free_ char *cut = line;
    _hasher_ struct hasher *h = hasher_new(); /* what differs further on differs all the same */
    hasher_add(h, text, len);
    _free_ char *digest = hasher_finish(h);
    return xasprintf("%s… (digest %.12s)", cut, digest);
}

void facts_add(struct facts *f, const char *item, const char *value)
{
    if (f->n % 64 == 0)
        f->items = xreallocarray(f->items, f->n + 64, sizeof *f->items);
    f->items[f->n++] = (struct fact){one_line(item, ITEM_CAP), one_line(value, VALUE_CAP)};
}

static int by_item(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;
    int order = strcmp(x->item, y->item);
    return order ? order : strcmp(x->value, y->value);
}

void facts_finish(struct facts *f)
{
    if (f->n == 0)
        return;
    qsort(f->items, f->n, sizeof *f->items, by_item);
    bool twice = false;
    for (size_t i = 1, first = 0; i < f->n; i++) {
        if (!streq(f->items[i].item, f->items[first].item)) {
            first = i;
            continue;
        }
        char *numbered = xasprintf("%s (%zu)", f->items[i].item, i - first + 1);
        free(f->items[i].item);
        f->items[i].item = numbered;
        twice = true;
    }
    if (twice)
        qsort(f->items, f->n, sizeof *f->items, by_item);
}

const char *facts_get(const struct facts *f, const char *item)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(f->items[mid].item, item);
        if (order == 0)
            return f->items[mid].value;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

void facts_free(struct facts *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->items[i].item);
        free(f->items[i].value);
    }
    free(f->items);
    free(f->untold);
    *f = (struct facts){0};
}

void facts_set_untold(struct facts *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    _free_ char *why = xvasprintf(fmt, ap);
    va_end(ap);
    facts_free(f);
    f->untold = one_line(why, VALUE_CAP);
}

void node_facts_free(struct node_facts *n)
{
    for (size_t i = 0; i < N_FACT_KINDS; i++)
        facts_free(&n->kinds[i]);
    facts_free(&n->files);
    *n = (struct node_facts){0};
}

void lab_facts_free(struct lab_facts *l)
{
    for (size_t i = 0; i < l->n; i++)
        node_facts_free(&l->nodes[i]);
    free(l->nodes);
    *l = (struct lab_facts){0};
}

static json_t *kind_to_json(const struct facts *f)
{
    if (f->untold)
        return json_pack("{s:s}", "untold", f->untold);
    json_t *items = json_object();
    for (size_t i = 0; i < f->n; i++)
        json_object_set_new(items, f->items[i].item, json_string(f->items[i].value));
    return json_pack("{s:o}", "items", items);
}

json_t *lab_facts_to_json(const struct lab_facts *l, const char *const *names)
{
    json_t *nodes = json_object();
    for (size_t i = 0; i < l->n; i++) {
        json_t *kinds = json_object();
        for (int k = 0; k < N_FACT_KINDS; k++)
            json_object_set_new(kinds, fact_names[k], kind_to_json(&l->nodes[i].kinds[k]));
        json_object_set_new(nodes, names[i], kinds);
    }
    return json_pack("{s:i, s:o}", "format", FORMAT, "nodes", nodes);
}

static bool kind_from_json(const json_t *j, struct facts *ret)
{
    const json_t *items = json_object_get(j, "items");
    const char *untold = json_string_value(json_object_get(j, "untold"));
    if (untold) {
        facts_set_untold(ret, "%s", untold);
        return true;
    }
    if (!json_is_object(items) || json_object_size(items) > MAX_FACTS)
        return false;
    const char *item;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)items, item, value) {
        if (!json_is_string(value))
            return false;
        facts_add(ret, item, json_string_value(value));
    }
    facts_finish(ret);
    return true;
}

bool lab_facts_from_json(const json_t *j, const char *const *names, size_t n, struct lab_facts *ret,
    struct lr_error *err)
{
    const json_t *nodes = json_object_get(j, "nodes");
    if (json_integer_value(json_object_get(j, "format")) != FORMAT || !json_is_object(nodes) ||
        json_object_size(nodes) != n)
        return lr_error_set(
            err, LR_EINFRA, "it is not a record of these nodes in format %d", FORMAT);
    _lab_facts_ struct lab_facts l = {.nodes = xcalloc(n, sizeof *l.nodes), .n = n};
    for (size_t i = 0; i < n; i++) {
        const json_t *node = json_object_get(nodes, names[i]);
        for (int k = 0; k < N_FACT_KINDS; k++)
            if (!kind_from_json(json_object_get(node, fact_names[k]), &l.nodes[i].kinds[k]))
                return lr_error_set(
                    err, LR_EINFRA, "the %s of node '%s' are not there", fact_names[k], names[i]);
    }
    *ret = l;
    l = (struct lab_facts){0};
    return true;
}
