#include "image/artifacts.h"
#include "image/bootstrap.h"
#include "util/fs.h"
#include "util/proc.h"
#include <errno.h>
#include <fcntl.h>

#define DISK_BYTES   (20LL << 30) /* sparse: room for the guest to grow into */
#define DISK_INODES  "655360"
#define TOOL_LIMIT   (20LL * 60 * 1000) /* ms */
#define PACKAGES_CAP (4UL << 20)

static bool run_logged(const char *const argv[], const char *log, struct lr_error *err)
{
    _proc_result_ struct proc_result r = {0};
    if (!proc_run(argv, &(struct proc_opts){.deadline = deadline_in(TOOL_LIMIT)}, &r, err))
        return false;
    _fclose_ FILE *f = fopen(log, "ae");
    if (f)
        fprintf(f, "%s: exit status %d\n%s", argv[0], r.status, r.output);
    if (r.status == 0)
        return true;
    if (strstr(r.output, "No space left") || strstr(r.output, "ENOSPC") ||
        strstr(r.output, "Could not allocate block"))
        return bootstrap_explain("No space left on device", log, err);
    return lr_error_set(err, LR_EINFRA, "'%s' failed with exit status %d: %s", argv[0], r.status,
        last_lines(r.output, 3));
}

static bool sparse_file(const char *path, off_t size, struct lr_error *err)
{
    _close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, size) < 0)
        return lr_error_errno(err, errno, "creating '%s'", path);
    return true;
}

/* Checksums and 64-bit numbers cost an emulated processor more than they give to a machine that
 * lives for an hour. The journal stays: labs are cut from power on purpose. Without checksums
 * nothing is initialised lazily either, so that the guest writes nothing in the background. */
bool disk_make(const char *dir, const char *log, struct lr_error *err)
{
    _free_ char *root = path_join(dir, "root");
    _free_ char *raw = path_join(dir, "disk.raw");
    _free_ char *disk = path_join(dir, "disk.qcow2");
    const char *const mke2fs[] = {"mke2fs", "-q", "-F", "-t", "ext4", "-L", "labroot", "-O",
        "^metadata_csum,^64bit,^resize_inode", "-J", "size=32", "-N", DISK_INODES, "-E",
        "nodiscard,root_owner=0:0", "-m", "0", "-d", root, raw, NULL};
    const char *const convert[] = {
        "qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, disk, NULL};
    if (!sparse_file(raw, DISK_BYTES, err) || !run_logged(mke2fs, log, err) ||
        !run_logged(convert, log, err))
        return false;
    unlink(raw);
    return true;
}

bool packages_list(const char *dir, size_t *ret_n, struct lr_error *err)
{
    _free_ char *admin = xasprintf("--admindir=%s/root/var/lib/dpkg", dir);
    _free_ char *path = path_join(dir, "packages.txt");
    const char *const argv[] = {"dpkg-query", admin, "-W", "-f", "${Package} ${Version}\\n", NULL};
    struct proc_opts opts = {.cap = PACKAGES_CAP, .deadline = deadline_in(TOOL_LIMIT)};
    _proc_result_ struct proc_result r = {0};
    if (!proc_run(argv, &opts, &r, err))
        return false;
    if (r.status != 0)
        return lr_error_set(
            err, LR_EINFRA, "listing the packages failed: %s", last_lines(r.output, 3));
    size_t n = 0;
    for (const char *c = r.output; *c; c++)
        n += *c == '\n';
    *ret_n = n;
    return file_write_atomic(path, r.output, r.output_len, 0644, err);
}
