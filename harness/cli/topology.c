#include "cli/topology.h"

/* Columns of the drawing, the same for all segments. */
struct widths {
    size_t name;
    size_t address[2]; /* the first two; further ones follow */
};

static void widen(size_t *width, const char *text)
{
    size_t w = text_width(text);
    *width = w > *width ? w : *width;
}

static struct widths measure(const struct topology *t)
{
    struct widths w = {0};
    for (size_t i = 0; i < t->n_nodes; i++) {
        widen(&w.name, t->nodes[i].name);
        for (size_t k = 0; k < t->nodes[i].n_nics; k++)
            for (size_t a = 0; a < t->nodes[i].nics[k].addresses.n && a < 2; a++)
                widen(&w.address[a], t->nodes[i].nics[k].addresses.items[a]);
    }
    return w;
}

static void add_column(struct strbuf *b, const char *text, size_t width)
{
    size_t used = text_width(text);
    strbuf_addf(b, "%s%*s", text, (int)(used < width ? width - used : 0) + 2, "");
}

/* What is worth a remark: nobody gets in; and where else the node is connected. */
static void add_remarks(
    struct strbuf *b, const struct topology *t, const struct topology_node *n, size_t segment)
{
    const char *between = "also on ";
    for (size_t k = 0; k < n->n_nics; k++) {
        if (n->nics[k].segment == segment)
            continue;
        strbuf_addf(b, "%s%s", between, t->segments[n->nics[k].segment].name);
        between = ", ";
    }
    if (n->witness)
        strbuf_addf(b, "%switness", streq(between, ", ") ? "; " : "");
}

static void print_nic(const struct out *o, const struct topology *t, const struct widths *w,
    const struct topology_node *n, const struct topology_nic *nic, bool last)
{
    _strbuf_ struct strbuf line = STRBUF_INIT;
    strbuf_adds(&line, last ? "└── " : "├── ");
    add_column(&line, n->name, w->name);
    for (size_t a = 0; a < nic->addresses.n || a < 2; a++)
        if (a >= 2 || w->address[a] > 0)
            add_column(&line, a < nic->addresses.n ? nic->addresses.items[a] : "",
                a < 2 ? w->address[a] : 0);
    add_remarks(&line, t, n, nic->segment);
    while (line.len && line.data[line.len - 1] == ' ')
        line.data[--line.len] = '\0';
    fprintf(o->file, "%s\n", line.data);
}

static size_t count_nics(const struct topology *t, size_t segment)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_nodes; i++)
        for (size_t k = 0; k < t->nodes[i].n_nics; k++)
            n += t->nodes[i].nics[k].segment == segment;
    return n;
}

void topology_print(const struct out *o, const struct topology *t)
{
    struct widths w = measure(t);
    out_heading(o, "Topology");
    for (size_t s = 0; s < t->n_segments; s++) {
        size_t left = count_nics(t, s);
        out_text(o, STYLE_BOLD, t->segments[s].name);
        fprintf(o->file, ", MTU %lld\n", (long long)t->segments[s].mtu);
        for (size_t i = 0; i < t->n_nodes; i++)
            for (size_t k = 0; k < t->nodes[i].n_nics; k++)
                if (t->nodes[i].nics[k].segment == s)
                    print_nic(o, t, &w, &t->nodes[i], &t->nodes[i].nics[k], --left == 0);
    }
}
