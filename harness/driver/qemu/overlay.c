/* qcow2 version 3 with 64 KiB clusters: header, refcount table, refcount block, level-1 table, one
 * cluster each. Everything else comes into being when the guest writes. */
#include "driver/qemu/overlay.h"
#include "util/mem.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define CLUSTER_BITS 16
#define CLUSTER      (UINT64_C(1) << CLUSTER_BITS)
#define L1_COVERS    (CLUSTER * (CLUSTER / 8)) /* bytes of disk behind one level-1 entry */
#define MAX_SIZE     (L1_COVERS * (CLUSTER / 8))
#define MAX_BACKING  1023 /* the format's own limit */
#define BACKING_AT   512
#define MAGIC        0x514649fbU /* "QFI\xfb" */
#define EXT_FORMAT   0xe2792acaU /* header extension: the backing file's format */

enum { CLUSTER_HEADER, CLUSTER_REFTABLE, CLUSTER_REFBLOCK, CLUSTER_L1, N_CLUSTERS };

/* Offsets of the header's fields, from docs/interop/qcow2 of QEMU. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 4,
    AT_BACKING_OFFSET = 8,
    AT_BACKING_LEN = 16,
    AT_CLUSTER_BITS = 20,
    AT_SIZE = 24,
    AT_L1_SIZE = 36,
    AT_L1_OFFSET = 40,
    AT_REFTABLE_OFFSET = 48,
    AT_REFTABLE_CLUSTERS = 56,
    AT_REFCOUNT_ORDER = 96,
    AT_HEADER_LEN = 100,
    AT_EXTENSIONS = 104
};

static void put32(unsigned char *p, uint32_t v)
{
    v = htobe32(v);
    memcpy(p, &v, sizeof v);
}

static void put64(unsigned char *p, uint64_t v)
{
    v = htobe64(v);
    memcpy(p, &v, sizeof v);
}

static uint32_t get32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return be32toh(v);
}

static uint64_t get64(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return be64toh(v);
}

static void fill(unsigned char *b, uint64_t size, const char *backing)
{
    put32(b + AT_MAGIC, MAGIC);
    put32(b + AT_VERSION, 3);
    put32(b + AT_CLUSTER_BITS, CLUSTER_BITS);
    put64(b + AT_SIZE, size);
    put32(b + AT_L1_SIZE, (uint32_t)((size + L1_COVERS - 1) / L1_COVERS));
    put64(b + AT_L1_OFFSET, CLUSTER_L1 * CLUSTER);
    put64(b + AT_REFTABLE_OFFSET, CLUSTER_REFTABLE * CLUSTER);
    put32(b + AT_REFTABLE_CLUSTERS, 1);
    put32(b + AT_REFCOUNT_ORDER, 4); /* 16 bits each */
    put32(b + AT_HEADER_LEN, AT_EXTENSIONS);
    unsigned char *ext = b + AT_EXTENSIONS;
    if (backing) {
        put64(b + AT_BACKING_OFFSET, BACKING_AT);
        put32(b + AT_BACKING_LEN, (uint32_t)strlen(backing));
        memcpy(b + BACKING_AT, backing, strlen(backing));
        put32(ext, EXT_FORMAT);
        put32(ext + 4, 5);
        memcpy(ext + 8, "qcow2", 5); /* padded to 8; eight zero bytes then end the list */
    }
    put64(b + CLUSTER_REFTABLE * CLUSTER, CLUSTER_REFBLOCK * CLUSTER);
    for (size_t i = 0; i < N_CLUSTERS; i++)
        b[CLUSTER_REFBLOCK * CLUSTER + 2 * i + 1] = 1;
}

static bool write_new(const char *path, uint64_t size, const char *backing, struct lr_error *err)
{
    if (size == 0 || size > MAX_SIZE)
        return lr_error_set(
            err, LR_EINFRA, "disk '%s' cannot be of %llu bytes", path, (unsigned long long)size);
    _free_ unsigned char *b = xcalloc(N_CLUSTERS, CLUSTER);
    fill(b, size, backing);
    _close_ int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return lr_error_errno(err, errno, "creating disk '%s'", path);
    for (size_t done = 0; done < N_CLUSTERS * CLUSTER;) {
        ssize_t n = write(fd, b + done, N_CLUSTERS * CLUSTER - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return lr_error_errno(err, n < 0 ? errno : ENOSPC, "writing disk '%s'", path);
        done += (size_t)n;
    }
    return true;
}

bool overlay_create(const char *path, const char *backing, struct lr_error *err)
{
    if (backing[0] != '/' || strlen(backing) > MAX_BACKING)
        return lr_error_set(err, LR_EINFRA,
            "backing file '%s' has no absolute path of at most %d bytes", backing, MAX_BACKING);
    struct overlay_info info;
    if (!overlay_inspect(backing, &info, err))
        return false;
    free(info.backing);
    return write_new(path, info.size, backing, err);
}

bool overlay_create_blank(const char *path, uint64_t size, struct lr_error *err)
{
    return write_new(path, size, NULL, err);
}

bool overlay_inspect(const char *path, struct overlay_info *ret, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lr_error_errno(err, errno, "opening disk '%s'", path);
    unsigned char head[AT_EXTENSIONS];
    ssize_t n = pread(fd, head, sizeof head, 0);
    if (n < 0)
        return lr_error_errno(err, errno, "reading disk '%s'", path);
    if ((size_t)n < sizeof head || get32(head + AT_MAGIC) != MAGIC)
        return lr_error_set(err, LR_EINFRA, "disk '%s' is not a qcow2 file", path);
    _free_ char *backing = NULL;
    uint64_t at = get64(head + AT_BACKING_OFFSET);
    if (at) {
        uint32_t len = get32(head + AT_BACKING_LEN);
        if (len == 0 || len > MAX_BACKING || at > CLUSTER)
            return lr_error_set(err, LR_EINFRA, "disk '%s' has a damaged header", path);
        backing = xcalloc(1, (size_t)len + 1);
        if (pread(fd, backing, len, (off_t)at) != (ssize_t)len)
            return lr_error_set(err, LR_EINFRA, "disk '%s' is cut short", path);
    }
    *ret = (struct overlay_info){.size = get64(head + AT_SIZE), .backing = STEAL(backing)};
    return true;
}
