#include "graders/topology.h"
#include "util/utf8.h"

/* Of a stored file, which anybody may have edited. */
#define MAX_SEGMENTS  64
#define MAX_NODES     256
#define MAX_NICS      64
#define MAX_ADDRESSES 64

static json_t *text(const char *s)
{
    _free_ char *clean = utf8_clean(s ? s : "");
    return json_string(clean);
}

static json_t *nics_to_json(const struct topology *t, const struct topology_node *n)
{
    json_t *nics = json_array();
    for (size_t k = 0; k < n->n_nics; k++) {
        json_t *addresses = json_array();
        for (size_t a = 0; a < n->nics[k].addresses.n; a++)
            json_array_append_new(addresses, text(n->nics[k].addresses.items[a]));
        json_array_append_new(nics,
            json_pack("{s:o, s:o}", "segment", text(t->segments[n->nics[k].segment].name),
                "addresses", addresses));
    }
    return nics;
}

json_t *topology_to_json(const struct topology *t)
{
    json_t *segments = json_array(), *nodes = json_array();
    for (size_t i = 0; i < t->n_segments; i++)
        json_array_append_new(segments,
            json_pack("{s:o, s:I}", "name", text(t->segments[i].name), "mtu",
                (json_int_t)t->segments[i].mtu));
    for (size_t i = 0; i < t->n_nodes; i++)
        json_array_append_new(nodes,
            json_pack("{s:o, s:b, s:o}", "name", text(t->nodes[i].name), "witness",
                (int)t->nodes[i].witness, "nics", nics_to_json(t, &t->nodes[i])));
    return json_pack("{s:o, s:o}", "segments", segments, "nodes", nodes);
}

static bool wrong(struct lr_error *err, const char *what)
{
    return lr_error_set(err, LR_EINFRA, "score file: topology: %s", what);
}

static bool short_list(const json_t *j, size_t max)
{
    return json_is_array(j) && json_array_size(j) <= max;
}

static bool read_segments(const json_t *list, struct topology *ret, struct lr_error *err)
{
    size_t i;
    json_t *item;
    if (!short_list(list, MAX_SEGMENTS))
        return wrong(err, "'segments' is not a list of reasonable length");
    json_array_foreach (list, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));
        const json_t *mtu = json_object_get(item, "mtu");
        if (!name || !json_is_integer(mtu))
            return wrong(err, "a segment lacks its name or its MTU");
        struct topology_segment *s = array_append(ret->segments, ret->n_segments);
        *s = (struct topology_segment){xstrdup(name), json_integer_value(mtu)};
    }
    return true;
}

static bool read_nic(
    const json_t *item, const struct topology *t, struct topology_node *node, struct lr_error *err)
{
    const char *segment = json_string_value(json_object_get(item, "segment"));
    const json_t *addresses = json_object_get(item, "addresses");
    size_t i = 0;
    while (segment && i < t->n_segments && !streq(t->segments[i].name, segment))
        i++;
    if (!segment || i == t->n_segments || !short_list(addresses, MAX_ADDRESSES))
        return wrong(err, "a node's segment is not known, or it has no list of addresses");
    struct topology_nic *nic = array_append(node->nics, node->n_nics);
    nic->segment = i;
    json_t *address;
    json_array_foreach (addresses, i, address) {
        if (!json_is_string(address))
            return wrong(err, "an address is not a string");
        strv_add(&nic->addresses, json_string_value(address));
    }
    return true;
}

static bool read_node(const json_t *item, struct topology *ret, struct lr_error *err)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    const json_t *witness = json_object_get(item, "witness");
    const json_t *nics = json_object_get(item, "nics");
    if (!name || !json_is_boolean(witness) || !short_list(nics, MAX_NICS))
        return wrong(err, "a node lacks its name, its segments, or whether it is a witness");
    struct topology_node *n = array_append(ret->nodes, ret->n_nodes);
    n->name = xstrdup(name);
    n->witness = json_is_true(witness);
    size_t i;
    json_t *nic;
    json_array_foreach (nics, i, nic)
        if (!read_nic(nic, ret, n, err))
            return false;
    return true;
}

bool topology_from_json(const json_t *j, struct topology *ret, struct lr_error *err)
{
    const json_t *nodes = json_object_get(j, "nodes");
    if (!read_segments(json_object_get(j, "segments"), ret, err))
        return false;
    if (!short_list(nodes, MAX_NODES))
        return wrong(err, "'nodes' is not a list of reasonable length");
    size_t i;
    json_t *item;
    json_array_foreach (nodes, i, item)
        if (!read_node(item, ret, err))
            return false;
    return true;
}

void topology_free(struct topology *t)
{
    for (size_t i = 0; i < t->n_segments; i++)
        free(t->segments[i].name);
    for (size_t i = 0; i < t->n_nodes; i++) {
        for (size_t k = 0; k < t->nodes[i].n_nics; k++)
            strv_free(&t->nodes[i].nics[k].addresses);
        free(t->nodes[i].nics);
        free(t->nodes[i].name);
    }
    free(t->segments);
    free(t->nodes);
    *t = (struct topology){0};
}
