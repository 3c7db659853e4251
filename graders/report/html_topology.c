/* The lab's network as a picture: segments are horizontal lines, nodes hang on them from above and,
 * when there are many, from below. The wire of a node to a farther segment runs left of the
 * addresses at its nearer ones; where a wire of the other side crosses a text, the text is on top.
 * All sizes are in pixels of the natural size. */
#include "graders/report/html.h"

enum {
    LINE = 15, /* of text */
    BOX = 46,  /* height of a node */
    WIRE = 14, /* between the wires of one node */
    GAP = 22,  /* between nodes */
    CHAR = 8,  /* width of a character, rounded up */
    ONE_SIDE = 5
};

struct picture {
    const struct topology *t;
    size_t *x;     /* of each node */
    size_t *width; /* of each node */
    size_t *y;     /* of each segment */
    size_t *end;   /* of each segment: its right end */
    size_t split;  /* nodes from here on hang below */
    size_t gutter; /* for the names of the segments */
    size_t full_width;
    size_t below; /* y of the lower nodes */
    size_t height;
};

/* How many of the node's interfaces come before NIC when sorted by segment. */
static size_t rank(const struct topology_node *n, size_t nic)
{
    size_t before = 0;
    for (size_t k = 0; k < n->n_nics; k++)
        before += n->nics[k].segment < n->nics[nic].segment ||
            (n->nics[k].segment == n->nics[nic].segment && k < nic);
    return before;
}

static bool is_above(const struct picture *p, size_t node)
{
    return node < p->split;
}

static size_t wire_x(const struct picture *p, size_t node, size_t nic)
{
    const struct topology_node *n = &p->t->nodes[node];
    size_t place = is_above(p, node) ? n->n_nics - 1 - rank(n, nic) : rank(n, nic);
    return p->x[node] + WIRE + place * WIRE;
}

static size_t width_of(const struct topology_node *n)
{
    size_t width = html_length(n->name) * (CHAR + 1) + 2 * WIRE;
    width = width < 112 ? 112 : width;
    for (size_t k = 0; k < n->n_nics; k++)
        for (size_t a = 0; a < n->nics[k].addresses.n; a++) {
            size_t w = n->n_nics * WIRE + html_length(n->nics[k].addresses.items[a]) * CHAR + WIRE;
            width = w > width ? w : width;
        }
    return width;
}

/* The most addresses that a node of one side has on the segment. */
static size_t lines(const struct picture *p, size_t segment, bool above)
{
    size_t most = 0;
    for (size_t i = 0; i < p->t->n_nodes; i++)
        for (size_t k = 0; k < p->t->nodes[i].n_nics && is_above(p, i) == above; k++) {
            const struct topology_nic *nic = &p->t->nodes[i].nics[k];
            if (nic->segment == segment && nic->addresses.n > most)
                most = nic->addresses.n;
        }
    return most;
}

/* Wires stand on a grid, those from below half a step beside those from above. */
static void place_nodes(struct picture *p)
{
    size_t right[2] = {p->gutter, p->gutter};
    for (size_t i = 0; i < p->t->n_nodes; i++) {
        size_t *at = &right[is_above(p, i) ? 0 : 1];
        p->width[i] = width_of(&p->t->nodes[i]);
        p->x[i] = (*at + WIRE - 1) / WIRE * WIRE + (is_above(p, i) ? 0 : WIRE / 2);
        *at = p->x[i] + p->width[i] + GAP;
    }
    p->full_width = (right[0] > right[1] ? right[0] : right[1]) - GAP + 2;
}

static void place_segments(struct picture *p)
{
    size_t y = p->split ? BOX + 4 : 0;
    for (size_t s = 0; s < p->t->n_segments; s++) {
        size_t before = lines(p, s, true), after = lines(p, s, false);
        y += (before ? before : 1) * LINE + LINE; /* a name stands above, an MTU below */
        p->y[s] = y;
        y += (after ? after : 1) * LINE + 4;
        p->end[s] = p->gutter;
    }
    p->below = y + LINE;
    p->height = p->split < p->t->n_nodes ? p->below + BOX + 2 : y + 4;
    for (size_t i = 0; i < p->t->n_nodes; i++)
        for (size_t k = 0; k < p->t->nodes[i].n_nics; k++) {
            size_t *end = &p->end[p->t->nodes[i].nics[k].segment];
            size_t x = wire_x(p, i, k) + 10;
            *end = x > *end ? x : *end;
        }
}

static void picture_make(const struct topology *t, struct picture *p)
{
    *p = (struct picture){
        .t = t, .split = t->n_nodes > ONE_SIDE ? (t->n_nodes + 1) / 2 : t->n_nodes, .gutter = 84};
    p->x = xcalloc(t->n_nodes + 1, sizeof *p->x);
    p->width = xcalloc(t->n_nodes + 1, sizeof *p->width);
    p->y = xcalloc(t->n_segments + 1, sizeof *p->y);
    p->end = xcalloc(t->n_segments + 1, sizeof *p->end);
    for (size_t s = 0; s < t->n_segments; s++) {
        size_t w = html_length(t->segments[s].name) * CHAR + GAP;
        p->gutter = w > p->gutter ? w : p->gutter;
    }
    place_nodes(p);
    place_segments(p);
}

static void picture_free(struct picture *p)
{
    free(p->x);
    free(p->width);
    free(p->y);
    free(p->end);
}

static void text_at(struct strbuf *b, size_t x, size_t y, const char *class, const char *text)
{
    strbuf_addf(b, "<text class=\"%s\" x=\"%zu\" y=\"%zu\">", class, x, y);
    html_escape(b, text);
    strbuf_adds(b, "</text>");
}

static void draw_segment(struct strbuf *b, const struct picture *p, size_t s)
{
    const struct topology_segment *seg = &p->t->segments[s];
    _free_ char *mtu = xasprintf("MTU %lld", (long long)seg->mtu);
    strbuf_addf(b, "<path class=\"bus\" d=\"M2 %zuH%zu\"/>", p->y[s], p->end[s]);
    text_at(b, 2, p->y[s] - 7, "name", seg->name);
    text_at(b, 2, p->y[s] + 16, "dim", mtu);
}

/* A wire, first wide in the colour of the ground: it passes over segments that it does not join. */
static void draw_nic(struct strbuf *b, const struct picture *p, size_t node, size_t k)
{
    const struct topology_nic *nic = &p->t->nodes[node].nics[k];
    bool above = is_above(p, node);
    size_t x = wire_x(p, node, k), y = p->y[nic->segment];
    size_t from = above ? BOX + 2 : p->below;
    strbuf_addf(b,
        "<path class=\"halo\" d=\"M%zu %zuV%zu\"/><path class=\"wire\" d=\"M%zu %zuV%zu\"/>"
        "<circle class=\"joint\" cx=\"%zu\" cy=\"%zu\" r=\"4\"/>",
        x, from, above ? y - 4 : y + 4, x, from, y, x, y);
}

static void draw_addresses(struct strbuf *b, const struct picture *p, size_t node, size_t k)
{
    const struct topology_nic *nic = &p->t->nodes[node].nics[k];
    bool above = is_above(p, node);
    size_t x = wire_x(p, node, k), y = p->y[nic->segment];
    for (size_t a = 0; a < nic->addresses.n; a++) {
        size_t line = above ? y - 8 - (nic->addresses.n - 1 - a) * LINE : y + 16 + a * LINE;
        text_at(b, x + 7, line, "mono", nic->addresses.items[a]);
    }
}

static void draw_node(struct strbuf *b, const struct picture *p, size_t i)
{
    const struct topology_node *n = &p->t->nodes[i];
    size_t y = is_above(p, i) ? 2 : p->below;
    strbuf_addf(b,
        "<rect class=\"node%s\" x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%d\" rx=\"6\"/>",
        n->witness ? " witness" : "", p->x[i], y, p->width[i], BOX);
    text_at(b, p->x[i] + 12, y + 20, "name", n->name);
    if (n->witness)
        strbuf_addf(b, "<use href=\"#eye\" x=\"%zu\" y=\"%zu\" width=\"15\" height=\"15\"/>",
            p->x[i] + 12, y + 25);
    text_at(
        b, p->x[i] + (n->witness ? 32 : 12), y + 37, "dim", n->witness ? "witness" : "candidate");
}

static void cell(struct strbuf *b, const struct topology_node *n, size_t segment)
{
    const char *between = "";
    strbuf_adds(b, "<td class=\"mono\">");
    for (size_t k = 0; k < n->n_nics; k++)
        for (size_t a = 0; a < n->nics[k].addresses.n && n->nics[k].segment == segment; a++) {
            strbuf_adds(b, between);
            html_escape(b, n->nics[k].addresses.items[a]);
            between = "<br>";
        }
    strbuf_adds(b, "</td>");
}

static void table(struct strbuf *b, const struct topology *t)
{
    strbuf_adds(b,
        "<details><summary>As a table</summary><div class=\"scroll\"><table class=\"plain\">"
        "<thead><tr><th scope=\"col\">Node</th><th scope=\"col\">Who gets in</th>");
    for (size_t s = 0; s < t->n_segments; s++) {
        _free_ char *head =
            xasprintf("%s (MTU %lld)", t->segments[s].name, (long long)t->segments[s].mtu);
        strbuf_adds(b, "<th scope=\"col\">");
        html_escape(b, head);
        strbuf_adds(b, "</th>");
    }
    strbuf_adds(b, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < t->n_nodes; i++) {
        strbuf_adds(b, "<tr><th scope=\"row\">");
        html_escape(b, t->nodes[i].name);
        strbuf_adds(b, "</th>");
        html_element(b, "td", NULL, t->nodes[i].witness ? "nobody: a witness" : "the candidate");
        for (size_t s = 0; s < t->n_segments; s++)
            cell(b, &t->nodes[i], s);
        strbuf_adds(b, "</tr>\n");
    }
    strbuf_adds(b, "</tbody></table></div></details>\n");
}

void html_topology(struct strbuf *b, const struct score_report *r)
{
    const struct topology *t = &r->topology;
    if (t->n_nodes == 0)
        return;
    struct picture p;
    picture_make(t, &p);
    html_section(b, NULL, "Topology");
    strbuf_adds(b,
        "<p class=\"lead\">Witnesses (dashed) are nodes that the candidate cannot enter; "
        "most checks ask from there.</p>\n");
    strbuf_addf(b,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Topology\">"
        "<svg class=\"topology\" width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" role=\"img\" "
        "aria-label=\"%zu nodes on %zu segments; the table below says the same\">",
        p.full_width, p.height, p.full_width, p.height, t->n_nodes, t->n_segments);
    for (size_t s = 0; s < t->n_segments; s++)
        draw_segment(b, &p, s);
    for (size_t i = 0; i < t->n_nodes; i++)
        for (size_t k = 0; k < t->nodes[i].n_nics; k++)
            draw_nic(b, &p, i, k);
    for (size_t i = 0; i < t->n_nodes; i++) /* over the wires of the other side */
        for (size_t k = 0; k < t->nodes[i].n_nics; k++)
            draw_addresses(b, &p, i, k);
    for (size_t i = 0; i < t->n_nodes; i++)
        draw_node(b, &p, i);
    strbuf_adds(b, "</svg></div>\n");
    table(b, t);
    html_section_end(b);
    picture_free(&p);
}
