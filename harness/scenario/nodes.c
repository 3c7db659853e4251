/* Networks and nodes: who is on which network with which addresses. */
#include "scenario/address.h"
#include "scenario/load.h"
#include "scenario/scalars.h"
#include "util/fs.h"
#include <sys/socket.h>

#define MTU_MIN  576
#define MTU_MAX  9216
#define MTU_IPV6 1280 /* under it the kernel turns IPv6 off (RFC 8200, section 5) */

#define PATTERN_NODE    "^(?!localhost$)[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$"
#define PATTERN_NETWORK "^(?!eth|lo$|all$|default$)[a-z][a-z0-9-]{0,14}$"
#define PATTERN_ADDRESS "^[0-9a-fA-F.:]+/[0-9]{1,3}$"

static const struct field network_fields[] = {
    FIELD_INT("mtu", struct network, mtu, 0, .min = MTU_MIN, .max = MTU_MAX,
        .help = "largest packet in bytes; default 1500"),
};

static bool is_word(const char *s)
{
    return *s >= 'a' && *s <= 'z' && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static const char *node_name_error(const char *name)
{
    size_t len = strlen(name);
    if (!is_word(name) || name[len - 1] == '-')
        return "the name of a node is of a-z, 0-9 and '-', from a letter to a letter or digit";
    if (len > 32)
        return "the name of a node has at most 32 characters";
    return streq(name, "localhost") ? "every node is localhost to itself" : NULL;
}

/* The name becomes that of the interface in each node. "all" and "default" are folders of
 * net.ipv4.conf beside the interfaces', and the kernel's own eth0 must not be in the way. */
static const char *network_name_error(const char *name)
{
    if (!is_word(name))
        return "the name of a network is of a-z, 0-9 and '-', and begins with a letter";
    if (strlen(name) > 15)
        return "the name of a network has at most 15 characters: interfaces are named after it";
    if (has_prefix(name, "eth") || streq(name, "lo") || streq(name, "all") ||
        streq(name, "default"))
        return "interfaces are named after the network, and this name is the kernel's own";
    return NULL;
}

/* True when V is a map of 1 to MAX members; otherwise that is reported. */
static bool is_map_of(struct reader *r, const struct value *v, const char *key, size_t max)
{
    if (!read_is_map(r, v, key))
        return false;
    if (v->n > 0 && v->n <= max)
        return true;
    problems_add(r->problems, v, "'%s': expected 1 to %zu of them, got %zu", key, max, v->n);
    return false;
}

void read_networks(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    if (!is_map_of(r, v, "networks", SCENARIO_MAX_NETWORKS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct network *net = array_append(sc->networks, sc->n_networks);
        net->name = xstrdup(v->keys[i].text);
        net->mtu = 1500;
        const char *why = network_name_error(net->name);
        if (why)
            problems_add(r->problems, &v->keys[i], "network '%s': %s", net->name, why);
        read_map(r, &v->items[i], network_fields, N_FIELDS(network_fields), net);
    }
}

static void read_disks(struct reader *r, const struct value *v, void *whole)
{
    static const struct field disk = {
        .key = "disks", .type = FIELD_T_SIZE_MIB, .min = 64, .max = 4 * 1024 * 1024};
    struct node *node = whole;
    if (!read_is_list(r, v, "disks", 0, SCENARIO_MAX_DISKS))
        return;
    for (size_t i = 0; i < v->n; i++)
        read_field(r, &v->items[i], &disk, array_append(node->disks_mib, node->n_disks));
}

/* The next of all addresses of FAMILY on NETWORK, after the one that *NODE, *NIC, *I stand at. */
struct cursor {
    size_t node, nic, address;
};

static const struct address *next_address(
    const struct scenario *sc, size_t network, struct cursor *at)
{
    for (; at->node < sc->n_nodes; at->node++, at->nic = 0) {
        const struct node *node = &sc->nodes[at->node];
        for (; at->nic < node->n_nics; at->nic++, at->address = 0) {
            const struct nic *nic = &node->nics[at->nic];
            if (nic->network == network && at->address < nic->n_addresses)
                return &nic->addresses[at->address++];
        }
    }
    return NULL;
}

/* Reports what ADDRESS has against the others of the same network. */
static void check_address(struct reader *r, const struct value *v, const struct scenario *sc,
    size_t network, const struct address *address)
{
    const struct network *net = &sc->networks[network];
    const struct address *first = NULL, *other;
    if (address->family == AF_INET6 && net->mtu < MTU_IPV6)
        problems_add(r->problems, v, "IPv6 needs an mtu of at least %d on network '%s'", MTU_IPV6,
            net->name);
    for (struct cursor at = {0}; (other = next_address(sc, network, &at));) {
        if (address_equal(address, other)) {
            problems_add(r->problems, v, "address '%s' is that of node '%s' already", address->text,
                sc->nodes[at.node].name);
            return;
        }
        if (!first && other->family == address->family)
            first = other;
    }
    if (first && !address_same_subnet(first, address)) {
        _free_ char *subnet = address_subnet_text(first);
        problems_add(r->problems, v, "address '%s' is not in %s, the subnet of network '%s'",
            address->text, subnet, net->name);
    }
}

static void read_address(
    struct reader *r, const struct value *v, const struct scenario *sc, struct nic *nic)
{
    if (v->type != VALUE_SCALAR || plain_is_null(v->text)) {
        read_expected(r, v, NULL, "an address such as 10.20.0.11/24");
        return;
    }
    struct address address;
    const char *why = address_parse(v->text, &address);
    if (why) {
        problems_add(r->problems, v, "address '%s': %s", v->text, why);
        return;
    }
    check_address(r, v, sc, nic->network, &address);
    *array_append(nic->addresses, nic->n_addresses) = address;
}

static bool find_network(
    struct reader *r, const struct value *key, const struct scenario *sc, size_t *ret)
{
    const char *known[SCENARIO_MAX_NETWORKS];
    for (size_t i = 0; i < sc->n_networks; i++) {
        known[i] = sc->networks[i].name;
        if (streq(known[i], key->text)) {
            *ret = i;
            return true;
        }
    }
    if (sc->n_networks) /* otherwise what is wrong with 'networks' has been said */
        read_unknown(r, key, "network", key->text, known, sc->n_networks);
    return false;
}

static void read_nics(struct reader *r, const struct value *v, void *whole)
{
    struct node *node = whole;
    const struct scenario *sc = loader_of(r)->sc;
    if (!read_is_map(r, v, "networks"))
        return;
    if (v->n == 0)
        problems_add(r->problems, v, "a node must be on at least one network");
    for (size_t i = 0; i < v->n; i++) {
        size_t network;
        if (!find_network(r, &v->keys[i], sc, &network))
            continue;
        struct nic *nic = array_append(node->nics, node->n_nics);
        nic->network = network;
        const struct value *list = &v->items[i];
        if (!read_is_list(r, list, v->keys[i].text, 0, SCENARIO_MAX_ADDRS))
            continue;
        for (size_t a = 0; a < list->n; a++)
            read_address(r, &list->items[a], sc, nic);
    }
}

void read_image(struct reader *r, const struct value *v, void *member)
{
    static const struct field image = {.key = "image", .type = FIELD_T_ID};
    const struct strv *images = loader_of(r)->opts->images;
    read_field(r, v, &image, member);
    const char *name = *(char **)member;
    if (name && images && !strv_contains(images, name))
        read_unknown(r, v, "image", name, (const char *const *)images->items, images->n);
}

static const struct field node_fields[] = {
    FIELD_BOOL("witness", struct node, witness, 0,
        .help = "true: the candidate has no access to it; default false"),
    FIELD_CUSTOM("image", struct node, image, read_image, 0, .schema = REF("id"),
        .help = "image of this node; default: the scenario's"),
    FIELD_SIZE_MIB("memory", struct node, memory_mib, 0, .min = 64, .max = 65536,
        .help = "memory, 64M to 64G; default 512M"),
    FIELD_INT("vcpus", struct node, vcpus, 0, .min = 1, .max = 32, .help = "processors; default 1"),
    FIELD_WHOLE("disks", read_disks, 0, .schema = REF("disks"),
        .help = "sizes of further block devices: /lab/disk0, /lab/disk1 and so on"),
    FIELD_WHOLE("networks", read_nics, FIELD_REQUIRED, .schema = REF("nics"),
        .help = "the networks that the node is on, each with its addresses there"),
};

static void read_node(
    struct reader *r, const struct value *key, const struct value *v, struct scenario *sc)
{
    struct node *node = array_append(sc->nodes, sc->n_nodes);
    node->name = xstrdup(key->text);
    node->at = (struct at){key->line, key->col};
    node->memory_mib = 512;
    node->vcpus = 1;
    const char *why = node_name_error(node->name);
    if (why)
        problems_add(r->problems, key, "node '%s': %s", node->name, why);
    read_map(r, v, node_fields, N_FIELDS(node_fields), node);
    if (!node->image)
        node->image = xstrdup(sc->image);
}

void read_nodes(struct reader *r, const struct value *v, void *scenario)
{
    struct scenario *sc = scenario;
    if (!is_map_of(r, v, "nodes", SCENARIO_MAX_NODES))
        return;
    bool all_witnesses = true;
    for (size_t i = 0; i < v->n; i++) {
        read_node(r, &v->keys[i], &v->items[i], sc);
        all_witnesses = all_witnesses && sc->nodes[i].witness;
    }
    if (all_witnesses)
        problems_add(r->problems, v, "every node is a witness: the candidate could enter none");
}

void nodes_schema(json_t *defs)
{
    static const struct field size = {.type = FIELD_T_SIZE_MIB};
    json_object_set_new(defs, "size", field_schema(&size));
    json_object_set_new(defs, "disks", list_schema("size", 0, SCENARIO_MAX_DISKS));
    json_object_set_new(defs, "network", fields_schema(network_fields, N_FIELDS(network_fields)));
    json_object_set_new(
        defs, "networks", map_schema(PATTERN_NETWORK, "network", 1, SCENARIO_MAX_NETWORKS));
    json_object_set_new(
        defs, "address", json_pack("{s:s, s:s}", "type", "string", "pattern", PATTERN_ADDRESS));
    json_object_set_new(defs, "addresses", list_schema("address", 0, SCENARIO_MAX_ADDRS));
    json_object_set_new(
        defs, "nics", map_schema(PATTERN_NETWORK, "addresses", 1, SCENARIO_MAX_NETWORKS));
    json_object_set_new(
        defs, "node-name", json_pack("{s:s, s:s}", "type", "string", "pattern", PATTERN_NODE));
    json_object_set_new(defs, "node", fields_schema(node_fields, N_FIELDS(node_fields)));
    json_object_set_new(defs, "nodes", map_schema(PATTERN_NODE, "node", 1, SCENARIO_MAX_NODES));
}
