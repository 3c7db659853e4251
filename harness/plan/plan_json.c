/* A plan as JSON. Only what cannot be derived is written; names, UUIDs and bridges are made again
 * from the state folder and the lab's name, so that a file that somebody edited cannot lead a
 * destroy to somebody else's domain. */
#include "plan/plan.h"

json_t *plan_to_json(const struct plan *p)
{
    json_t *segments = json_array();
    for (size_t i = 0; i < p->n_segments; i++)
        json_array_append_new(segments,
            json_pack("{s:s, s:I}", "network", p->segments[i].network, "mtu",
                (json_int_t)p->segments[i].mtu));
    json_t *nodes = json_array();
    for (size_t i = 0; i < p->n_nodes; i++) {
        const struct plan_node *n = &p->nodes[i];
        json_t *nics = json_array();
        for (size_t k = 0; k < n->n_nics; k++) {
            json_t *addresses = json_array();
            for (size_t a = 0; a < n->nics[k].addresses.n; a++)
                json_array_append_new(addresses, json_string(n->nics[k].addresses.items[a]));
            json_array_append_new(nics,
                json_pack("{s:I, s:o}", "segment", (json_int_t)n->nics[k].segment, "addresses",
                    addresses));
        }
        json_t *disks = json_array();
        for (size_t k = 0; k < n->n_disks; k++)
            json_array_append_new(disks, json_integer(n->disks_mib[k]));
        json_array_append_new(nodes,
            json_pack("{s:s, s:s, s:b, s:I, s:I, s:o, s:o}", "name", n->name, "image", n->image,
                "witness", n->witness, "memory_mib", (json_int_t)n->memory_mib, "vcpus",
                (json_int_t)n->vcpus, "disks_mib", disks, "nics", nics));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b}", "state_dir", p->state_dir, "lab", p->lab,
        "scenario", p->scenario, "segments", segments, "nodes", nodes, "tun", p->tun);
}

/* A plan file is read back as the small scenario it came from, and planned again. */
static bool read_segments(const json_t *list, struct scenario *sc)
{
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        const char *name = NULL;
        json_int_t mtu = 0;
        if (json_unpack(item, "{s:s, s:I}", "network", &name, "mtu", &mtu) < 0)
            return false;
        struct network *net = array_append(sc->networks, sc->n_networks);
        net->name = xstrdup(name);
        net->mtu = mtu;
    }
    return true;
}

static bool read_nic(const json_t *item, const struct scenario *sc, struct node *node)
{
    json_int_t segment = 0;
    const json_t *addresses = NULL;
    if (json_unpack((json_t *)(uintptr_t)item, "{s:I, s:o}", "segment", &segment, "addresses",
            &addresses) < 0 ||
        segment < 0 || (size_t)segment >= sc->n_networks)
        return false;
    struct nic *nic = array_append(node->nics, node->n_nics);
    nic->network = (size_t)segment;
    size_t i;
    json_t *text;
    json_array_foreach (addresses, i, text) {
        if (!json_is_string(text) ||
            json_string_length(text) >= sizeof(((struct address *)0)->text))
            return false;
        struct address *a = array_append(nic->addresses, nic->n_addresses);
        strcpy(a->text, json_string_value(text));
    }
    return true;
}

static bool read_node(const json_t *item, struct scenario *sc)
{
    const char *name, *image;
    int witness;
    json_int_t memory, vcpus;
    const json_t *disks, *nics;
    if (json_unpack((json_t *)(uintptr_t)item, "{s:s, s:s, s:b, s:I, s:I, s:o, s:o}", "name", &name,
            "image", &image, "witness", &witness, "memory_mib", &memory, "vcpus", &vcpus,
            "disks_mib", &disks, "nics", &nics) < 0)
        return false;
    struct node *n = array_append(sc->nodes, sc->n_nodes);
    n->name = xstrdup(name);
    n->image = xstrdup(image);
    n->witness = witness;
    n->memory_mib = memory;
    n->vcpus = vcpus;
    size_t i;
    json_t *member;
    json_array_foreach (disks, i, member)
        *array_append(n->disks_mib, n->n_disks) = json_integer_value(member);
    json_array_foreach (nics, i, member)
        if (!read_nic(member, sc, n))
            return false;
    return true;
}

bool plan_from_json(const json_t *j, struct plan **ret, struct lr_error *err)
{
    const char *state_dir, *lab, *scenario;
    const json_t *segments, *nodes;
    int tun = 0; /* labs of older versions do not say */
    if (json_unpack((json_t *)(uintptr_t)j, "{s:s, s:s, s:s, s:o, s:o, s?b}", "state_dir",
            &state_dir, "lab", &lab, "scenario", &scenario, "segments", &segments, "nodes", &nodes,
            "tun", &tun) < 0)
        return lr_error_set(err, LR_EINFRA, "the lab's plan lacks a member");
    _scenario_ struct scenario *sc = xnew(struct scenario);
    sc->name = xstrdup(scenario);
    if (tun)
        strv_add(&sc->needs, NEEDS_TUN);
    if (!read_segments(segments, sc))
        return lr_error_set(err, LR_EINFRA, "the lab's plan has a malformed segment");
    size_t i;
    json_t *item;
    json_array_foreach (nodes, i, item)
        if (!read_node(item, sc))
            return lr_error_set(err, LR_EINFRA, "the lab's plan has a malformed node");
    *ret = plan_make(sc, state_dir, lab);
    return true;
}
