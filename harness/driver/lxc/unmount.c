/* Taking mounts away, so that what is below may be deleted. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include <errno.h>
#include <sys/mount.h>

/* Other mount namespaces (of containers that started meanwhile) may hold copies of the mount, which
 * keep the overlay alive. Removing its mount point takes it away in all of them. */
static bool unmount(const char *path, struct lr_error *err)
{
    int rc = umount2(path, UMOUNT_NOFOLLOW);
    if (rc < 0 && errno == EBUSY)
        rc = umount2(path, UMOUNT_NOFOLLOW | MNT_DETACH);
    if (rc < 0 && errno != EINVAL && errno != ENOENT)
        return lr_error_errno(err, errno, "unmounting '%s'", path);
    if (path_has_mounts(path))
        return lr_error_set(err, LR_EINFRA, "'%s' cannot be unmounted", path);
    if (rmdir(path) < 0 && errno != ENOENT)
        return lr_error_errno(err, errno, "removing the mount point '%s'", path);
    return true;
}

bool lxc_unmount_below(const char *dir, struct lr_error *err)
{
    _strv_ struct strv points = STRV_INIT;
    if (!mounts_below(dir, &points, err))
        return false;
    /* The last mounted first; one that covers another has the same path and comes by twice. */
    for (size_t i = points.n; i-- > 0;) {
        bool covers = i > 0 && streq(points.items[i - 1], points.items[i]);
        if (covers && umount2(points.items[i], UMOUNT_NOFOLLOW) == 0)
            continue;
        if (!unmount(points.items[i], err))
            return false;
    }
    return true;
}
