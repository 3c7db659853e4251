/* A node's root file system: an overlay whose lower layers belong to other uids than the node's.
 *
 * The lowers (image, stages) are read through id-mapped mounts, the upper holds the node's own host
 * uids as they are (overlayfs refuses an id-mapped upper). An id-mapped mount of a stage below
 * LAB_DIR would be a trap: whoever deletes LAB_DIR while it is attached deletes the stage. So they
 * never are attached where anybody else can see them. A thread takes a mount namespace of its own,
 * attaches them there, each over its own folder, mounts the overlay, which keeps private copies of
 * them, returns to the host's namespace with a detached copy of the overlay and attaches that. Its
 * namespace ends with the thread, or with the process if that is killed. What others see is one
 * mount a node, or none. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define OPTIONS_CAP 4000 /* bytes mount(2) takes: one page, with some to spare */

struct job {
    const struct lxc_stack *stack;
    const int *userns;
    const char *node_dir;
    /* NULL: the overlay is attached. Else it is only looked at, and *RET_OWNER is who has this file
     * in it. */
    const char *look_at;
    uid_t *ret_owner;
};

/* Puts an id-mapped, read-only copy of a layer over the layer, in this thread's namespace. */
static bool attach_layer(const struct lxc_layer *l, int userns, struct lr_error *err)
{
    _close_ int fd = open_tree(AT_FDCWD, l->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (fd < 0)
        return lr_error_errno(err, errno, "opening the layer '%s'", l->path);
    struct mount_attr attr = {
        .attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY,
        .userns_fd = (unsigned)userns,
    };
    if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0) {
        lr_error_errno(err, errno, "mapping the owners of the layer '%s'", l->path);
        return lr_error_hint(err,
            "the file system of the state folder must support id-mapped "
            "mounts: ext4, xfs and btrfs do");
    }
    if (move_mount(fd, "", AT_FDCWD, l->path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return lr_error_errno(err, errno, "attaching the layer '%s'", l->path);
    return true;
}

static char *overlay_options(const struct job *j)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, "lowerdir=");
    for (size_t i = j->stack->n; i-- > 0;)
        strbuf_addf(&b, "%s%s", j->stack->layers[i].path, i ? ":" : "");
    /* Redirects let folders of a layer be renamed, as on any disk. Only the host can write them. */
    strbuf_addf(&b, ",upperdir=%s/layer/upper,workdir=%s/layer/work,redirect_dir=on,index=off",
        j->node_dir, j->node_dir);
    return strbuf_steal(&b);
}

static bool mount_overlay(const struct job *j, const char *root, struct lr_error *err)
{
    _free_ char *options = overlay_options(j);
    if (strlen(options) > OPTIONS_CAP)
        return lr_error_set(err, LR_EINFRA, "the state folder's path is too long for an overlay");
    if (mount("overlay", root, "overlay", MS_NODEV, options) < 0)
        return lr_error_errno(err, errno, "mounting an overlay on '%s' (%s)", root, options);
    return true;
}

/* In a namespace of its own: gives the mounted overlay as a detached mount. */
static bool build_detached(const struct job *j, const char *root, int *ret_fd, struct lr_error *err)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return lr_error_errno(err, errno, "making a mount namespace private");
    for (size_t i = 0; i < j->stack->n; i++)
        if (!attach_layer(&j->stack->layers[i], j->userns[i], err))
            return false;
    if (!mount_overlay(j, root, err))
        return false;
    int fd = open_tree(AT_FDCWD, root, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (fd < 0)
        return lr_error_errno(err, errno, "detaching the overlay of '%s'", root);
    *ret_fd = fd;
    return true;
}

static bool mount_thread(void *data, struct lr_error *err)
{
    const struct job *j = data;
    _free_ char *root = path_join(j->node_dir, "root");
    _close_ int host = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (host < 0 || unshare(CLONE_FS | CLONE_NEWNS) < 0)
        return lr_error_errno(err, errno, "making a mount namespace");
    _close_ int overlay = -1;
    struct stat st;
    if (!build_detached(j, root, &overlay, err))
        return false;
    if (j->look_at) {
        if (fstatat(overlay, j->look_at, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return lr_error_errno(err, errno, "looking into the overlay at '%s'", root);
        *j->ret_owner = st.st_uid;
        return true;
    }
    if (setns(host, CLONE_NEWNS) < 0)
        return lr_error_errno(err, errno, "returning to the host's mount namespace");
    if (move_mount(overlay, "", AT_FDCWD, root, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return lr_error_errno(err, errno, "attaching the overlay at '%s'", root);
    return true;
}

/* Overlayfs has its own syntax for these in its options; no path of ours needs them. */
static bool check_path(const char *path, struct lr_error *err)
{
    if (path[strcspn(path, ":,\\")] == '\0')
        return true;
    return lr_error_set(
        err, LR_EINFRA, "an overlay cannot stand on '%s': no ':', ',' or '\\'", path);
}

static bool make_dirs(const char *node_dir, uint32_t uid_base, struct lr_error *err)
{
    _free_ char *upper = path_join(node_dir, "layer/upper");
    _free_ char *work = path_join(node_dir, "layer/work");
    _free_ char *layer = path_join(node_dir, "layer");
    _free_ char *root = path_join(node_dir, "root");
    /* The node's mapped root must pass to "root", and nobody to the rest. */
    if (!dir_make(node_dir, 0711, err) || !dir_make(layer, 0700, err) ||
        !dir_make(upper, 0755, err) || !dir_make(work, 0700, err) || !dir_make(root, 0755, err))
        return false;
    if (chmod(upper, 0755) < 0 || chmod(node_dir, 0711) < 0 || chown(upper, uid_base, uid_base) < 0)
        return lr_error_errno(err, errno, "preparing '%s'", upper);
    return true;
}

bool lxc_overlay_mount(const struct lxc_stack *stack, const int *userns, uint32_t uid_base,
    const char *node_dir, struct lr_error *err)
{
    for (size_t i = 0; i < stack->n; i++)
        if (!check_path(stack->layers[i].path, err))
            return false;
    if (!check_path(node_dir, err) || !make_dirs(node_dir, uid_base, err))
        return false;
    struct job j = {.stack = stack, .userns = userns, .node_dir = node_dir};
    return lxc_on_thread(mount_thread, &j, err);
}

bool lxc_overlay_try(const char *dir, struct lr_error *err)
{
    const uint32_t to = 0x7fff0000;
    _free_ char *lower = path_join(dir, "lower");
    _free_ char *node_dir = path_join(dir, "node");
    _free_ char *file = path_join(lower, "file");
    struct lxc_layer layer = {lower, 0};
    struct lxc_stack stack = {&layer, 1};
    _close_ int ns = -1;
    uid_t owner;
    struct job j = {.stack = &stack,
        .userns = &ns,
        .node_dir = node_dir,
        .look_at = "file",
        .ret_owner = &owner};
    if (!dir_make(lower, 0755, err) || !file_write_atomic(file, "", 0, 0644, err) ||
        !lxc_userns_open(0, to, &ns, err) || !check_path(dir, err) ||
        !make_dirs(node_dir, to, err) || !lxc_on_thread(mount_thread, &j, err))
        return false;
    return owner == to ||
        lr_error_set(err, LR_EINFRA, "overlayfs does not map the owners of its layers");
}
