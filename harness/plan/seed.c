#include "plan/seed.h"

static void add(struct seed *s, const char *path, mode_t mode, char *data)
{
    struct seed_file *f = array_append(s->files, s->n);
    f->path = xstrdup(path);
    f->mode = mode;
    f->data = data;
}

static char *hosts(const struct plan *p)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
    for (size_t i = 0; i < p->n_nodes; i++) {
        const struct plan_node *n = &p->nodes[i];
        for (size_t k = 0; k < n->n_nics; k++) {
            for (size_t a = 0; a < n->nics[k].addresses.n; a++) {
                const char *text = n->nics[k].addresses.items[a];
                size_t len = strcspn(text, "/");
                /* The bare name leads to the first interface, "node-net" to each. */
                strbuf_addf(&b, "%.*s %s%s%s-%s\n", (int)len, text, k == 0 ? n->name : "",
                    k == 0 ? " " : "", n->name, n->nics[k].ifname);
            }
        }
    }
    return strbuf_steal(&b);
}

static void add_network(struct seed *s, const struct plan *p, const struct plan_nic *nic)
{
    _free_ char *link = xasprintf("/etc/systemd/network/10-%s.link", nic->ifname);
    add(s, link, 0644,
        xasprintf("[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n", nic->mac, nic->ifname));
    struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b, "[Match]\nMACAddress=%s\n\n[Link]\n", nic->mac);
    strbuf_addf(&b, "MTUBytes=%lld\n", (long long)p->segments[nic->segment].mtu);
    strbuf_adds(&b,
        "RequiredForOnline=no\n\n[Network]\nLinkLocalAddressing=ipv6\n"
        "IPv6AcceptRA=no\nIPv6DuplicateAddressDetection=0\nConfigureWithoutCarrier=yes\n");
    /* Nobody else has them. Without this the kernel waits for up to a second before it uses one,
     * also where no probe for duplicates is sent, and takes ::1 as the source of a ping. */
    for (size_t a = 0; a < nic->addresses.n; a++)
        strbuf_addf(&b, "\n[Address]\nAddress=%s\nDuplicateAddressDetection=none\n",
            nic->addresses.items[a]);
    _free_ char *network = xasprintf("/etc/systemd/network/10-%s.network", nic->ifname);
    add(s, network, 0644, strbuf_steal(&b));
}

static char *machine_id(const struct plan_node *n)
{
    struct strbuf b = STRBUF_INIT;
    for (const char *c = n->uuid; *c; c++)
        if (*c != '-')
            strbuf_add(&b, c, 1);
    strbuf_adds(&b, "\n");
    return strbuf_steal(&b);
}

void seed_make(const struct plan *p, size_t node, const struct seed_keys *keys, struct seed *ret)
{
    const struct plan_node *n = &p->nodes[node];
    struct seed s = {0};
    add(&s, "/etc/hostname", 0644, xasprintf("%s\n", n->name));
    add(&s, "/etc/hosts", 0644, hosts(p));
    add(&s, "/etc/machine-id", 0444, machine_id(n));
    for (size_t i = 0; i < n->n_nics; i++)
        add_network(&s, p, &n->nics[i]);
    add(&s, "/etc/ssh/ssh_host_ed25519_key", 0600, xstrdup(keys->host_private));
    add(&s, "/etc/ssh/ssh_host_ed25519_key.pub", 0644, xasprintf("%s\n", keys->host_public));
    add(&s, "/etc/ssh/labrun_grader_keys", 0644, xasprintf("%s\n", keys->grader_public));
    bool candidate = keys->candidate_public && !n->witness;
    add(&s, "/root/.ssh/authorized_keys", 0600,
        candidate ? xasprintf("%s\n", keys->candidate_public) : xstrdup(""));
    *ret = s;
}

void seed_free(struct seed *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->files[i].path);
        free(s->files[i].data);
    }
    free(s->files);
    *s = (struct seed){0};
}
