#include "record/state.h"
#include "util/fs.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define DEFAULT_STATE_DIR "/var/lib/labrun"
#define EXPIRES_AFTER_S   (30LL * 24 * 3600)

/* MUST are the permissions without which the folder is of no use; MAY is what it is made with. */
static const struct {
    const char *name;
    mode_t must;
} folders[] = {
    [STATE_LABS] = {"labs", 0711},
    [STATE_IMAGES] = {"images", 0711},
    [STATE_STAGES] = {"stages", 0711},
    [STATE_ATTEMPTS] = {"attempts", 0700},
    [STATE_LOCKS] = {"locks", 0700},
};
#define N_FOLDERS (sizeof folders / sizeof folders[0])

bool state_resolve(const char *given, char **ret, struct lr_error *err)
{
    const char *dir = given ? given : getenv("LABRUN_STATE_DIR");
    if (given && !*given)
        return lr_error_set(err, LR_EUSAGE, "the state folder's name is empty");
    if (!dir || !*dir)
        dir = DEFAULT_STATE_DIR;
    _free_ char *path = NULL;
    if (dir[0] == '/') {
        path = xstrdup(dir);
    } else {
        _free_ char *cwd = getcwd(NULL, 0);
        if (!cwd)
            return lr_error_errno(err, errno, "finding the current folder");
        path = path_join(cwd, dir);
    }
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
    *ret = STEAL(path);
    return true;
}

/* A folder that somebody made before us keeps what it has: only what is missing is added, so that
 * an administrator can open attempts/ to a group. */
static bool make_folder(const char *path, mode_t must, struct lr_error *err)
{
    struct stat st;
    if (!dir_make(path, must, err))
        return false;
    if (stat(path, &st) < 0)
        return lr_error_errno(err, errno, "looking at '%s'", path);
    if (!S_ISDIR(st.st_mode))
        return lr_error_set(err, LR_EINFRA, "'%s' is not a folder", path);
    if ((st.st_mode & must) != must && chmod(path, (st.st_mode & 07777) | must) < 0)
        return lr_error_errno(err, errno, "setting the mode of '%s'", path);
    return true;
}

bool state_init(const char *state, struct lr_error *err)
{
    if (!make_folder(state, 0711, err))
        return lr_error_hint(err, "name a folder you can write with --state-dir, or be root");
    for (size_t i = 0; i < N_FOLDERS; i++) {
        _free_ char *path = path_join(state, folders[i].name);
        if (!make_folder(path, folders[i].must, err))
            return lr_error_hint(err, "name a folder you can write with --state-dir, or be root");
    }
    return true;
}

static bool expire_in(
    const char *dir, long long before, bool dry, struct strv *ret_removed, struct lr_error *err)
{
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(dir, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *path = path_join(dir, names.items[i]);
        struct stat st;
        if (lstat(path, &st) < 0 || st.st_mtime >= before)
            continue;
        if (!dry && !tree_remove(path, err))
            return false;
        strv_add(ret_removed, path);
    }
    return true;
}

/* By the wall clock, which is what files have: one that was set wrong removes logs early. */
bool state_expire(const char *state, bool dry, struct strv *ret_removed, struct lr_error *err)
{
    _free_ char *logs = path_join(state, "logs");
    _free_ char *proofs = path_join(state, "proofs");
    long long before = (long long)time(NULL) - EXPIRES_AFTER_S;
    return expire_in(logs, before, dry, ret_removed, err) &&
        expire_in(proofs, before, dry, ret_removed, err);
}

char *state_path(const char *state, enum state_folder folder, const char *name)
{
    if (!name)
        return path_join(state, folders[folder].name);
    return xasprintf("%s/%s/%s", state, folders[folder].name, name);
}

bool state_name_ok(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n > 80 || name[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
            return false;
    return true;
}

/* Locks of other things end in no ".lock": a lab may have any name. */
static char *lock_path(const char *state, const char *lab)
{
    _free_ char *file = xasprintf("%s.lock", lab);
    return state_path(state, STATE_LOCKS, file);
}

bool state_lock_lab(
    const char *state, const char *lab, bool wait, int *ret_fd, struct lr_error *err)
{
    if (!state_name_ok(lab))
        return lr_error_set(err, LR_EUSAGE, "'%s' cannot be the name of a lab", lab);
    _free_ char *path = lock_path(state, lab);
    /* The file may have been removed while we waited for it: then we hold a lock that nobody will
     * ever look at, and start again on the new file. Each turn means that a lab has ended. */
    for (int turn = 0; turn < 100; turn++) {
        _close_ int fd = -1;
        struct stat held, named;
        if (!file_lock(path, wait, &fd, err)) {
            if (err->code != LR_EBUSY)
                return false;
            lr_error_set(err, LR_EBUSY, "another labrun command is working on lab '%s'", lab);
            return lr_error_hint(err, "wait until it has ended, then try again");
        }
        if (fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
            held.st_dev == named.st_dev) {
            *ret_fd = steal_fd(&fd);
            return true;
        }
    }
    return lr_error_set(err, LR_EBUSY, "the lock of lab '%s' keeps changing hands", lab);
}

void state_forget_lock(const char *state, const char *lab)
{
    _free_ char *path = lock_path(state, lab);
    unlink(path);
}
