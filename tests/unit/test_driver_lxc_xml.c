/* What libvirt is told about a container and about a segment: equal to the files under
 * tests/golden, and valid by libvirt's own schemas. */
#include "driver/lxc/lxc.h"
#include "driver/segment.h"
#include "util/fs.h"
#include <criterion/criterion.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>

#define SCHEMAS "/usr/share/libvirt/schemas"

static struct plan_nic nics[] = {
    {.segment = 0, .ifname = "public", .mac = "52:54:00:4c:01:01"},
    {.segment = 1, .ifname = "cluster", .mac = "52:54:00:4c:02:01"},
};
static struct plan_segment segments[] = {
    {.network = "public",
        .name = "labrun-x-public",
        .uuid = "1f1c2a6e-8a4f-5b1e-9d3c-0123456789ab",
        .bridge = "lr1f1c2a6e8a4f",
        .mtu = 1500},
    {.network = "cluster",
        .name = "labrun-x-cluster",
        .uuid = "2f1c2a6e-8a4f-5b1e-9d3c-0123456789ab",
        .bridge = "lr2f1c2a6e8a4f",
        .mtu = 9000},
};
static struct plan_node nodes[] = {
    {.name = "ceph1",
        .domain = "labrun-x-ceph1",
        .uuid = "3f1c2a6e-8a4f-5b1e-9d3c-0123456789ab",
        .memory_mib = 1024,
        .vcpus = 2,
        .nics = nics,
        .n_nics = 2},
    {.name = "lonely",
        .domain = "labrun-x-lonely",
        .uuid = "4f1c2a6e-8a4f-5b1e-9d3c-0123456789ab",
        .memory_mib = 384,
        .vcpus = 1},
};
/* A scenario's name and a state folder come from people. */
static const struct plan plan = {.state_dir = "/srv/a & b/<labs>",
    .lab = "x",
    .scenario = "it's \"quoted\"",
    .segments = segments,
    .n_segments = 2,
    .nodes = nodes,
    .n_nodes = 2};

static char *tun_xml(size_t i)
{
    struct plan with = plan;
    with.tun = true;
    return lxc_domain_xml(&with, i, "/srv/labs/x/nodes/n/root", 0x10000000);
}

static char *node_xml(size_t i)
{
    return lxc_domain_xml(&plan, i, "/srv/a & b/<labs>/labs/x/nodes/n/root", 0x10000000);
}

static char *network_xml(size_t i)
{
    return segment_xml(&plan, i);
}

static const struct {
    const char *golden;
    const char *schema;
    char *(*write)(size_t i);
    size_t index;
} rows[] = {
    {"lxc-node.xml", SCHEMAS "/domain.rng", node_xml, 0},
    {"lxc-no-nic.xml", SCHEMAS "/domain.rng", node_xml, 1},
    {"lxc-tun.xml", SCHEMAS "/domain.rng", tun_xml, 1},
    {"segment.xml", SCHEMAS "/network.rng", network_xml, 0},
    {"segment-mtu.xml", SCHEMAS "/network.rng", network_xml, 1},
};
#define N_ROWS (sizeof rows / sizeof *rows)

Test(lxc_xml, equals_golden)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        _free_ char *path = xasprintf("%s/golden/%s", TEST_DATA, rows[i].golden);
        _free_ char *xml = rows[i].write(rows[i].index);
        _free_ char *golden = NULL;
        if (getenv("LABRUN_WRITE_GOLDEN"))
            cr_assert(file_write_atomic(path, xml, strlen(xml), 0644, &err));
        cr_assert(file_read(path, 1 << 20, &golden, NULL, &err), "%s", err.message);
        cr_expect_str_eq(xml, golden, "%s differs (LABRUN_WRITE_GOLDEN=1 writes it anew)\n%s",
            rows[i].golden, xml);
    }
}

static int validate(const char *schema_file, const char *xml)
{
    xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(schema_file);
    xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);
    cr_assert(schema);
    xmlDocPtr doc = xmlReadMemory(xml, (int)strlen(xml), "x.xml", NULL, 0);
    cr_assert(doc);
    xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(schema);
    int rc = xmlRelaxNGValidateDoc(valid, doc);
    xmlRelaxNGFreeValidCtxt(valid);
    xmlFreeDoc(doc);
    xmlRelaxNGFree(schema);
    xmlRelaxNGFreeParserCtxt(parser);
    return rc;
}

Test(lxc_xml, is_valid_for_libvirt)
{
    if (!path_exists(SCHEMAS))
        cr_skip_test("libvirt's schemas are not installed");
    for (size_t i = 0; i < N_ROWS; i++) {
        _free_ char *xml = rows[i].write(rows[i].index);
        cr_expect_eq(validate(rows[i].schema, xml), 0, "%s is not valid", rows[i].golden);
    }
    cr_expect_neq(validate(SCHEMAS "/domain.rng", "<domain type='lxc'/>"), 0);
}

Test(lxc_xml, names_of_host_interfaces_fit_and_differ)
{
    _free_ char *a = lxc_host_ifname(&nodes[0], 0);
    _free_ char *b = lxc_host_ifname(&nodes[0], SCENARIO_MAX_NETWORKS - 1);
    _free_ char *c = lxc_host_ifname(&nodes[1], 0);
    cr_expect_leq(strlen(b), (size_t)15);
    cr_expect(!streq(a, b) && !streq(a, c));
}

Test(lxc_xml, metadata_names_the_lab)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        _free_ char *xml = rows[i].write(rows[i].index);
        _free_ char *lab = virt_metadata_lab(xml);
        cr_expect_str_eq(lab, "x");
    }
    static const char *const foreign[] = {
        "",
        "not xml",
        "<domain/>",
        "<domain><metadata/></domain>",
        "<domain><metadata><lab name='x'/></metadata></domain>",
        "<domain><metadata><l:lab xmlns:l='urn:other' name='x'/></metadata></domain>",
        "<domain><lab xmlns='" PLAN_METADATA_URI "' name='x'/></domain>",
        "<domain><metadata><lab xmlns='" PLAN_METADATA_URI "'/></metadata></domain>",
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        cr_expect_null(virt_metadata_lab(foreign[i]), "%s", foreign[i]);
}
