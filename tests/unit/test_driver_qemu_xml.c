#include "driver/qemu/domain.h"
#include "util/fs.h"
#include <criterion/criterion.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>

#define SCHEMA "/usr/share/libvirt/schemas/domain.rng"

static struct plan_nic nics[] = {
    {.segment = 0, .ifname = "public", .mac = "52:54:00:4c:01:01"},
    {.segment = 1, .ifname = "cluster", .mac = "52:54:00:4c:02:01"},
};
static int64_t disks_mib[] = {8192, 8192};
static struct plan_segment segments[] = {
    {.network = "public", .name = "labrun-x-public", .bridge = "lr1", .mtu = 1500},
    {.network = "cluster", .name = "labrun-x-cluster", .bridge = "lr2", .mtu = 9000},
};
static struct plan_node nodes[] = {
    {.name = "ceph1",
        .domain = "labrun-x-ceph1",
        .uuid = "3f1c2a6e-8a4f-5b1e-9d3c-0123456789ab",
        .memory_mib = 1024,
        .vcpus = 2,
        .disks_mib = disks_mib,
        .n_disks = 2,
        .nics = nics,
        .n_nics = 2},
    {.name = "client",
        .domain = "labrun-x-client",
        .uuid = "4f1c2a6e-8a4f-5b1e-9d3c-0123456789ab",
        .memory_mib = 384,
        .vcpus = 1,
        .nics = nics,
        .n_nics = 1},
};
static const struct plan plan = {.state_dir = "/var/lib/labrun",
    .lab = "x",
    .scenario = "ceph-degraded",
    .segments = segments,
    .n_segments = 2,
    .nodes = nodes,
    .n_nodes = 2};
static const struct qemu_host tcg = {
    .emulator = "/usr/bin/qemu-system-x86_64", .machine = "pc-q35-7.2", .cpu = "maximum"};
static const struct qemu_host kvm = {.kvm = true,
    .emulator = "/usr/bin/qemu-system-x86_64",
    .machine = "pc-q35-9.2",
    .cpu = "some digest"};
static const char *const disks[] = {"/l/root.qcow2", "/l/disk0.qcow2", "/l/disk1.qcow2"};

#define COMMON                                                                                     \
    .plan = &plan, .kernel = "/i/vmlinuz", .initrd = "/i/initrd", .disks = disks,                  \
    .console = "/l/console.log", .port = 40022

/* What is started, and the file below tests/golden that it must be equal to. */
static const struct {
    const char *golden;
    struct qemu_domain domain;
} rows[] = {
    {"qemu-image.xml", {COMMON, .node = 0, .host = &tcg, .seeding = true}},
    {"qemu-for-stage.xml",
        {COMMON, .node = 1, .host = &kvm, .seeding = true, .ram = "/l/ram", .ram_shared = true}},
    {"qemu-clone.xml",
        {COMMON, .node = 0, .host = &tcg, .ram = "/s/a,b/ram", .incoming = true,
            .clock = 1700000000}},
    {"qemu-reboot.xml", {COMMON, .node = 1, .host = &kvm, .clock = 1700000000}},
};
#define N_ROWS (sizeof rows / sizeof *rows)

Test(qemu_xml, equals_golden)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _free_ char *path = xasprintf("%s/golden/%s", TEST_DATA, rows[i].golden);
        _free_ char *xml = qemu_domain_xml(&rows[i].domain);
        _free_ char *golden = NULL;
        if (getenv("LABRUN_WRITE_GOLDEN"))
            cr_assert(file_write_atomic(path, xml, strlen(xml), 0644, &err));
        cr_assert(file_read(path, 1 << 20, &golden, NULL, &err), "%s", err.message);
        cr_expect_str_eq(xml, golden, "%s differs (LABRUN_WRITE_GOLDEN=1 writes it anew)\n%s",
            rows[i].golden, xml);
    }
}

Test(qemu_xml, is_valid_for_libvirt)
{
    if (!path_exists(SCHEMA))
        cr_skip_test("libvirt's schemas are not installed");
    xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(SCHEMA);
    xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);
    cr_assert(schema);
    for (size_t i = 0; i < N_ROWS; i++) {
        _free_ char *xml = qemu_domain_xml(&rows[i].domain);
        xmlDocPtr doc = xmlReadMemory(xml, (int)strlen(xml), rows[i].golden, NULL, 0);
        xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(schema);
        cr_expect_eq(xmlRelaxNGValidateDoc(valid, doc), 0, "%s is not valid", rows[i].golden);
        xmlRelaxNGFreeValidCtxt(valid);
        xmlFreeDoc(doc);
    }
    xmlRelaxNGFree(schema);
    xmlRelaxNGFreeParserCtxt(parser);
}

static int count(const char *text, const char *word)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
        n++;
    return n;
}

Test(qemu_xml, pci_addresses_are_all_fixed_and_different)
{
    /* The largest node there can be. */
    static int64_t many_mib[QEMU_MAX_DISKS];
    static struct plan_nic many_nics[SCENARIO_MAX_NETWORKS];
    const char *many_disks[QEMU_MAX_DISKS + 1];
    for (size_t i = 0; i <= QEMU_MAX_DISKS; i++)
        many_disks[i] = "/l/disk";
    for (size_t i = 0; i < SCENARIO_MAX_NETWORKS; i++)
        many_nics[i] = nics[0];
    struct plan_node big = nodes[0];
    big.disks_mib = many_mib;
    big.n_disks = QEMU_MAX_DISKS;
    big.nics = many_nics;
    big.n_nics = SCENARIO_MAX_NETWORKS;
    struct plan p = plan;
    p.nodes = &big;
    p.n_nodes = 1;
    struct qemu_domain d = {COMMON, .host = &tcg};
    d.plan = &p;
    d.disks = many_disks;
    _free_ char *xml = qemu_domain_xml(&d);
    int addresses = 0;
    for (unsigned slot = 0; slot < 32; slot++) {
        for (unsigned function = 0; function < 8; function++) {
            _free_ char *address = xasprintf("slot='0x%02x' function='0x%x'", slot, function);
            int n = count(xml, address);
            cr_expect_leq(n, 1, "%s is used %d times", address, n);
            cr_expect(n == 0 || (slot >= 2 && slot < 0x1d), "%s is not ours to use", address);
            addresses += n;
        }
    }
    cr_expect_eq(addresses, QEMU_MAX_DISKS + 1 + SCENARIO_MAX_NETWORKS + 2);
}

Test(qemu_xml, text_of_the_user_is_escaped)
{
    struct qemu_domain d = {COMMON, .host = &tcg, .ram = "/s/\"<&>'/ram"};
    d.console = "/l/<&>'\"";
    _free_ char *xml = qemu_domain_xml(&d);
    xmlDocPtr doc = xmlReadMemory(xml, (int)strlen(xml), "x", NULL, 0);
    cr_assert(doc, "%s", xml);
    xmlFreeDoc(doc);
}
