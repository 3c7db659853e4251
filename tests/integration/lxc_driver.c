/* The life of labs of containers, on the real thing. Prints what each phase took; exit status 77
 * where the host cannot do it. */
#include "driver/virt.h"
#include "lxc_lab.h"
#include "reap_known.h"
#include "util/fs.h"
#include <errno.h>
#include <sys/stat.h>

static void check_gone(const struct test_lab *lab)
{
    _free_ char *left = lab_leftovers(lab);
    if (*left)
        fprintf(stderr, "left over:\n%s", left);
    CHECK(!*left);
}

static int64_t timed_create(const struct test_lab *lab, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    int64_t begin = now_ms();
    MUST(lab_create(lab, lab->f->driver, stage, &err));
    int64_t created = now_ms() - begin;
    int64_t answered = lab_answers(lab);
    say("%s: created %lld ms, all answer ssh after %lld ms", lab->plan->lab, (long long)created,
        (long long)(created + answered));
    return created + answered;
}

static enum node_state state_of(const struct test_lab *lab, size_t node)
{
    struct lr_error err = LR_ERROR_INIT;
    enum node_state s = NODE_OFF;
    MUST(driver_lxc.node_state(lab->f->driver, lab->plan, node, &s, &err));
    return s;
}

/* Addresses come up with networkd, which may be a moment later than sshd. */
#define PING_UNTIL(address)                                                                        \
    "i=0; until ping -c1 -W1 " address " >/dev/null; do i=$((i+1)); [ $i -lt 20 ] || exit 1; done"

static void test_network(const struct test_lab *lab)
{
    CHECK(lab_ssh(lab, 0, PING_UNTIL("10.77.0.2"), NULL) == 0);
    CHECK(lab_ssh(lab, 0, PING_UNTIL("fd77::2"), NULL) == 0);
    CHECK(lab_ssh(lab, 1, PING_UNTIL("10.78.0.3"), NULL) == 0);
    CHECK(lab_ssh(lab, 1, PING_UNTIL("fd78::3"), NULL) == 0);
    CHECK(lab_ssh(lab, 2, PING_UNTIL("n1"), NULL) == 0);
    CHECK(lab_ssh(lab, 0, "ping -c1 -W2 -M do -s 8900 10.78.0.2", NULL) == 0);
    CHECK(lab_ssh(lab, 0, "ping -c1 -W2 -M do -s 8900 10.77.0.2", NULL) != 0);
    /* No way out: no route, and nobody else on the segment. */
    CHECK(lab_ssh(lab, 0, "ping -c1 -W1 192.0.2.1", NULL) != 0);
    say("%s: nodes reach each other by IPv4 and IPv6, and jumbo frames pass where they may",
        lab->plan->lab);
}

static void test_isolation(const struct test_lab *a, const struct test_lab *b)
{
    struct lr_error err = LR_ERROR_INIT;
    CHECK(lab_ssh(b, 0, PING_UNTIL("10.77.0.2"), NULL) == 0);
    MUST(driver_lxc.power_cut(b->f->driver, b->plan, 1, &err));
    CHECK(state_of(b, 1) == NODE_OFF && state_of(b, 0) == NODE_RUNNING);
    CHECK(lab_ssh(a, 0, "ping -c1 -W2 10.77.0.2", NULL) == 0);
    CHECK(lab_ssh(b, 0, "ping -c1 -W2 10.77.0.2", NULL) != 0);
    _free_ char *mine = NULL, *theirs = NULL;
    CHECK(lab_ssh(a, 0, "cat /proc/self/uid_map", &mine) == 0);
    CHECK(lab_ssh(b, 0, "cat /proc/self/uid_map", &theirs) == 0);
    CHECK(!streq(mine, theirs));
    MUST(driver_lxc.boot(b->f->driver, b->plan, -1, b->dir, &err));
    lab_answers(b);
    say("two labs with the same addresses do not meet");
}

static void test_contained(const struct test_lab *lab)
{
    _free_ char *out = NULL;
    CHECK(lab_ssh(lab, 0,
              "hostname; cat /proc/1/cgroup | grep ^0::; systemctl is-system-running; "
              "systemctl --failed --no-legend; ls -ln /lab; ls -ld /root/.ssh; "
              "networkctl --no-pager --no-legend; stat -c %u /etc/hosts",
              &out) >= 0);
    say("n1 says:\n%s", out);
    CHECK(lab_ssh(lab, 0, "mknod /root/x b 254 0", NULL) != 0);
    CHECK(lab_ssh(lab, 0, "echo x > /proc/sys/kernel/core_pattern", NULL) != 0);
    CHECK(lab_ssh(lab, 0, "[ $(stat -c %s /lab/disk0) -eq 67108864 ]", NULL) == 0);
    CHECK(lab_ssh(lab, 0, "[ $(stat -c %b /lab/disk0) -eq 0 ]", NULL) == 0);
    /* Renaming a folder of a lower layer. */
    CHECK(lab_ssh(lab, 0,
              "mv /etc/systemd/system /etc/systemd/s && mv /etc/systemd/s "
              "/etc/systemd/system && ls /etc/systemd/system | grep -q .",
              NULL) == 0);
}

static void test_power_cut(const struct test_lab *lab)
{
    struct lr_error err = LR_ERROR_INIT;
    CHECK(lab_ssh(lab, 0, "echo kept >/root/kept; echo raw >/lab/disk0", NULL) == 0);
    int64_t begin = now_ms();
    MUST(driver_lxc.power_cut(lab->f->driver, lab->plan, -1, &err));
    int64_t cut = now_ms() - begin;
    for (size_t i = 0; i < N_NODES; i++)
        CHECK(state_of(lab, i) == NODE_OFF);
    int fd;
    CHECK(!driver_lxc.dial(lab->f->driver, lab->plan, 0, lab->dir, deadline_in(1000), &fd, &err));
    lr_error_clear(&err);
    begin = now_ms();
    MUST(driver_lxc.boot(lab->f->driver, lab->plan, -1, lab->dir, &err));
    int64_t booted = now_ms() - begin;
    int64_t answered = lab_answers(lab);
    CHECK(lab_ssh(lab, 0, "grep -q kept /root/kept && grep -q raw /lab/disk0", NULL) == 0);
    say("power cut of all nodes %lld ms, boot %lld ms, all answer after %lld ms; data is there",
        (long long)cut, (long long)booted, (long long)(booted + answered));
}

static void wait_off(const struct test_lab *lab, size_t node)
{
    struct lr_error err = LR_ERROR_INIT;
    struct deadline d = deadline_in(30000);
    bool ready;
    while (state_of(lab, node) != NODE_OFF) {
        CHECK(!deadline_passed(d));
        MUST(wait_fd(-1, 0, deadline_in(50), &ready, &err));
    }
}

static void test_reboot_inside(const struct test_lab *lab)
{
    struct lr_error err = LR_ERROR_INIT;
    static const char *const ways[] = {"systemctl --no-block reboot",
        "systemctl --no-block poweroff",
        "sync; (sleep 0.2; kill -KILL -1; systemctl --force --force reboot) >/dev/null 2>&1 &"};
    for (size_t i = 0; i < 2; i++) {
        lab_ssh(lab, 1, ways[i], NULL);
        wait_off(lab, 1);
        MUST(driver_lxc.boot(lab->f->driver, lab->plan, 1, lab->dir, &err));
        CHECK(lab_ssh(lab, 1, "grep -q '^0::/' /proc/self/cgroup", NULL) == 0);
        say("`%s` inside: the node went off and was booted again", ways[i]);
    }
}

static void test_pause(const struct test_lab *lab)
{
    struct lr_error err = LR_ERROR_INIT;
    int64_t begin = now_ms();
    MUST(driver_lxc.set_paused(lab->f->driver, lab->plan, true, &err));
    int64_t paused = now_ms() - begin;
    CHECK(state_of(lab, 2) == NODE_PAUSED);
    begin = now_ms();
    MUST(driver_lxc.set_paused(lab->f->driver, lab->plan, false, &err));
    int64_t resumed = now_ms() - begin;
    CHECK(state_of(lab, 2) == NODE_RUNNING);
    lab_answers(lab);
    /* A paused node can be ended, too. */
    MUST(driver_lxc.set_paused(lab->f->driver, lab->plan, true, &err));
    MUST(driver_lxc.power_cut(lab->f->driver, lab->plan, 2, &err));
    MUST(driver_lxc.set_paused(lab->f->driver, lab->plan, false, &err));
    MUST(driver_lxc.boot(lab->f->driver, lab->plan, -1, lab->dir, &err));
    lab_answers(lab);
    say("paused in %lld ms, resumed in %lld ms; a paused node can be cut off", (long long)paused,
        (long long)resumed);
}

/* Gives the folder of a stage that holds the lab's nodes; owned. */
static char *test_freeze(const struct test_lab *lab, const char *name)
{
    struct lr_error err = LR_ERROR_INIT;
    char *stage = stage_folder(lab->f, name);
    CHECK(lab_ssh(lab, 0,
              "rm /etc/motd; echo frozen >/root/frozen; chown 64045:64045 /root/frozen; sync",
              NULL) == 0);
    int64_t begin = now_ms();
    MUST(driver_lxc.freeze(lab->f->driver, lab->plan, lab->dir, stage, &err));
    say("frozen in %lld ms", (long long)(now_ms() - begin));
    check_gone(lab);
    MUST(driver_lxc.verify_stage(lab->f->driver, lab->plan, stage, &err));
    return stage;
}

static void test_damaged_stage(const struct test_lab *lab, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    _free_ char *file = path_join(stage, "n1/upper/root/frozen");
    _free_ char *aside = path_join(stage, "aside");
    CHECK(rename(file, aside) == 0);
    CHECK(!driver_lxc.verify_stage(lab->f->driver, lab->plan, stage, &err));
    say("a damaged stage is refused: %s", err.message);
    lr_error_clear(&err);
    CHECK(rename(aside, file) == 0);
    MUST(driver_lxc.verify_stage(lab->f->driver, lab->plan, stage, &err));
}

static void test_clone(const struct test_lab *lab, const char *stage)
{
    struct lr_error err = LR_ERROR_INIT;
    timed_create(lab, stage);
    CHECK(lab_ssh(lab, 0, "grep -q frozen /root/frozen && grep -q raw /lab/disk0", NULL) == 0);
    CHECK(lab_ssh(lab, 0, "[ $(stat -c %u:%g /root/frozen) = 64045:64045 ]", NULL) == 0);
    CHECK(lab_ssh(lab, 0, "[ ! -e /etc/motd ]", NULL) == 0);
    CHECK(lab_ssh(lab, 0, "echo changed >/root/frozen && rm -r /root/kept", NULL) == 0);
    MUST(driver_lxc.verify_stage(lab->f->driver, lab->plan, stage, &err));
    test_network(lab);
}

/* What has our names but not our UUIDs. */
static void test_foreign(struct fixture *f)
{
    struct lr_error err = LR_ERROR_INIT;
    struct test_lab lab = lab_open(f, "foreign");
    const struct plan *p = lab.plan;
    _virt_connect_ virConnectPtr c = NULL;
    MUST(virt_open("lxc:///system", &c, &err));
    _free_ char *network = xasprintf("<network><name>%s</name></network>", p->segments[0].name);
    _free_ char *domain = xasprintf("<domain type='lxc'><name>%s</name><memory>65536</memory><os>"
                                    "<type>exe</type><init>/bin/sleep</init><initarg>600</initarg>"
                                    "</os><features><privnet/></features><devices>"
                                    "<console type='pty'/></devices></domain>",
        p->nodes[0].domain);
    _virt_network_ virNetworkPtr n = virNetworkCreateXML(c, network);
    _virt_domain_ virDomainPtr d = virDomainCreateXML(c, domain, 0);
    CHECK(n && d);
    CHECK(!lab_create(&lab, f->driver, NULL, &err));
    say("create is refused: %s", err.message);
    lr_error_clear(&err);
    MUST(lab_destroy(&lab, &err));
    _strv_ struct strv none = STRV_INIT, removed = STRV_INIT;
    struct reap_guard guard = reap_all_but(&none);
    MUST(driver_lxc.reap(f->driver, f->state_dir, &guard, false, &removed, &err));
    CHECK(removed.n == 0 && virNetworkIsActive(n) == 1 && virDomainIsActive(d) == 1);
    CHECK(virDomainDestroy(d) == 0 && virNetworkDestroy(n) == 0);
    _free_ char *log = xasprintf("/var/log/libvirt/lxc/%s.log", p->nodes[0].domain);
    unlink(log);
    check_gone(&lab);
    lab_close(&lab);
    say("a foreign domain and network with our names were left alone");
}

/* A lab that nobody knows of any more, beside one that somebody does. */
static void test_reap(const struct test_lab *lab, const struct test_lab *other)
{
    struct lr_error err = LR_ERROR_INIT;
    struct fixture *f = lab->f;
    _strv_ struct strv known = STRV_INIT, listed = STRV_INIT, kept = STRV_INIT, removed = STRV_INIT;
    strv_add(&known, other->plan->lab);
    strv_add(&known, lab->plan->lab);
    struct reap_guard guard = reap_all_but(&known);
    MUST(driver_lxc.reap(f->driver, f->state_dir, &guard, false, &kept, &err));
    CHECK(kept.n == 0);
    strv_free(&known);
    strv_add(&known, other->plan->lab);
    MUST(driver_lxc.reap(f->driver, f->state_dir, &guard, true, &listed, &err));
    CHECK(listed.n == N_NODES + 2 && state_of(lab, 0) == NODE_RUNNING);
    MUST(driver_lxc.reap(f->driver, f->state_dir, &guard, false, &removed, &err));
    CHECK(removed.n == N_NODES + 2 && state_of(lab, 0) == NODE_OFF);
    CHECK(state_of(other, 0) == NODE_RUNNING);
    say("an orphaned lab's domains and networks were reaped");
}

static void timed_destroy(struct test_lab *lab)
{
    struct lr_error err = LR_ERROR_INIT;
    int64_t begin = now_ms();
    MUST(lab_destroy(lab, &err));
    say("%s: destroyed in %lld ms", lab->plan->lab, (long long)(now_ms() - begin));
    check_gone(lab);
    MUST(lab_destroy(lab, &err)); /* again: nothing to do */
    lab_close(lab);
}

int main(void)
{
    struct fixture f;
    fixture_open(&f);
    struct test_lab a = lab_open(&f, "a"), b = lab_open(&f, "b"), c = lab_open(&f, "c");
    timed_create(&a, NULL);
    test_contained(&a);
    test_network(&a);
    timed_create(&b, NULL);
    test_isolation(&a, &b);
    test_power_cut(&a);
    test_reboot_inside(&a);
    test_pause(&a);
    _free_ char *stage = test_freeze(&a, "one");
    test_damaged_stage(&a, stage);
    test_clone(&c, stage);
    test_reap(&b, &c);
    timed_destroy(&c);
    timed_destroy(&b);
    lab_close(&a);
    test_foreign(&f);
    fixture_close(&f);
    say("all well");
    return 0;
}
