#include "plan/seed.h"
#include <criterion/criterion.h>

static struct scenario *two_nodes(void)
{
    struct scenario *sc = xnew(struct scenario);
    sc->name = xstrdup("demo");
    strv_add(&sc->needs, "kernel.tun");
    struct network *net = array_append(sc->networks, sc->n_networks);
    net->name = xstrdup("public");
    net->mtu = 9000;
    for (int i = 1; i <= 2; i++) {
        struct node *n = array_append(sc->nodes, sc->n_nodes);
        n->name = xasprintf("n%d", i);
        n->image = xstrdup("mini");
        n->witness = i == 2;
        n->memory_mib = 256;
        n->vcpus = 1;
        *array_append(n->disks_mib, n->n_disks) = 64;
        struct nic *nic = array_append(n->nics, n->n_nics);
        struct address *a = array_append(nic->addresses, nic->n_addresses);
        snprintf(a->text, sizeof a->text, "10.0.0.%d/24", i);
        a = array_append(nic->addresses, nic->n_addresses);
        snprintf(a->text, sizeof a->text, "fd00::%d/64", i);
    }
    return sc;
}

Test(plan, names_are_stable_and_checkable)
{
    _scenario_ struct scenario *sc = two_nodes();
    _plan_ struct plan *a = plan_make(sc, "/var/lib/labrun", "demo-1");
    _plan_ struct plan *b = plan_make(sc, "/srv/other", "demo-1");
    cr_assert_str_eq(a->nodes[0].domain, "labrun-demo-1.n1");
    cr_assert_str_eq(a->segments[0].name, "labrun-demo-1.public");
    cr_assert_leq(strlen(a->segments[0].bridge), 15);
    cr_assert_str_neq(a->segments[0].bridge, b->segments[0].bridge);
    cr_assert(plan_is_ours("/var/lib/labrun", a->nodes[0].domain, a->nodes[0].uuid));
    cr_assert(!plan_is_ours("/srv/other", a->nodes[0].domain, a->nodes[0].uuid));
    _free_ char *foreign = plan_uuid("/var/lib/labrun", "somebody");
    cr_assert(!plan_is_ours("/var/lib/labrun", "somebody", foreign));
    cr_assert_str_eq(a->nodes[1].nics[0].mac, b->nodes[1].nics[0].mac, "clones keep their MACs");
    cr_assert_str_neq(a->nodes[0].nics[0].mac, a->nodes[1].nics[0].mac);
}

Test(plan, survives_json)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _scenario_ struct scenario *sc = two_nodes();
    _plan_ struct plan *a = plan_make(sc, "/var/lib/labrun", "demo-1");
    _json_ json_t *j = plan_to_json(a);
    _plan_ struct plan *b = NULL;
    cr_assert(plan_from_json(j, &b, &err), "%s", err.message);
    _json_ json_t *again = plan_to_json(b);
    cr_assert(json_equal(j, again));
    cr_assert(b->tun);
    cr_assert_str_eq(a->nodes[1].uuid, b->nodes[1].uuid);
    cr_assert_str_eq(b->nodes[1].nics[0].addresses.items[1], "fd00::2/64");
}

Test(plan, malformed_json_is_refused)
{
    static const char *const bad[] = {"{}", "[]",
        "{\"state_dir\":\"/s\",\"lab\":\"l\",\"scenario\":\"x\",\"segments\":[{}],\"nodes\":[]}",
        "{\"state_dir\":\"/s\",\"lab\":\"l\",\"scenario\":\"x\",\"segments\":[],\"nodes\":[{\"name\":"
        "\"n\",\"image\":\"i\",\"witness\":false,\"memory_mib\":1,\"vcpus\":1,\"disks_mib\":[],"
        "\"nics\":[{\"segment\":3,\"addresses\":[]}]}]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _json_ json_t *j = json_loads(bad[i], 0, NULL);
        _plan_ struct plan *p = NULL;
        cr_assert(j);
        cr_assert(!plan_from_json(j, &p, &err), "case %zu", i);
    }
}

static const char *file_of(const struct seed *s, const char *path)
{
    for (size_t i = 0; i < s->n; i++)
        if (streq(s->files[i].path, path))
            return s->files[i].data;
    return NULL;
}

Test(seed, candidate_key_only_where_the_candidate_may)
{
    _scenario_ struct scenario *sc = two_nodes();
    _plan_ struct plan *p = plan_make(sc, "/var/lib/labrun", "demo-1");
    struct seed_keys keys = {"PRIVATE", "PUBLIC", "GRADER", "CANDIDATE"};
    struct seed node, witness;
    seed_make(p, 0, &keys, &node);
    seed_make(p, 1, &keys, &witness);
    cr_assert_str_eq(file_of(&node, "/root/.ssh/authorized_keys"), "CANDIDATE\n");
    cr_assert_str_eq(file_of(&witness, "/root/.ssh/authorized_keys"), "");
    cr_assert_str_eq(file_of(&witness, "/etc/ssh/labrun_grader_keys"), "GRADER\n");
    cr_assert_str_eq(file_of(&node, "/etc/hostname"), "n1\n");
    cr_assert(strstr(file_of(&node, "/etc/hosts"), "\nfd00::2 n2 n2-public\n"));
    const char *network = file_of(&node, "/etc/systemd/network/10-public.network");
    cr_assert(strstr(network, "MTUBytes=9000\n") &&
        strstr(network, "\n[Address]\nAddress=10.0.0.1/24\nDuplicateAddressDetection=none\n"));
    seed_free(&node);
    seed_free(&witness);
}
