#include "util/cpio.h"
#include "util/fs.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

/* What `cpio` makes of an archive, unpacked below DIR. */
static void unpack(const char *archive, const char *dir)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    const char *const argv[] = {
        "cpio", "-i", "-d", "-m", "--quiet", "--no-absolute-filenames", "-F", archive, NULL};
    cr_assert(proc_check(argv, &(struct proc_opts){.cwd = dir}, &err), "%s", err.message);
}

static mode_t mode_of(const char *dir, const char *name)
{
    struct stat st;
    _free_ char *path = path_join(dir, name);
    cr_assert(lstat(path, &st) == 0, "%s", path);
    return st.st_mode;
}

Test(cpio, another_program_reads_it)
{
    _free_ char *tool = proc_find("cpio");
    if (!tool)
        cr_skip_test("there is no cpio on this host");
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char dir[] = "/tmp/labrun-test-XXXXXX";
    cr_assert(mkdtemp(dir));
    _cpio_ struct cpio c = CPIO_INIT;
    cpio_add_dir(&c, "/seed/root/.ssh", 0700);
    cpio_add_file(&c, "/seed/root/.ssh/authorized_keys", 0600, "key\n", 4);
    cpio_add_file(&c, "seed/etc/empty", 0644, "", 0);
    char bytes[1001];
    memset(bytes, '\0', sizeof bytes);
    bytes[1000] = 'x';
    cpio_add_file(&c, "seed/etc/binary", 0755, bytes, sizeof bytes);
    cpio_finish(&c);
    cr_assert_eq(c.data.len % 512, 0);
    _free_ char *archive = path_join(dir, "archive");
    cr_assert(cpio_write(&c, NULL, archive, &err), "%s", err.message);
    cr_assert_eq(mode_of(dir, "archive") & 07777, 0600);
    unpack(archive, dir);
    cr_assert_eq(mode_of(dir, "seed/root/.ssh"), (mode_t)(S_IFDIR | 0700));
    cr_assert_eq(mode_of(dir, "seed/root"), (mode_t)(S_IFDIR | 0755));
    cr_assert_eq(mode_of(dir, "seed/root/.ssh/authorized_keys"), (mode_t)(S_IFREG | 0600));
    cr_assert_eq(mode_of(dir, "seed/etc/binary"), (mode_t)(S_IFREG | 0755));
    _free_ char *binary = path_join(dir, "seed/etc/binary");
    _free_ char *back = NULL;
    size_t len;
    cr_assert(file_read(binary, 2000, &back, &len, &err));
    cr_assert_eq(len, sizeof bytes);
    cr_assert_arr_eq(back, bytes, sizeof bytes);
    cr_assert(tree_remove(dir, &err));
}

Test(cpio, follows_a_base_at_a_multiple_of_four)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char dir[] = "/tmp/labrun-test-XXXXXX";
    cr_assert(mkdtemp(dir));
    _free_ char *base = path_join(dir, "base");
    _free_ char *both = path_join(dir, "both");
    cr_assert(file_write_atomic(base, "12345", 5, 0644, &err));
    _cpio_ struct cpio c = CPIO_INIT;
    cpio_add_file(&c, "a", 0644, "b", 1);
    cpio_finish(&c);
    cr_assert(cpio_write(&c, base, both, &err), "%s", err.message);
    _free_ char *data = NULL;
    size_t len;
    cr_assert(file_read(both, 10000, &data, &len, &err));
    cr_assert_eq(len, 8 + c.data.len);
    cr_assert_arr_eq(data,
        "12345\0\0\0"
        "070701",
        14);
    cr_assert(!cpio_write(&c, "/no/such/base", both, &err));
    cr_assert(tree_remove(dir, &err));
}
