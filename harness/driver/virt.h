/* libvirt as the drivers use it: connections, errors copied into ours at once, objects found by the
 * UUID of the plan, and the <labrun:lab> element by which an object says which lab it is of.
 *
 * A connection may be used from many threads. No event loop is needed or run. */
#ifndef LABRUN_DRIVER_VIRT_H
#define LABRUN_DRIVER_VIRT_H

#include "driver/driver.h"
#include "driver/xml.h"
#include "util/error.h"
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* Opens URI, with libvirt's own error printer turned off. A daemon that is not there is LR_ESERVICE
 * with a hint how to start it. */
bool virt_open(const char *uri, virConnectPtr *ret, struct lr_error *err) _must_check_;

/* Sets ERR to the text, ": ", and libvirt's last error of this thread; to be called before any
 * other libvirt call. A lost daemon is LR_ESERVICE, everything else LR_EINFRA. Returns false. */
bool virt_error(struct lr_error *err, const char *fmt, ...) _printf_(2, 3);

/* True when libvirt's last error of this thread says that there is no such domain or network. */
bool virt_not_found(void);

/* The domain with this UUID, or *ret NULL when there is none. A domain of that UUID with another
 * name is an error. */
bool virt_domain_find(virConnectPtr c, const char *name, const char *uuid, virDomainPtr *ret,
    struct lr_error *err) _must_check_;
bool virt_network_find(virConnectPtr c, const char *name, const char *uuid, virNetworkPtr *ret,
    struct lr_error *err) _must_check_;

/* True, with a warning (util/log), when a domain or network of that name with another UUID is
 * there: it is somebody else's, and destroy() leaves it alone. */
bool virt_warn_foreign(virConnectPtr c, const char *domain, const char *network, const char *uuid);

/* Removes the log that libvirt keeps for every domain that ever was. DRIVER: "lxc" or "qemu". */
void virt_forget_log(const char *driver, const char *domain);

/* Writes the <metadata> element of a domain or a network of P; NODE NULL for a network. */
void virt_metadata_write(struct xml *x, const struct plan *p, const char *node);

/* The lab that the <metadata> of an object's XML names, or NULL; owned. */
char *virt_metadata_lab(const char *object_xml);

/* Removes the domains of C and then the networks that are ours (plan_is_ours with STATE_DIR) and
 * whose lab GUARD lets be claimed. END ends one domain in the driver's own way. Names are added to
 * ret_removed; DRY: only list. Goes on after a failure and reports the first. */
typedef bool (*virt_end_fn)(virDomainPtr dom, void *data, struct lr_error *err);
bool virt_reap(virConnectPtr c, const char *state_dir, const struct reap_guard *guard, bool dry,
    virt_end_fn end, void *data, struct strv *ret_removed, struct lr_error *err) _must_check_;

/* libvirt's destructors set an error when they are given NULL; these do not mind. */
static inline void cleanup_virt_connect(virConnectPtr *c)
{
    if (*c)
        virConnectClose(*c);
}
static inline void cleanup_virt_domain(virDomainPtr *d)
{
    if (*d)
        virDomainFree(*d);
}
static inline void cleanup_virt_network(virNetworkPtr *n)
{
    if (*n)
        virNetworkFree(*n);
}
#define _virt_connect_ _cleanup_(cleanup_virt_connect)
#define _virt_domain_  _cleanup_(cleanup_virt_domain)
#define _virt_network_ _cleanup_(cleanup_virt_network)

#endif
