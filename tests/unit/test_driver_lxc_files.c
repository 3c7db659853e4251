/* The files of the lxc driver: records, uid ranges, seeds in hostile roots, stages. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE 0x20000000U

static struct lr_error err;
static char dir[64];

static void make_dir(void)
{
    if (geteuid() != 0)
        cr_skip_test("files of other owners take root");
    strcpy(dir, "/tmp/labrun-lxc-XXXXXX");
    cr_assert(mkdtemp(dir));
}

static void remove_dir(void)
{
    if (*dir)
        cr_expect(tree_remove(dir, &err), "%s", err.message);
    lr_error_clear(&err);
}

TestSuite(lxc_files, .init = make_dir, .fini = remove_dir);

static char *in_dir(const char *path)
{
    return path_join(dir, path);
}

static void write_text(const char *path, const char *text)
{
    _free_ char *full = in_dir(path);
    _free_ char *folder = xstrndup(full, (size_t)(strrchr(full, '/') - full));
    cr_assert(dir_make(folder, 0755, &err));
    cr_assert(file_write_atomic(full, text, strlen(text), 0644, &err), "%s", err.message);
}

static void expect_file(const char *path, const char *text, mode_t mode, uid_t uid)
{
    _free_ char *full = in_dir(path);
    _free_ char *data = NULL;
    struct stat st;
    cr_assert(file_read(full, 4096, &data, NULL, &err), "%s", err.message);
    cr_assert(lstat(full, &st) == 0 && S_ISREG(st.st_mode), "%s", path);
    cr_expect_str_eq(data, text);
    cr_expect_eq(st.st_mode & 07777, mode, "%s: %o", path, st.st_mode);
    cr_expect_eq(st.st_uid, uid, "%s: %u", path, st.st_uid);
}

static struct seed_file seeds[] = {
    {"/etc/hostname", 0644, (char *)"n1\n"},
    {"/root/.ssh/authorized_keys", 0600, (char *)"key\n"},
    {"/a/b/c", 0755, (char *)""},
};
static const struct seed seed = {seeds, 3};
static int64_t disks_mib[] = {8192, 16};
static const struct plan_node node = {.name = (char *)"n1", .disks_mib = disks_mib, .n_disks = 2};

Test(lxc_files, seeds_and_disks)
{
    _free_ char *root = in_dir("root");
    _free_ char *disk = in_dir("root/lab/disk0");
    _free_ char *ssh = in_dir("root/root/.ssh");
    struct stat st;
    write_text("root/etc/passwd", "root:x:0:0::/:/bin/sh\nceph:x:64045:64046::/:/bin/sh\n");
    write_text("root/etc/hostname", "old");
    cr_assert(lxc_rootfs_fill(root, BASE, &seed, &node, &err), "%s", err.message);
    expect_file("root/etc/hostname", "n1\n", 0644, BASE);
    expect_file("root/root/.ssh/authorized_keys", "key\n", 0600, BASE);
    expect_file("root/a/b/c", "", 0755, BASE);
    cr_assert(stat(ssh, &st) == 0);
    cr_expect(st.st_uid == BASE && (st.st_mode & 07777) == 0700);
    cr_assert(stat(disk, &st) == 0);
    cr_expect(st.st_size == (off_t)8 << 30 && st.st_blocks == 0);
    cr_expect(st.st_uid == BASE + 64045 && st.st_gid == BASE + 64046);
    /* What a stage has brought stays as it is; seeds are written anew. */
    cr_assert(truncate(disk, 5) == 0);
    cr_assert(lxc_rootfs_fill(root, BASE, &seed, &node, &err), "%s", err.message);
    cr_assert(stat(disk, &st) == 0);
    cr_expect_eq(st.st_size, 5);
}

/* A root whose links all lead to where only the host may write. */
Test(lxc_files, no_path_leads_out_of_the_root)
{
    _free_ char *root = in_dir("root");
    _free_ char *victim = in_dir("victim");
    static const char *const links[] = {"etc", "root", "lab", "a"};
    write_text("victim/keep", "");
    write_text("root/keep", "");
    for (size_t i = 0; i < 4; i++) {
        _free_ char *link = path_join(root, links[i]);
        cr_assert(symlink(i % 2 ? "../victim" : victim, link) == 0);
    }
    if (lxc_rootfs_fill(root, BASE, &seed, &node, &err))
        cr_expect_fail("links to nowhere (seen from inside) were followed");
    lr_error_clear(&err);
    _strv_ struct strv names = STRV_INIT;
    cr_assert(dir_list(victim, &names, &err));
    cr_expect_eq(names.n, 1, "something was written outside");

    /* A file that is a link is replaced, not written through. */
    _free_ char *etc = in_dir("root2/etc");
    _free_ char *hostname = path_join(etc, "hostname");
    _free_ char *root2 = in_dir("root2");
    _free_ char *target = in_dir("victim/keep");
    cr_assert(dir_make(etc, 0755, &err));
    cr_assert(symlink(target, hostname) == 0);
    cr_assert(lxc_rootfs_fill(root2, BASE, &seed, &node, &err), "%s", err.message);
    expect_file("victim/keep", "", 0644, 0);
    expect_file("root2/etc/hostname", "n1\n", 0644, BASE);
}

static uint32_t choose(const char *seed_text)
{
    uint32_t base = 0;
    cr_assert(lxc_uids_choose(dir, seed_text, &base, &err), "%s", err.message);
    return base;
}

Test(lxc_files, uid_ranges_do_not_meet)
{
    uint32_t first = choose("a");
    cr_expect_eq(choose("a"), first);
    cr_expect(first >= 0x10000000U && first % LXC_UID_COUNT == 0);
    cr_expect_neq(choose("b"), first);
    _free_ char *record = xasprintf("{\"uid_base\": %u}", first);
    write_text("lab1/lxc.json", record);
    uint32_t second = choose("a");
    cr_expect_eq(second, first + LXC_UID_COUNT);
    /* One that overlaps two slots takes both; damaged files take none. */
    _free_ char *overlap = xasprintf("{\"uid_base\": %u}", second + 5);
    write_text("lab2/lxc.json", overlap);
    write_text("lab3/lxc.json", "{\"uid_base\": \"x\"");
    cr_expect_eq(choose("a"), second + 2 * LXC_UID_COUNT);
}

static struct plan_node nodes[] = {{.name = (char *)"n1",
                                       .domain = (char *)"labrun-x-n1",
                                       .uuid = (char *)"3f1c2a6e-8a4f-5b1e-9d3c-0123456789ab"},
    {.name = (char *)"n2",
        .domain = (char *)"labrun-x-n2",
        .uuid = (char *)"4f1c2a6e-8a4f-5b1e-9d3c-0123456789ab"}};

Test(lxc_files, record_is_written_and_read)
{
    const struct plan p = {.state_dir = dir, .nodes = nodes, .n_nodes = 2};
    const char *images[] = {"/i/one", "/i/two"};
    const struct driver_source src = {.image_dirs = images};
    _lxc_record_ struct lxc_record made = {0}, read = {0}, other = {0};
    _free_ char *lab = in_dir("labs/x");
    cr_assert(dir_make(lab, 0755, &err));
    cr_assert(lxc_record_make(&p, &src, lab, &made, &err), "%s", err.message);
    cr_assert(lxc_record_load(&p, lab, &read, &err), "%s", err.message);
    cr_expect(read.uid_base == made.uid_base && read.n_nodes == 2 && read.nodes[1].n == 2);
    cr_expect_str_eq(read.nodes[1].layers[0].path, "/i/two/root");
    cr_expect_str_eq(read.nodes[0].layers[1].path, "/i/one/lxc");
    cr_expect_eq(read.nodes[0].layers[0].uid_base, 0);
    /* Another lab beside it gets another range; a plan of other nodes is refused. */
    _free_ char *lab2 = in_dir("labs/y");
    cr_assert(dir_make(lab2, 0755, &err));
    cr_assert(lxc_record_make(&p, &src, lab2, &other, &err), "%s", err.message);
    cr_expect_neq(other.uid_base, made.uid_base);
    const struct plan fewer = {.state_dir = dir, .nodes = nodes, .n_nodes = 1};
    _lxc_record_ struct lxc_record none = {0};
    cr_expect_not(lxc_record_load(&fewer, lab, &none, &err));
}

static bool verify(const struct plan *p)
{
    lr_error_clear(&err);
    return lxc_verify_stage(NULL, p, dir, &err);
}

Test(lxc_files, a_damaged_stage_is_told)
{
    const struct plan p = {.state_dir = dir, .nodes = nodes, .n_nodes = 1};
    _free_ char *upper = in_dir("n1/upper");
    write_text("n1/upper/etc/file", "12345");
    cr_assert(chown(upper, BASE, BASE) == 0);
    cr_expect_not(verify(&p)); /* no manifest yet */
    _free_ char *manifest = xasprintf("{\"format\": 1, \"uid_base\": %u, \"nodes\": "
                                      "[{\"name\": \"n1\", \"entries\": 3, \"bytes\": 5}]}",
        BASE);
    write_text("lxc.json", manifest);
    cr_expect(verify(&p), "%s", err.message);
    uint32_t base = 0;
    cr_expect(lxc_stage_uid_base(dir, &base, &err) && base == BASE);
    write_text("n1/upper/etc/file", "1234");
    cr_expect_not(verify(&p));
    write_text("n1/upper/etc/file", "12345");
    write_text("n1/upper/more", "");
    cr_expect_not(verify(&p));
    _free_ char *more = in_dir("n1/upper/more");
    cr_assert(unlink(more) == 0);
    cr_expect(verify(&p), "%s", err.message);
    cr_assert(chown(upper, 0, 0) == 0);
    cr_expect_not(verify(&p));
    cr_assert(chown(upper, BASE, BASE) == 0);
    const struct plan more_nodes = {.state_dir = dir, .nodes = nodes, .n_nodes = 2};
    cr_expect_not(verify(&more_nodes));
    write_text("lxc.json", "{\"format\": 2}");
    cr_expect_not(verify(&p));
}

static bool open_many(size_t i, void *data, struct lr_error *err)
{
    (void)data;
    for (int k = 0; k < 60; k++) {
        _close_ int fd = -1;
        if (!lxc_userns_open(0, 100000 + (uint32_t)i * LXC_UID_COUNT, &fd, err))
            return false;
    }
    return true;
}

/* Labs that are brought up at once fork at once, and what is forked has the others' pipes. */
Test(lxc_userns, many_at_a_time_do_not_wait_for_each_other, .timeout = 60)
{
    if (geteuid() != 0)
        cr_skip_test("a mapping of many users takes root");
    cr_assert(parallel_run(8, open_many, NULL, &err), "%s", err.message);
}
