/* Files: reading with a cap, writing so that a crash leaves the old or the new content and nothing
 * between, directories, and removal that never crosses a mount. */
#ifndef LABRUN_UTIL_FS_H
#define LABRUN_UTIL_FS_H

#include "util/error.h"
#include "util/mem.h"
#include <stdint.h>
#include <sys/types.h>

/* A/B; owned by the caller. */
char *path_join(const char *a, const char *b);

/* Reads a whole file into *ret_data (owned, terminated). Fails when it is larger than CAP bytes.
 * A missing file fails with errno ENOENT left in errno, so that callers can tell. */
bool file_read(const char *path, size_t cap, char **ret_data, size_t *ret_len, struct lr_error *err)
    _must_check_;

/* Writes through a temporary file in the same folder, fsync, rename, fsync of the folder. */
bool file_write_atomic(
    const char *path, const void *data, size_t len, mode_t mode, struct lr_error *err) _must_check_;

/* As file_write_atomic() where PATH is a file or nothing yet, behind its symbolic links; anything
 * else that is there (a pipe, a terminal, /dev/null) is written to and stays what it is. */
bool file_write_for_user(
    const char *path, const void *data, size_t len, mode_t mode, struct lr_error *err) _must_check_;

/* Opens (creating) PATH and takes an exclusive flock on it. With WAIT false, a lock held elsewhere
 * is LR_EBUSY; with WAIT an interruption ends the waiting. The lock goes when *ret_fd is closed or
 * the process dies. */
bool file_lock(const char *path, bool wait, int *ret_fd, struct lr_error *err) _must_check_;

/* A shared flock, which any number may hold while nobody holds the exclusive one; waits for that.
 */
bool file_lock_shared(const char *path, int *ret_fd, struct lr_error *err) _must_check_;

bool dir_make(const char *path, mode_t mode, struct lr_error *err) _must_check_; /* with parents */
bool path_is_folder(const char *path); /* behind symbolic links */
bool path_exists(const char *path);

/* Names in a folder, sorted, without "." and ".."; a missing folder is an empty list. */
bool dir_list(const char *path, struct strv *ret_names, struct lr_error *err) _must_check_;

/* Removes a tree, staying on one file system and following no link. It refuses to start when
 * anything is mounted at or below PATH. What is missing already is fine. */
bool tree_remove(const char *path, struct lr_error *err) _must_check_;

/* Mount points at or below PATH in the order in which they were mounted; of a PATH that is missing,
 * none. One that is mounted on twice is there twice. */
bool mounts_below(const char *path, struct strv *ret, struct lr_error *err) _must_check_;

/* True when something is mounted at or below PATH (from /proc/self/mountinfo). */
bool path_has_mounts(const char *path);

/* Writes back the file system that PATH is on, before something that is synced speaks of it. */
bool fs_sync(const char *path, struct lr_error *err) _must_check_;

/* Bytes available to root on the file system of PATH. */
bool disk_free(const char *path, uint64_t *ret_bytes, struct lr_error *err) _must_check_;

/* The number in a file such as a setting of the kernel's; -1 when it cannot be read. */
long long file_number(const char *path);

/* What the kernel calls the host's boot: now_ms() means something in that one only. Owned. */
char *host_boot_id(void);

#endif
