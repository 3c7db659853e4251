/* Whatever instant a command that creates a lab is killed at, destroy() undoes it, reap() finds it,
 * and what only looks like ours is left alone. The creator is this program again, killed for real:
 * with SIGKILL, so that nothing of it can clean up. */
#include "driver/qemu/host.h"
#include "qemu_lab.h"
#include "reap_known.h"
#include "util/fs.h"
#include <libvirt/libvirt.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER  (-1)
#define ROUNDS 12 /* spread over the time that an undisturbed creation takes, and a bit beyond */
#define PREFIX "labrun-qemu-kill."
#define LAB    "qemu-kill"

/* "--create STATE IMAGE STAGE|-": creates the lab and ends. */
static int create_in_child(char **argv)
{
    struct lr_error err = LR_ERROR_INIT;
    struct bench b = {.state_dir = argv[2], .image = argv[3]};
    const char *stage = streq(argv[4], "-") ? NULL : argv[4];
    MUST(driver_qemu.open(&b.driver, &err));
    MUST(keypair_make("host", &b.host, &err));
    MUST(keypair_make("user", &b.user, &err));
    _plan_ struct plan *p = bench_plan(&b, LAB);
    _free_ char *dir = bench_lab_dir(&b, p);
    MUST(bench_create(&b, p, stage, false, NULL, dir, &err));
    driver_qemu.close(b.driver);
    keypair_free(&b.host);
    keypair_free(&b.user);
    return 0;
}

static pid_t spawn(const struct bench *b, const char *stage)
{
    extern char **environ;
    char *const argv[] = {(char[]){"qemu_killed"}, (char[]){"--create"}, b->state_dir, b->image,
        stage ? (char *)(uintptr_t)stage : (char[]){"-"}, NULL};
    pid_t pid;
    CHECK(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) == 0);
    return pid;
}

/* Kills the creator MS after it began, or lets it end; true when it was not done by then. */
static bool kill_after(pid_t pid, int64_t ms)
{
    struct lr_error err = LR_ERROR_INIT;
    bool ready;
    int status;
    if (ms != NEVER) {
        MUST(wait_fd(-1, 0, deadline_in(ms), &ready, &err));
        kill(pid, SIGKILL);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void expect_leftovers(bool any)
{
    _free_ char *names = bench_leftovers(PREFIX);
    if (streq(names, "") == any)
        fprintf(stderr, "left over: '%s'\n", names);
    CHECK(streq(names, "") != any);
}

static void kill_rounds(struct bench *b, const char *stage, int64_t undisturbed)
{
    struct lr_error err = LR_ERROR_INIT;
    struct plan *p = bench_plan(b, LAB);
    int cut = 0;
    for (int i = 0; i < ROUNDS; i++) {
        _free_ char *dir = bench_lab_dir(b, p);
        int64_t ms = undisturbed * 5 / 4 * i / (ROUNDS - 1) + random() % 50;
        bool early = kill_after(spawn(b, i % 2 ? stage : NULL), ms);
        cut += early;
        MUST(driver_qemu.destroy(b->driver, p, dir, &err));
        expect_leftovers(false);
        struct strv files = STRV_INIT;
        MUST(dir_list(dir, &files, &err));
        CHECK(files.n == 0);
        strv_free(&files);
        say("%s after %lld ms: undone", early ? "killed" : "done", (long long)ms);
    }
    CHECK(cut > 0);
    expect_leftovers(false);
    plan_free(p);
}

static size_t reaped(struct bench *b, struct strv *known, bool dry)
{
    struct lr_error err = LR_ERROR_INIT;
    struct strv names = STRV_INIT;
    struct reap_guard guard = reap_all_but(known);
    MUST(driver_qemu.reap(b->driver, b->state_dir, &guard, dry, &names, &err));
    size_t n = names.n;
    strv_free(&names);
    return n;
}

static void reap(struct bench *b, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    struct strv none = STRV_INIT;
    struct strv ours = STRV_INIT;
    strv_add(&ours, LAB);
    kill_after(spawn(b, stage), NEVER);
    expect_leftovers(true);
    CHECK(reaped(b, &ours, false) == 0);
    CHECK(reaped(b, &none, true) == N_NODES + 1);
    expect_leftovers(true);
    CHECK(reaped(b, &none, false) == N_NODES + 1);
    expect_leftovers(false);
    struct plan *p = bench_plan(b, LAB);
    _free_ char *dir = bench_lab_dir(b, p);
    MUST(driver_qemu.destroy(b->driver, p, dir, &err));
    plan_free(p);
    strv_free(&ours);
    say("reaped what no lab is known for");
}

/* A domain with the name of one of ours, made by somebody else. */
static void foreign(struct bench *b, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    struct strv none = STRV_INIT;
    static const char xml[] =
        "<domain type='qemu'><name>" PREFIX "a</name><memory unit='MiB'>16</memory>"
        "<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>";
    virConnectPtr c = virConnectOpen("qemu:///system");
    CHECK(c);
    virDomainPtr theirs = virDomainCreateXML(c, xml, VIR_DOMAIN_START_PAUSED);
    CHECK(theirs);
    struct plan *p = bench_plan(b, LAB);
    _free_ char *dir = bench_lab_dir(b, p);
    CHECK(!bench_create(b, p, stage, false, NULL, dir, &err));
    say("refused: %s", err.message);
    lr_error_clear(&err);
    MUST(driver_qemu.destroy(b->driver, p, dir, &err));
    CHECK(reaped(b, &none, false) == 0);
    CHECK(virDomainIsActive(theirs) == 1);
    CHECK(virDomainDestroy(theirs) == 0);
    virDomainFree(theirs);
    virConnectClose(c);
    plan_free(p);
    say("a foreign domain was left alone");
}

/* Nodes that have only begun to boot do for a stage whose clones are never talked to. Gives the
 * milliseconds that their creation took. */
static int64_t make_stage(struct bench *b, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    struct plan *p = bench_plan(b, "qemu-base");
    _free_ char *dir = bench_lab_dir(b, p);
    int64_t began = now_ms();
    MUST(bench_create(b, p, NULL, true, NULL, dir, &err));
    int64_t took = now_ms() - began;
    MUST(driver_qemu.freeze(b->driver, p, dir, stage, &err));
    plan_free(p);
    return took;
}

int main(int argc, char **argv)
{
    if (argc == 5 && streq(argv[1], "--create"))
        return create_in_child(argv);
    struct bench b = {0};
    bench_open(&b);
    _free_ char *stage = bench_stage_dir(&b, "early");
    kill_rounds(&b, stage, make_stage(&b, stage));
    reap(&b, stage);
    foreign(&b, stage);
    bench_close(&b);
    return 0;
}
