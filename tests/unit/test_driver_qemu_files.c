#include "driver/qemu/lab.h"
#include "driver/qemu/manifest.h"
#include "driver/qemu/overlay.h"
#include "driver/qemu/store.h"
#include "util/fs.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct lr_error err;
static char *dir;

static void set_up(void)
{
    dir = xstrdup("/var/tmp/labrun-qemu-files-XXXXXX");
    cr_assert(mkdtemp(dir));
    err = LR_ERROR_INIT;
}

static void tear_down(void)
{
    lr_error_clear(&err);
    cr_assert(tree_remove(dir, &err));
    free(dir);
}

TestSuite(qemu_files, .init = set_up, .fini = tear_down);

/* The tests run as anybody: the emulator's user is whoever that is. */
static struct qemu_host host(void)
{
    return (struct qemu_host){.emulator = "/qemu",
        .machine = "pc-q35-7.2",
        .cpu = "maximum",
        .kernel = "any",
        .qemu_version = 7002022,
        .libvirt_version = 9000000,
        .uid = geteuid(),
        .gid = getegid()};
}

static json_t *qemu_img(const char *verb, const char *path)
{
    const char *const argv[] = {"qemu-img", verb, "--output=json", path, NULL};
    struct proc_opts opts = {.deadline = deadline_in(30000)};
    _proc_result_ struct proc_result r = {0};
    cr_assert(proc_run(argv, &opts, &r, &err), "%s", err.message);
    cr_assert_eq(r.status, 0, "%s", r.output);
    json_t *j = json_loads(r.output, 0, NULL);
    cr_assert(j, "%s", r.output);
    return j;
}

Test(qemu_files, overlays_are_what_qemu_img_would_write)
{
    _free_ char *program = proc_find("qemu-img");
    if (!program)
        cr_skip_test("qemu-img is not installed");
    /* One level-1 entry covers 512 MiB: below, at, just over, far over. */
    static const int64_t sizes[] = {
        1 << 20, INT64_C(512) << 20, (INT64_C(512) << 20) + 65536, INT64_C(3) << 40};
    for (size_t i = 0; i < 4; i++) {
        _free_ char *base = xasprintf("%s/base%zu", dir, i);
        _free_ char *top = xasprintf("%s/top%zu", dir, i);
        cr_assert(overlay_create_blank(base, (uint64_t)sizes[i], &err), "%s", err.message);
        cr_assert(overlay_create(top, base, &err), "%s", err.message);
        _json_ json_t *check = qemu_img("check", top);
        cr_expect_eq(json_integer_value(json_object_get(check, "check-errors")), 0);
        cr_expect_null(json_object_get(check, "leaks"));
        cr_expect_null(json_object_get(check, "corruptions"));
        _json_ json_t *info = qemu_img("info", top);
        cr_expect_eq(json_integer_value(json_object_get(info, "virtual-size")), sizes[i]);
        cr_expect_str_eq(json_string_value(json_object_get(info, "backing-filename")), base);
        cr_expect_str_eq(
            json_string_value(json_object_get(info, "backing-filename-format")), "qcow2");
        cr_expect_eq(json_object_get(info, "dirty-flag"), json_false());
    }
}

Test(qemu_files, overlays_refuse_what_cannot_be)
{
    _free_ char *base = path_join(dir, "base");
    _free_ char *top = path_join(dir, "top");
    cr_assert(!overlay_create(top, base, &err)); /* no such backing file */
    cr_assert(overlay_create_blank(base, 1 << 20, &err));
    cr_assert(!overlay_create_blank(base, 1 << 20, &err)); /* nothing is ever overwritten */
    cr_assert(!overlay_create_blank(top, 0, &err));
    cr_assert(!overlay_create(top, "base", &err));
    cr_assert(!path_exists(top));
    cr_assert_eq(truncate(base, 50), 0);
    struct overlay_info info;
    cr_assert(!overlay_inspect(base, &info, &err));
}

static void poke(const char *path, off_t at)
{
    _close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
    cr_assert(fd >= 0 && pwrite(fd, "x", 1, at) == 1, "%s", path);
}

Test(qemu_files, memory_is_copied_with_its_holes)
{
    struct qemu_host h = host();
    _free_ char *from = path_join(dir, "from");
    _free_ char *to = path_join(dir, "to");
    cr_assert(memory_create(&h, from, 64, &err), "%s", err.message);
    poke(from, 5 << 20);
    poke(from, (64 << 20) - 1);
    cr_assert(memory_copy(&h, from, to, &err), "%s", err.message);
    struct stat st;
    cr_assert_eq(stat(to, &st), 0);
    cr_expect_eq(st.st_size, 64 << 20);
    cr_expect_lt(st.st_blocks, 1024, "%lld blocks", (long long)st.st_blocks);
    _free_ char *a = NULL;
    _free_ char *b = NULL;
    cr_assert(file_read(from, 64 << 20, &a, NULL, &err) && file_read(to, 64 << 20, &b, NULL, &err));
    cr_expect_eq(memcmp(a, b, 64 << 20), 0);
}

Test(qemu_files, memory_of_nothing_is_copied)
{
    struct qemu_host h = host();
    _free_ char *from = path_join(dir, "from");
    _free_ char *to = path_join(dir, "to");
    cr_assert(memory_create(&h, from, 8, &err) && memory_copy(&h, from, to, &err));
    struct stat st;
    cr_assert_eq(stat(to, &st), 0);
    cr_expect_eq(st.st_size, 8 << 20);
}

Test(qemu_files, unreachable_folders_are_found_with_advice)
{
    struct qemu_host h = host();
    h.uid = 64055;
    _free_ char *inner = path_join(dir, "inner");
    cr_assert(dir_make(inner, 0711, &err));
    cr_assert(!store_reachable(&h, inner, &err)); /* mkdtemp makes 0700 */
    _free_ char *advice = xasprintf("chmod o+x '%s'", dir);
    cr_expect_str_eq(err.hint, advice);
    lr_error_clear(&err);
    cr_assert_eq(chmod(dir, 0711), 0);
    cr_assert(store_reachable(&h, inner, &err), "%s", err.message);
}

static int64_t disks_mib[] = {16};
static struct plan_node nodes[] = {
    {.name = "a", .memory_mib = 4, .vcpus = 1, .disks_mib = disks_mib, .n_disks = 1},
    {.name = "b", .memory_mib = 4, .vcpus = 1},
};
static const struct plan plan = {.lab = "x", .nodes = nodes, .n_nodes = 2};

static void freeze(const struct qemu_host *h)
{
    for (size_t i = 0; i < plan.n_nodes; i++) {
        _free_ char *sub = path_join(dir, nodes[i].name);
        _free_ char *ram = qemu_stage_path(dir, &nodes[i], "ram");
        _free_ char *state = qemu_stage_path(dir, &nodes[i], "state");
        cr_assert(dir_make(sub, 0711, &err));
        for (size_t k = 0; k <= nodes[i].n_disks; k++) {
            _free_ char *name = qemu_disk_name(k);
            _free_ char *disk = qemu_stage_path(dir, &nodes[i], name);
            cr_assert(overlay_create_blank(disk, 16 << 20, &err));
        }
        cr_assert(memory_create(h, ram, nodes[i].memory_mib, &err));
        poke(ram, 0);
        cr_assert(file_write_atomic(state, "device state", 12, 0600, &err));
    }
    cr_assert(manifest_write(h, &plan, dir, 1700000000, &err), "%s", err.message);
}

static bool is_whole(const struct qemu_host *h)
{
    lr_error_clear(&err);
    _json_ json_t *manifest = NULL;
    return manifest_read(h, &plan, dir, &manifest, &err) &&
        manifest_clock(manifest) == 1700000000 && manifest_verify(manifest, &plan, dir, &err);
}

Test(qemu_files, damaged_stages_are_noticed)
{
    struct qemu_host h = host();
    freeze(&h);
    cr_assert(is_whole(&h), "%s", err.message);
    static const char *const files[] = {
        "qemu.json", "a/root.qcow2", "a/disk0.qcow2", "a/ram", "a/state", "b/ram", "b/root.qcow2"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        _free_ char *path = path_join(dir, files[i]);
        _free_ char *aside = path_join(dir, "aside");
        _free_ char *data = NULL;
        size_t len;
        cr_assert(file_read(path, 16 << 20, &data, &len, &err));
        cr_assert_eq(rename(path, aside), 0);
        cr_expect(!is_whole(&h), "'%s' is not there", files[i]);
        cr_assert(file_write_atomic(path, data, len / 2, 0600, &err));
        cr_expect(!is_whole(&h), "'%s' is cut short", files[i]);
        _free_ char *zeros = xcalloc(1, len);
        cr_assert(file_write_atomic(path, zeros, len, 0600, &err));
        cr_expect(!is_whole(&h), "'%s' is all zeros", files[i]);
        cr_assert_eq(rename(aside, path), 0);
        cr_expect(is_whole(&h), "'%s' is back: %s", files[i], err.message);
    }
}

Test(qemu_files, stages_of_another_host_are_refused)
{
    struct qemu_host h = host();
    freeze(&h);
    struct qemu_host others[] = {h, h, h, h, h, h};
    others[0].qemu_version++;
    others[1].machine = (char[]){"pc-q35-9.0"};
    others[2].kvm = true;
    others[3].cpu = (char[]){"another"};
    others[4].libvirt_version++;
    others[5].kernel = (char[]){"another"};
    for (size_t i = 0; i < 6; i++) {
        cr_expect(!is_whole(&others[i]), "host %zu", i);
        cr_expect(strstr(err.message, "frozen with"), "%s", err.message);
    }
    nodes[1].memory_mib++;
    cr_expect(!is_whole(&h));
    nodes[1].memory_mib--;
    cr_expect(is_whole(&h), "%s", err.message);
}

Test(qemu_files, the_record_of_a_lab_comes_back)
{
    _qemu_lab_ struct qemu_lab out = {.for_stage = true};
    qemu_lab_begin(&out, 1700000000);
    strv_add(&out.images, "/i/one");
    strv_add(&out.images, "/i/two");
    cr_assert(qemu_lab_write(dir, &out, &err), "%s", err.message);
    _qemu_lab_ struct qemu_lab in = {0};
    cr_assert(qemu_lab_read(dir, 2, &in, &err), "%s", err.message);
    cr_expect(in.for_stage && in.clock == out.clock && in.since == out.since);
    cr_expect_str_eq(in.images.items[1], "/i/two");
    cr_expect_eq(in.since_ms, out.since_ms);
    cr_expect_str_eq(in.boot_id, out.boot_id);
    cr_expect(!qemu_lab_read(dir, 3, &in, &err));
}

Test(qemu_files, who_sets_the_clock_of_the_host_does_not_set_the_labs)
{
    _qemu_lab_ struct qemu_lab lab = {0};
    qemu_lab_begin(&lab, 1700000000);
    lab.since -= 7200;
    lab.since_ms -= 60000;
    cr_expect_eq(qemu_lab_clock(&lab) / 10, 1700000060 / 10);
    lab.boot_id[0] = lab.boot_id[0] == '0' ? '1' : '0'; /* a boot ago */
    cr_expect_eq(qemu_lab_clock(&lab) / 10, 1700007200 / 10);
}

Test(qemu_files, ports_are_written_down)
{
    _free_ char *sub = xasprintf("%s/nodes/a", dir);
    cr_assert(dir_make(sub, 0711, &err));
    unsigned picked = 0;
    unsigned read = 0;
    cr_assert(qemu_port_pick(dir, &nodes[0], &picked, &err), "%s", err.message);
    cr_assert(qemu_port_read(dir, &nodes[0], &read, &err), "%s", err.message);
    cr_expect(picked > 0 && picked == read);
    cr_expect(!qemu_port_read(dir, &nodes[1], &read, &err));
}
