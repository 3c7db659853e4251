/* First program of a guest under qemu: loads the modules that the initrd brings, finds the disk
 * whose ext4 label is "labroot", puts the node's seed files on it, and becomes the guest's init.
 *
 * The seed is what the initrd holds below /seed, put there by the driver in a second archive. It is
 * copied when the kernel's command line has labrun.seed=1, or labrun.seed=TOKEN with a token that
 * this disk has not seen yet: so that a node that boots again keeps what was changed since.
 *
 * Linked statically; everything it says goes to the console, and when it fails the kernel says
 * that init is dead, which is as loud as it gets. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROOT        "/root"
#define MARK        ROOT "/var/lib/labrun/seeded"
#define LABEL       "labroot"
#define WAIT_MS     30000
#define MAX_MODULES 64

#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

static void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

static void die(const char *fmt, ...)
{
    int saved = errno;
    va_list ap;
    va_start(ap, fmt);
    fputs("labrun init: ", stderr);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, ": %s\n", strerror(saved));
    exit(1);
}

static bool read_text(const char *path, char *buf, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, buf, size - 1);
    close(fd);
    if (n < 0)
        return false;
    buf[n] = '\0';
    return true;
}

/* Loads /modules/NAME for each line of /modules/order; a dependency stands before its user. */
static void load_modules(void)
{
    char order[4096];
    if (!read_text("/modules/order", order, sizeof order))
        return;
    char *save = NULL;
    for (char *name = strtok_r(order, "\n", &save); name; name = strtok_r(NULL, "\n", &save)) {
        char path[512];
        snprintf(path, sizeof path, "/modules/%s", name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            die("opening module '%s'", name);
        const char *end = strrchr(name, '.');
        int flags = end && strcmp(end, ".ko") != 0 ? MODULE_INIT_COMPRESSED_FILE : 0;
        if (syscall(SYS_finit_module, fd, "", flags) < 0 && errno != EEXIST)
            die("loading module '%s'", name);
        close(fd);
    }
}

/* Is the file system on that device the one we look for? */
static bool has_label(const char *dev)
{
    unsigned char sb[256];
    int fd = open(dev, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = pread(fd, sb, sizeof sb, 1024);
    close(fd);
    /* Offsets of s_magic and s_volume_name in the ext4 superblock. */
    return n == sizeof sb && sb[0x38] == 0x53 && sb[0x39] == 0xef &&
        strncmp((const char *)sb + 0x78, LABEL, 16) == 0;
}

static bool find_root(char *dev, size_t size)
{
    DIR *d = opendir("/sys/block");
    if (!d)
        die("opening /sys/block");
    bool found = false;
    for (struct dirent *e; !found && (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(dev, size, "/dev/%s", e->d_name);
        found = has_label(dev);
    }
    closedir(d);
    return found;
}

static int uevents(void)
{
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = 1};
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
        die("listening for devices");
    return fd;
}

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Looks again whenever the kernel announces a device. EVENTS was opened before the modules were
 * loaded, so that none is missed. */
static void wait_for_root(int events, char *dev, size_t size)
{
    long long end = now_ms() + WAIT_MS;
    while (!find_root(dev, size)) {
        long long left = end - now_ms();
        struct pollfd p = {.fd = events, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) == 0) {
            errno = ENODEV;
            die("no disk with the label '" LABEL "' after %d s", WAIT_MS / 1000);
        }
        char event[8192];
        while (recv(events, event, sizeof event, MSG_DONTWAIT) > 0)
            continue;
    }
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    unlink(to);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (in < 0 || out < 0)
        die("copying '%s'", to);
    char chunk[16384];
    ssize_t n;
    while ((n = read(in, chunk, sizeof chunk)) > 0)
        if (write(out, chunk, (size_t)n) != n)
            die("writing '%s'", to);
    if (n < 0 || fchmod(out, mode & 07777) < 0 || close(out) < 0)
        die("writing '%s'", to);
    close(in);
}

/* Copies the tree FROM over TO. Folders that are there keep their mode and owner. */
static void copy_tree(const char *from, const char *to)
{
    DIR *d = opendir(from);
    if (!d)
        die("opening '%s'", from);
    for (struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char src[4096], dst[4096];
        struct stat st;
        snprintf(src, sizeof src, "%s/%s", from, e->d_name);
        snprintf(dst, sizeof dst, "%s/%s", to, e->d_name);
        if (lstat(src, &st) < 0)
            die("looking at '%s'", src);
        if (S_ISDIR(st.st_mode)) {
            if (mkdir(dst, st.st_mode & 07777) < 0 && errno != EEXIST)
                die("making '%s'", dst);
            copy_tree(src, dst);
        } else if (S_ISREG(st.st_mode)) {
            copy_file(src, dst, st.st_mode);
        }
    }
    closedir(d);
}

/* The value of NAME= on the command line, or NULL. Cuts CMDLINE. */
static char *option(char *cmdline, const char *name)
{
    char *save = NULL;
    for (char *w = strtok_r(cmdline, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
        if (strncmp(w, name, strlen(name)) == 0)
            return w + strlen(name);
    return NULL;
}

static void apply_seed(void)
{
    char cmdline[4096], seen[256] = "";
    if (!read_text("/proc/cmdline", cmdline, sizeof cmdline))
        die("reading the command line");
    const char *token = option(cmdline, "labrun.seed=");
    if (!token || access("/seed", F_OK) < 0)
        return;
    if (read_text(MARK, seen, sizeof seen) && strcmp(token, "1") != 0 && strcmp(seen, token) == 0)
        return;
    copy_tree("/seed", ROOT);
    mkdir(ROOT "/var/lib/labrun", 0755);
    int fd = open(MARK, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, token, strlen(token)) != (ssize_t)strlen(token))
        die("writing " MARK);
    close(fd);
    sync();
}

/* The initrd's memory comes back, and with it the keys in the seed go. */
static void remove_tree(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char sub[4096];
        snprintf(sub, sizeof sub, "%s/%s", path, e->d_name);
        if (e->d_type == DT_DIR) {
            remove_tree(sub);
            rmdir(sub);
        } else {
            unlink(sub);
        }
    }
    closedir(d);
}

static void switch_root(void)
{
    remove_tree("/seed");
    remove_tree("/modules");
    unlink("/init");
    umount2("/proc", MNT_DETACH);
    umount2("/sys", MNT_DETACH);
    if (mount("/dev", ROOT "/dev", NULL, MS_MOVE, NULL) < 0)
        die("moving /dev");
    if (chdir(ROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
        chdir("/") < 0)
        die("moving to the new root");
    char *argv[] = {(char *)"/sbin/init", NULL};
    char *env[] = {
        (char *)"HOME=/", (char *)"TERM=linux", (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    execve(argv[0], argv, env);
    die("starting /sbin/init");
}

int main(void)
{
    mkdir("/dev", 0755);
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mkdir(ROOT, 0755);
    mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
    int console = open("/dev/console", O_RDWR);
    if (console >= 0)
        for (int fd = 0; fd < 3; fd++)
            dup2(console, fd);
    if (console > 2)
        close(console);
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    int events = uevents();
    load_modules();
    char dev[512];
    wait_for_root(events, dev, sizeof dev);
    close(events);
    if (mount(dev, ROOT, "ext4", MS_NOATIME, NULL) < 0)
        die("mounting '%s'", dev);
    apply_seed();
    switch_root();
}
