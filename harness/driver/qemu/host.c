/* The host as libvirt's capabilities describe it. The machine type is pinned to the newest q35
 * there is: an alias would mean another machine after an upgrade, and stages would not fit any
 * more. */
#include "driver/qemu/host.h"
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <sys/utsname.h>

#define ARCH "x86_64"

static void end_doc(xmlDocPtr *doc)
{
    xmlFreeDoc(*doc);
}

static void end_context(xmlXPathContextPtr *context)
{
    xmlXPathFreeContext(*context);
}

static xmlDocPtr parse(const char *xml)
{
    return xmlReadMemory(xml, (int)strlen(xml), "capabilities.xml", NULL,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

/* The string value of an XPath expression over XML; NULL when empty or not there. Owned. */
static char *xpath(const char *xml, const char *expression)
{
    _cleanup_(end_doc) xmlDocPtr doc = parse(xml);
    if (!doc)
        return NULL;
    _cleanup_(end_context) xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST expression, context);
    if (!found)
        return NULL;
    xmlChar *text = xmlXPathCastToString(found);
    char *result = text && *text ? xstrdup((const char *)text) : NULL;
    xmlFree(text);
    xmlXPathFreeObject(found);
    return result;
}

/* What the host's CPU is to a guest that sees it: name and every feature. (Not the whole element:
 * it also holds frequencies, which differ from boot to boot.) */
static char *cpu_digest(const char *capabilities)
{
    _hasher_ struct hasher *h = hasher_new();
    _cleanup_(end_doc) xmlDocPtr doc = parse(capabilities);
    _cleanup_(end_context) xmlXPathContextPtr context = doc ? xmlXPathNewContext(doc) : NULL;
    xmlXPathObjectPtr found = context
        ? xmlXPathEvalExpression(BAD_CAST "/capabilities/host/cpu/model/text() |"
                                          "/capabilities/host/cpu/signature/@* |"
                                          "/capabilities/host/cpu/feature/@name",
              context)
        : NULL;
    for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
        hasher_adds(h, text ? (const char *)text : "");
        xmlFree(text);
    }
    xmlXPathFreeObject(found);
    return hasher_finish(h);
}

/* libvirt's DAC driver says whom it runs emulators as: "+64055:+64055", the same for both types of
 * domain. Without one: as itself. */
static bool read_owner(const char *capabilities, struct qemu_host *h, struct lr_error *err)
{
    _free_ char *label =
        xpath(capabilities, "string(//secmodel[model='dac']/baselabel[@type='qemu'])");
    if (!label)
        return true;
    unsigned uid;
    unsigned gid;
    if (sscanf(label, "+%u:+%u", &uid, &gid) != 2)
        return lr_error_set(err, LR_EINFRA, "libvirt's dac label '%s' is not understood", label);
    h->uid = uid;
    h->gid = gid;
    return true;
}

bool qemu_host_inspect(virConnectPtr c, struct qemu_host *ret, struct lr_error *err)
{
    struct qemu_host h = {.uid = 0};
    _free_ char *capabilities = virConnectGetCapabilities(c);
    if (!capabilities)
        return virt_error(err, "asking libvirt for its capabilities");
    if (!read_owner(capabilities, &h, err))
        return false;
    _free_ char *domcaps = NULL;
    h.kvm_finding = kvm_here(h.uid, h.gid);
    if (!h.kvm_finding.why_not &&
        !(domcaps = virConnectGetDomainCapabilities(c, NULL, ARCH, "q35", "kvm", 0)))
        h.kvm_finding = (struct kvm_finding){
            "/dev/kvm is there, but libvirt cannot use it", "systemctl restart libvirtd"};
    h.kvm = !h.kvm_finding.why_not;
    if (!h.kvm)
        domcaps = virConnectGetDomainCapabilities(c, NULL, ARCH, "q35", "qemu", 0);
    if (!domcaps)
        return virt_error(err, "asking libvirt for its " ARCH " emulator");
    if (virConnectGetVersion(c, &h.qemu_version) < 0)
        return virt_error(err, "asking libvirt for QEMU's version");
    if (virConnectGetLibVersion(c, &h.libvirt_version) < 0)
        return virt_error(err, "asking libvirt for its version");
    h.emulator = xpath(domcaps, "string(/domainCapabilities/path)");
    h.machine = xpath(domcaps, "string(/domainCapabilities/machine)");
    h.cpu = h.kvm ? cpu_digest(capabilities) : xstrdup("maximum");
    struct utsname u = {.release = "unknown"};
    uname(&u);
    h.kernel = xstrdup(h.kvm ? u.release : "any");
    if (!h.emulator || !h.machine) {
        qemu_host_free(&h);
        return lr_error_set(err, LR_EINFRA, "libvirt names no emulator for the q35 machine");
    }
    *ret = h;
    return true;
}

void qemu_host_free(struct qemu_host *h)
{
    free(h->emulator);
    free(h->machine);
    free(h->cpu);
    free(h->kernel);
    *h = (struct qemu_host){.uid = 0};
}

const char *qemu_host_accel(const struct qemu_host *h)
{
    return h->kvm ? "kvm" : "tcg";
}
