#include "driver/qemu/start.h"
#include "driver/qemu/domain.h"
#include "driver/qemu/manifest.h"
#include "util/fs.h"
#include "util/log.h"

#define PORT_TRIES 5

static char *memory_path(const struct start *s, const struct plan_node *node)
{
    if (s->lab->for_stage)
        return qemu_ram_path(s->lab_dir, node);
    return s->stage_dir ? qemu_stage_path(s->stage_dir, node, "ram") : NULL;
}

static char *domain_xml(const struct start *s, size_t i, unsigned port)
{
    const struct plan_node *node = &s->plan->nodes[i];
    _free_ char *kernel = path_join(s->lab->images.items[i], "vmlinuz");
    _free_ char *initrd = s->seeding ? qemu_lab_path(s->lab_dir, node, "initrd")
                                     : path_join(s->lab->images.items[i], "initrd");
    _free_ char *console = qemu_lab_path(s->lab_dir, node, "console.log");
    _free_ char *ram = memory_path(s, node);
    _strv_ struct strv disks = STRV_INIT;
    for (size_t k = 0; k <= node->n_disks; k++) {
        _free_ char *name = qemu_disk_name(k);
        _free_ char *path = qemu_lab_path(s->lab_dir, node, name);
        strv_add(&disks, path);
    }
    return qemu_domain_xml(&(struct qemu_domain){
        .plan = s->plan,
        .node = i,
        .host = &s->driver->host,
        .kernel = kernel,
        .initrd = initrd,
        .seeding = s->seeding,
        .disks = (const char *const *)disks.items,
        .console = console,
        .ram = ram,
        .ram_shared = s->lab->for_stage,
        .port = port,
        .incoming = s->stage_dir != NULL,
        .clock = s->clock,
    });
}

/* The port was free a moment ago; somebody else may have it by now. */
static bool is_port_taken(void)
{
    const virError *e = virGetLastError();
    return e && e->message && strstr(e->message, "host forwarding rule");
}

bool start_domain(const struct start *s, size_t i, virDomainPtr *ret, struct lr_error *err)
{
    const struct plan_node *node = &s->plan->nodes[i];
    unsigned flags = s->stage_dir || s->paused ? VIR_DOMAIN_START_PAUSED : 0;
    for (int try = 1;; try++) {
        unsigned port;
        if (!cancel_check(err) || !qemu_port_pick(s->lab_dir, node, &port, err))
            return false;
        _free_ char *xml = domain_xml(s, i, port);
        virDomainPtr dom = virDomainCreateXML(s->driver->conn, xml, flags);
        if (dom) {
            *ret = dom;
            return true;
        }
        if (!is_port_taken() || try == PORT_TRIES)
            return virt_error(err, "starting node '%s'", node->name);
        log_debug("port %u was taken before node '%s' could have it", port, node->name);
    }
}
