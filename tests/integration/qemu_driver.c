/* The qemu driver from an image to clones of a stage and back to nothing, with real machines. */
#include "driver/qemu/manifest.h"
#include "qemu_lab.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

struct lab {
    struct bench *bench;
    struct plan *plan;
    char *dir;
    const char *stage;
};

static struct lab lab_of(struct bench *b, const char *name, const char *stage)
{
    struct plan *p = bench_plan(b, name);
    return (struct lab){b, p, bench_lab_dir(b, p), stage};
}

static void lab_free(struct lab *l)
{
    plan_free(l->plan);
    free(l->dir);
}

static void lab_end(struct lab *l)
{
    struct lr_error err = LR_ERROR_INIT;
    MUST(driver_qemu.destroy(l->bench->driver, l->plan, l->dir, &err));
    MUST(driver_qemu.destroy(l->bench->driver, l->plan, l->dir, &err)); /* again is fine */
    struct strv left = STRV_INIT;
    MUST(dir_list(l->dir, &left, &err));
    CHECK(left.n == 0);
    strv_free(&left);
    _free_ char *prefix = xasprintf("labrun-%s.", l->plan->lab);
    _free_ char *leftovers = bench_leftovers(prefix);
    CHECK(streq(leftovers, ""));
    lab_free(l);
}

static char *ssh(struct lab *l, size_t node, const char *command)
{
    return bench_ssh(l->bench, l->plan, node, l->dir, command);
}

static void ssh_says(struct lab *l, size_t node, const char *command, const char *expected)
{
    _free_ char *out = ssh(l, node, command);
    if (streq(out, expected))
        return;
    fprintf(stderr, "'%s' on node %zu of '%s' says '%s' instead of '%s'\n", command, node,
        l->plan->lab, out, expected);
    exit(1);
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
        (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* By how much the two nodes' clocks differ at least, whatever the way to them took. A kernel reads
 * the time at boot to the half second. */
static void clocks_agree(struct lab *l)
{
    double least[2], most[2];
    for (size_t i = 0; i < 2; i++) {
        double before = (double)wall_ms() / 1000;
        _free_ char *out = ssh(l, i, "date +%s.%N");
        least[i] = atof(out) - (double)wall_ms() / 1000;
        most[i] = atof(out) - before;
    }
    double ahead = least[0] - most[1], late = least[1] - most[0];
    double apart = ahead > late ? ahead : late;
    say("the clocks are %.1f s apart, or more", apart > 0 ? apart : 0);
    CHECK(apart <= 1.2);
}

static void build_stage(struct bench *b, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    struct lab l = lab_of(b, "qemu-base", NULL);
    MUST(bench_create(b, l.plan, NULL, true, NULL, l.dir, &err));
    say("created from the image");
    bench_answer(b, l.plan, l.dir);
    say("both nodes answer");
    clocks_agree(&l);
    ssh_says(&l, 0, "cat /etc/hostname", "a\n");
    ssh_says(&l, 1, "cat /etc/hostname", "b\n");
    ssh_says(&l, 0, "ping -c1 -W5 10.77.0.2 >/dev/null && echo up", "up\n");
    ssh_says(&l, 0, "cat /sys/block/vdb/serial", "lab-disk0");
    /* No way out to the host's networks. */
    ssh_says(&l, 0, "ip route show default | wc -l", "0\n");
    free(ssh(&l, 0, "echo frozen >/root/word; echo 1 >/dev/shm/memory; sync"));
    MUST(driver_qemu.freeze(b->driver, l.plan, l.dir, stage, &err));
    say("frozen");
    MUST(driver_qemu.verify_stage(b->driver, l.plan, stage, &err));
    say("verified");
    lab_end(&l);
}

static bool start_one(size_t i, void *data, struct lr_error *err)
{
    struct lab *l = (struct lab *)data + i;
    int64_t began = now_ms();
    if (!bench_create(l->bench, l->plan, l->stage, false, NULL, l->dir, err))
        return false;
    int64_t running = now_ms() - began;
    bench_answer(l->bench, l->plan, l->dir);
    say("clone '%s': running after %lld ms, all banners after %lld ms", l->plan->lab,
        (long long)running, (long long)(now_ms() - began));
    return true;
}

/* Two labs of one stage at once, with the same addresses, that do not see each other. */
static void two_clones(struct bench *b, const char *stage, struct lab clones[2])
{
    struct lr_error err = LR_ERROR_INIT;
    clones[0] = lab_of(b, "qemu-one", stage);
    clones[1] = lab_of(b, "qemu-two", stage);
    double cpu = cpu_seconds();
    MUST(parallel_run(2, start_one, clones, &err));
    say("two clones cost this process %.3f s of CPU", cpu_seconds() - cpu);
    for (size_t i = 0; i < 2; i++) {
        ssh_says(&clones[i], 0, "cat /root/word /dev/shm/memory", "frozen\n1\n");
        ssh_says(&clones[i], 0, "ping -c1 -W5 10.77.0.2 >/dev/null && echo up", "up\n");
    }
    free(ssh(&clones[0], 0, "echo mine >/root/word; echo 2 >/dev/shm/memory; sync"));
    ssh_says(&clones[1], 0, "cat /root/word /dev/shm/memory", "frozen\n1\n");
    say("the clones are apart");
}

/* The clock of a node as it differs from the host's, in seconds. */
static long long behind(struct lab *l, size_t node)
{
    _free_ char *out = ssh(l, node, "date +%s");
    return wall_ms() / 1000 - atoll(out);
}

static void power_cut(struct lab *l)
{
    struct lr_error err = LR_ERROR_INIT;
    enum node_state state;
    struct driver *d = l->bench->driver;
    long long before = behind(l, 1);
    MUST(driver_qemu.power_cut(d, l->plan, 0, &err));
    MUST(driver_qemu.node_state(d, l->plan, 0, &state, &err));
    CHECK(state == NODE_OFF);
    int fd;
    CHECK(!driver_qemu.dial(d, l->plan, 0, l->dir, deadline_in(200), &fd, &err));
    CHECK(err.code == LR_EINFRA && strstr(err.message, "is off"));
    lr_error_clear(&err);
    MUST(driver_qemu.boot(d, l->plan, 0, l->dir, &err));
    MUST(driver_qemu.node_state(d, l->plan, 0, &state, &err));
    CHECK(state == NODE_RUNNING);
    ssh_says(l, 0, "cat /root/word; ls /dev/shm", "mine\n");
    say("disk data is there after a power cut");
    long long after = behind(l, 0);
    say("the neighbour is %lld s behind the host, the booted node %lld s", before, after);
    CHECK(llabs(before - after) <= 2);
}

static void pause_and_resume(struct lab *l)
{
    struct lr_error err = LR_ERROR_INIT;
    enum node_state state;
    struct driver *d = l->bench->driver;
    for (int i = 0; i < 2; i++)
        MUST(driver_qemu.set_paused(d, l->plan, true, &err));
    MUST(driver_qemu.node_state(d, l->plan, 1, &state, &err));
    CHECK(state == NODE_PAUSED);
    int fd;
    CHECK(!driver_qemu.dial(d, l->plan, 1, l->dir, deadline_in(500), &fd, &err));
    CHECK(err.code == LR_ETIMEOUT);
    lr_error_clear(&err);
    MUST(driver_qemu.set_paused(d, l->plan, false, &err));
    ssh_says(l, 1, "echo here", "here\n");
    say("paused and resumed");
}

/* A stage on a stage: the clone that is frozen again leaves the first stage as it was. */
static void freeze_clone(struct bench *b, const char *stage, const char *second)
{
    struct lr_error err = LR_ERROR_INIT;
    struct lab l = lab_of(b, "qemu-next", stage);
    MUST(bench_create(b, l.plan, stage, true, NULL, l.dir, &err));
    free(ssh(&l, 0, "echo broken >/root/word; echo 3 >/dev/shm/memory; sync"));
    MUST(driver_qemu.freeze(b->driver, l.plan, l.dir, second, &err));
    MUST(driver_qemu.verify_stage(b->driver, l.plan, stage, &err));
    MUST(driver_qemu.verify_stage(b->driver, l.plan, second, &err));
    lab_end(&l);
    struct lab third = lab_of(b, "qemu-last", second);
    MUST(start_one(0, &third, &err));
    ssh_says(&third, 0, "cat /root/word /dev/shm/memory", "broken\n3\n");
    ssh_says(&third, 1, "ping -c1 -W5 10.77.0.1 >/dev/null && echo up", "up\n");
    lab_end(&third);
    say("a stage on a stage works");
}

/* Runs last: it spoils the stage. (What else is noticed: tests/unit/test_driver_qemu_files.c) */
static void truncated(struct bench *b, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    struct plan *p = bench_plan(b, "key");
    _free_ char *path = qemu_stage_path(stage, &p->nodes[1], "ram");
    MUST(driver_qemu.verify_stage(b->driver, p, stage, &err));
    CHECK(truncate(path, 200 << 20) == 0);
    CHECK(!driver_qemu.verify_stage(b->driver, p, stage, &err));
    say("noticed: %s", err.message);
    lr_error_clear(&err);
    plan_free(p);
}

/* A state that the emulator refuses: the lab comes up all the same, and says that it is cold. */
static void cold(struct bench *b, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    struct lab l = lab_of(b, "qemu-cold", stage);
    _free_ char *state = qemu_stage_path(stage, &l.plan->nodes[1], "state");
    int fd = open(state, O_WRONLY | O_CLOEXEC);
    CHECK(fd >= 0 && pwrite(fd, "garbage", 7, 0) == 7);
    close(fd);
    CHECK(!driver_qemu.verify_stage(b->driver, l.plan, stage, &err));
    say("noticed: %s", err.message);
    lr_error_clear(&err);
    bool is_cold = false;
    MUST(bench_create(b, l.plan, stage, false, &is_cold, l.dir, &err));
    CHECK(is_cold);
    ssh_says(&l, 0, "cat /root/word; ls /dev/shm", "frozen\n");
    clocks_agree(&l);
    lab_end(&l);
    say("a refused state leads to a cold boot");
}

int main(void)
{
    struct bench b = {0};
    bench_open(&b);
    _free_ char *stage = bench_stage_dir(&b, "first");
    _free_ char *second = bench_stage_dir(&b, "second");
    struct lab clones[2];
    build_stage(&b, stage);
    two_clones(&b, stage, clones);
    lab_end(&clones[1]);
    power_cut(&clones[0]);
    pause_and_resume(&clones[0]);
    lab_end(&clones[0]);
    freeze_clone(&b, stage, second);
    cold(&b, stage);
    truncated(&b, second);
    bench_close(&b);
    return 0;
}
