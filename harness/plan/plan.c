#include "plan/plan.h"
#include "util/hash.h"

char *plan_uuid(const char *state_dir, const char *name)
{
    _free_ char *full = xasprintf("%s\n%s", state_dir, name);
    return uuid_of_name(full);
}

bool plan_is_ours(const char *state_dir, const char *name, const char *uuid)
{
    _free_ char *expected = plan_uuid(state_dir, name);
    return has_prefix(name, PLAN_PREFIX) && streq(expected, uuid);
}

/* Linux allows 15 characters for an interface: a digest of the segment's whole name is unique where
 * the name itself would have to be cut. */
static char *bridge_of(const char *uuid)
{
    return xasprintf("lr%.8s%.4s", uuid, uuid + 9);
}

/* Joined by what no node's and no network's name can hold: lab a's node b-c is not lab a-b's node
 * c. */
static void make_segment(struct plan *p, const struct network *net)
{
    struct plan_segment *s = array_append(p->segments, p->n_segments);
    s->network = xstrdup(net->name);
    s->name = xasprintf(PLAN_PREFIX "%s.%s", p->lab, net->name);
    s->uuid = plan_uuid(p->state_dir, s->name);
    s->bridge = bridge_of(s->uuid);
    s->mtu = net->mtu;
}

static void make_nic(
    const struct plan *p, struct plan_node *node, size_t index, const struct nic *from)
{
    struct plan_nic *nic = array_append(node->nics, node->n_nics);
    nic->segment = from->network;
    nic->ifname = xstrdup(p->segments[from->network].network);
    nic->mac = xasprintf("52:54:00:4c:%02zx:%02zx", from->network + 1, index + 1);
    for (size_t i = 0; i < from->n_addresses; i++)
        strv_add(&nic->addresses, from->addresses[i].text);
}

static void make_node(struct plan *p, size_t index, const struct node *from)
{
    struct plan_node *n = array_append(p->nodes, p->n_nodes);
    n->name = xstrdup(from->name);
    n->domain = xasprintf(PLAN_PREFIX "%s.%s", p->lab, from->name);
    n->uuid = plan_uuid(p->state_dir, n->domain);
    n->image = xstrdup(from->image);
    n->witness = from->witness;
    n->memory_mib = from->memory_mib;
    n->vcpus = from->vcpus;
    n->disks_mib = xmemdup(from->disks_mib, from->n_disks * sizeof *from->disks_mib);
    n->n_disks = from->n_disks;
    for (size_t i = 0; i < from->n_nics; i++)
        make_nic(p, n, index, &from->nics[i]);
}

struct plan *plan_make(const struct scenario *sc, const char *state_dir, const char *lab)
{
    struct plan *p = xnew(struct plan);
    p->state_dir = xstrdup(state_dir);
    p->lab = xstrdup(lab);
    p->scenario = xstrdup(sc->name);
    p->tun = strv_contains(&sc->needs, NEEDS_TUN);
    for (size_t i = 0; i < sc->n_networks; i++)
        make_segment(p, &sc->networks[i]);
    for (size_t i = 0; i < sc->n_nodes; i++)
        make_node(p, i, &sc->nodes[i]);
    return p;
}

static void free_node(struct plan_node *n)
{
    free(n->name);
    free(n->domain);
    free(n->uuid);
    free(n->image);
    free(n->disks_mib);
    for (size_t i = 0; i < n->n_nics; i++) {
        free(n->nics[i].ifname);
        free(n->nics[i].mac);
        strv_free(&n->nics[i].addresses);
    }
    free(n->nics);
}

void plan_free(struct plan *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_segments; i++) {
        free(p->segments[i].network);
        free(p->segments[i].name);
        free(p->segments[i].uuid);
        free(p->segments[i].bridge);
    }
    for (size_t i = 0; i < p->n_nodes; i++)
        free_node(&p->nodes[i]);
    free(p->segments);
    free(p->nodes);
    free(p->state_dir);
    free(p->lab);
    free(p->scenario);
    free(p);
}
