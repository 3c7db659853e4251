#include "driver/qemu/kvm.h"
#include "util/fs.h"
#include <criterion/criterion.h>
#include <pwd.h>
#include <sys/stat.h>

#define INTEL "processor\t: 0\nflags\t\t: fpu vme vmx ssse3\nbugs\t\t: spectre_v1\n"
#define AMD   "processor\t: 0\nflags\t\t: fpu vme svm"
#define NEITHER                                                                                    \
    "model name\t: svm vmx x\nflags\t\t: fpu xsvm vmx_like svm_lock\nbugs\t\t: vmx svm\n"

static const uid_t user = 64055;
static const gid_t group = 64056;

static char path[] = "/tmp/labrun-kvm-XXXXXX";

static void set_up(void)
{
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
}

static void tear_down(void)
{
    unlink(path);
}

TestSuite(kvm, .init = set_up, .fini = tear_down);

static const char *why_not(const char *cpuinfo, mode_t mode, uid_t uid, gid_t gid)
{
    cr_assert_eq(chmod(path, mode), 0);
    const char *text = kvm_inspect(path, cpuinfo, uid, gid).why_not;
    return text ? text : "";
}

static void expect(const char *got, const char *part)
{
    cr_assert(part ? strstr(got, part) != NULL : streq(got, ""), "'%s', not '%s'", got, part);
}

Test(kvm, needs_a_device)
{
    expect(kvm_inspect("/nowhere/kvm", INTEL, user, group).why_not, "there is no /dev/kvm");
}

Test(kvm, needs_a_cpu_that_runs_guests)
{
    expect(why_not(INTEL, 0666, user, group), NULL);
    expect(why_not(AMD, 0666, user, group), NULL);
    expect(why_not(NEITHER, 0666, user, group), "neither vmx nor svm");
    expect(why_not("", 0666, user, group), "neither vmx nor svm");
    expect(why_not(NULL, 0666, user, group), "neither vmx nor svm");
}

Test(kvm, needs_the_emulators_user_to_have_both_rights)
{
    const uid_t owner = geteuid();
    const gid_t owners = getegid();
    expect(why_not(INTEL, 0600, user, group), "may not open");
    expect(why_not(NEITHER, 0600, user, group), "may not open");
    expect(why_not(INTEL, 0664, user, group), "may not open");
    expect(why_not(INTEL, 0660, user, owners), NULL);
    expect(why_not(INTEL, 0606, user, owners), "may not open");
    expect(why_not(INTEL, 0640, user, owners), "may not open");
    expect(why_not(INTEL, 0600, owner, group), NULL);
    expect(why_not(INTEL, 0000, 0, 0), NULL);
}

/* As on Debian, where libvirt's label names another group than the user's own, which is kvm. */
Test(kvm, is_open_to_the_users_own_group)
{
    const struct passwd *daemon = getpwnam("daemon");
    if (geteuid() != 0 || !daemon)
        cr_skip_test("needs root and a user 'daemon'");
    cr_assert_eq(chown(path, 0, daemon->pw_gid), 0);
    expect(why_not(INTEL, 0660, daemon->pw_uid, group), NULL);
    expect(why_not(INTEL, 0660, user, group), "may not open");
}
