/* Everything labrun makes in libvirt carries the UUID that the plan gives its name, and only by
 * that UUID is anything found again, ended or reaped: a domain that merely looks like ours never
 * is. */
#include "driver/virt.h"
#include "driver/segment.h"
#include "util/log.h"
#include <libxml/parser.h>
#include <libxml/tree.h>

#define METADATA_PREFIX "labrun"

static void ignore_error(void *data, virErrorPtr e)
{
    (void)data;
    (void)e;
}

static bool is_lost_daemon(const virError *e)
{
    return e->domain == VIR_FROM_RPC || e->code == VIR_ERR_NO_CONNECT || e->code == VIR_ERR_RPC ||
        e->code == VIR_ERR_AUTH_UNAVAILABLE;
}

bool virt_error(struct lr_error *err, const char *fmt, ...)
{
    const virError *e = virGetLastError();
    enum lr_code code = e && is_lost_daemon(e) ? LR_ESERVICE : LR_EINFRA;
    _free_ char *text = xstrdup(e && e->message ? e->message : "libvirt gave no reason");
    va_list ap;
    va_start(ap, fmt);
    _free_ char *what = xvasprintf(fmt, ap);
    va_end(ap);
    lr_error_set(err, code, "%s: %s", what, text);
    if (code == LR_ESERVICE)
        lr_error_hint(err,
            "is the libvirt daemon running? `systemctl start libvirtd`, or, where "
            "there is no systemd, `virtlogd -d; libvirtd -d`");
    return false;
}

bool virt_not_found(void)
{
    const virError *e = virGetLastError();
    return e && (e->code == VIR_ERR_NO_DOMAIN || e->code == VIR_ERR_NO_NETWORK);
}

bool virt_open(const char *uri, virConnectPtr *ret, struct lr_error *err)
{
    /* The default printer would write every error to stderr behind our back; NULL restores it, so
     * it takes a function that does nothing. */
    virSetErrorFunc(NULL, ignore_error);
    if (virInitialize() < 0)
        return virt_error(err, "initialising libvirt");
    virConnectPtr c = virConnectOpen(uri);
    if (!c) {
        virt_error(err, "connecting to libvirt at '%s'", uri);
        err->code = LR_ESERVICE;
        return lr_error_hint(err, "does this host's libvirt have that driver? (`labrun doctor`)");
    }
    *ret = c;
    return true;
}

bool virt_domain_find(
    virConnectPtr c, const char *name, const char *uuid, virDomainPtr *ret, struct lr_error *err)
{
    _virt_domain_ virDomainPtr d = virDomainLookupByUUIDString(c, uuid);
    if (!d && !virt_not_found())
        return virt_error(err, "looking for domain '%s'", name);
    if (d && !streq(virDomainGetName(d), name))
        return lr_error_set(err, LR_EINFRA, "domain '%s' has the UUID that belongs to '%s'",
            virDomainGetName(d), name);
    *ret = STEAL(d);
    return true;
}

bool virt_network_find(
    virConnectPtr c, const char *name, const char *uuid, virNetworkPtr *ret, struct lr_error *err)
{
    _virt_network_ virNetworkPtr n = virNetworkLookupByUUIDString(c, uuid);
    if (!n && !virt_not_found())
        return virt_error(err, "looking for network '%s'", name);
    if (n && !streq(virNetworkGetName(n), name))
        return lr_error_set(err, LR_EINFRA, "network '%s' has the UUID that belongs to '%s'",
            virNetworkGetName(n), name);
    *ret = STEAL(n);
    return true;
}

bool virt_warn_foreign(virConnectPtr c, const char *domain, const char *network, const char *uuid)
{
    char theirs[VIR_UUID_STRING_BUFLEN];
    bool foreign = false;
    _virt_domain_ virDomainPtr d = domain ? virDomainLookupByName(c, domain) : NULL;
    if (d && virDomainGetUUIDString(d, theirs) == 0 && !streq(theirs, uuid)) {
        log_warning(
            "domain '%s' was not made by this labrun (UUID %s): left alone", domain, theirs);
        foreign = true;
    }
    _virt_network_ virNetworkPtr n = network ? virNetworkLookupByName(c, network) : NULL;
    if (n && virNetworkGetUUIDString(n, theirs) == 0 && !streq(theirs, uuid)) {
        log_warning(
            "network '%s' was not made by this labrun (UUID %s): left alone", network, theirs);
        foreign = true;
    }
    return foreign;
}

void virt_forget_log(const char *driver, const char *domain)
{
    _free_ char *path = xasprintf("/var/log/libvirt/%s/%s.log", driver, domain);
    unlink(path);
}

void virt_metadata_write(struct xml *x, const struct plan *p, const char *node)
{
    xml_open(x, "metadata");
    xml_open(x, METADATA_PREFIX ":lab");
    xml_attr(x, "xmlns:" METADATA_PREFIX, PLAN_METADATA_URI);
    xml_attr(x, "name", p->lab);
    xml_attr(x, "scenario", p->scenario);
    if (node)
        xml_attr(x, "node", node);
    xml_attr(x, "state", p->state_dir);
    xml_close(x);
    xml_close(x);
}

static const xmlNode *child(const xmlNode *parent, const char *name, const char *ns)
{
    for (const xmlNode *n = parent ? parent->children : NULL; n; n = n->next) {
        if (n->type != XML_ELEMENT_NODE || !streq((const char *)n->name, name))
            continue;
        if (!ns || (n->ns && n->ns->href && streq((const char *)n->ns->href, ns)))
            return n;
    }
    return NULL;
}

char *virt_metadata_lab(const char *object_xml)
{
    xmlDocPtr doc = xmlReadMemory(object_xml, (int)strlen(object_xml), "object.xml", NULL,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc)
        return NULL;
    const xmlNode *metadata = child(xmlDocGetRootElement(doc), "metadata", NULL);
    const xmlNode *lab = child(metadata, "lab", PLAN_METADATA_URI);
    xmlChar *name = lab ? xmlGetProp(lab, BAD_CAST "name") : NULL;
    char *owned = xstrdup((const char *)name);
    xmlFree(name);
    xmlFreeDoc(doc);
    return owned;
}

/* What a reap goes by, and what it has found so far. */
struct reap {
    const char *state_dir;
    const struct reap_guard *guard;
    bool dry;
    virt_end_fn end;
    void *data;
    struct strv *removed;
    struct lr_error *err;
    bool ok;
};

/* An object whose lab is no more, and is not made anew meanwhile. */
struct orphan {
    char *lab;
    int lock;
};

/* Takes over XML, the description of the object. */
static bool claim_orphan(
    const struct reap *r, const char *name, const char *uuid, char *xml, struct orphan *ret)
{
    _free_ char *owned = xml;
    _free_ char *lab = owned ? virt_metadata_lab(owned) : NULL;
    int lock;
    if (!lab || !plan_is_ours(r->state_dir, name, uuid) ||
        !r->guard->claim(lab, r->guard->data, &lock))
        return false;
    *ret = (struct orphan){STEAL(lab), lock};
    return true;
}

static void let_go(const struct reap *r, struct orphan *o)
{
    r->guard->release(o->lab, r->guard->data, o->lock);
    free(o->lab);
}

static void reaped(struct reap *r, const char *kind, const char *name, bool ok, struct lr_error *e)
{
    if (ok)
        strv_addf(r->removed, "%s %s", kind, name);
    else if (r->ok)
        lr_error_move(r->err, e);
    r->ok = r->ok && ok;
}

static void reap_domain(struct reap *r, virDomainPtr d)
{
    struct orphan o;
    char uuid[VIR_UUID_STRING_BUFLEN];
    const char *name = virDomainGetName(d);
    if (!has_prefix(name, PLAN_PREFIX) || virDomainGetUUIDString(d, uuid) < 0 ||
        !claim_orphan(r, name, uuid, virDomainGetXMLDesc(d, 0), &o))
        return;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    bool ok = r->dry || r->end(d, r->data, &e);
    let_go(r, &o);
    reaped(r, "domain", name, ok, &e);
}

static void reap_network(struct reap *r, virNetworkPtr n)
{
    struct orphan o;
    char uuid[VIR_UUID_STRING_BUFLEN];
    const char *name = virNetworkGetName(n);
    if (!has_prefix(name, PLAN_PREFIX) || virNetworkGetUUIDString(n, uuid) < 0 ||
        !claim_orphan(r, name, uuid, virNetworkGetXMLDesc(n, 0), &o))
        return;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    bool ok = r->dry || segment_end(n, r->state_dir, &e);
    let_go(r, &o);
    reaped(r, "network", name, ok, &e);
}

bool virt_reap(virConnectPtr c, const char *state_dir, const struct reap_guard *guard, bool dry,
    virt_end_fn end, void *data, struct strv *ret_removed, struct lr_error *err)
{
    struct reap r = {state_dir, guard, dry, end, data, ret_removed, err, true};
    _free_ virDomainPtr *domains = NULL;
    int n = virConnectListAllDomains(c, &domains, 0);
    if (n < 0)
        return virt_error(err, "listing domains");
    for (int i = 0; i < n; i++) {
        reap_domain(&r, domains[i]);
        virDomainFree(domains[i]);
    }
    _free_ virNetworkPtr *networks = NULL;
    n = virConnectListAllNetworks(c, &networks, 0);
    if (n < 0)
        r.ok = virt_error(err, "listing networks");
    for (int i = 0; i < n; i++) {
        reap_network(&r, networks[i]);
        virNetworkFree(networks[i]);
    }
    return r.ok;
}
