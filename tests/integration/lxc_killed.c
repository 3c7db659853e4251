/* A command that is killed while it creates a lab, at any moment: destroy() must remove all of it.
 */
#include "driver/virt.h"
#include "lxc_lab.h"
#include "util/fs.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define ROUNDS 20

/* In the child: nothing of the parent's connection is used. */
static void create_and_stay(const struct test_lab *lab)
{
    struct lr_error err = LR_ERROR_INIT;
    struct driver *d = NULL;
    if (!driver_lxc.open(&d, &err) || !lab_create(lab, d, NULL, &err)) {
        fprintf(stderr, "create: %s\n", err.message);
        _exit(1);
    }
    for (;;)
        pause();
}

static void kill_after(const struct test_lab *lab, int64_t ms)
{
    struct lr_error err = LR_ERROR_INIT;
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        create_and_stay(lab);
    bool ready;
    MUST(wait_fd(-1, 0, deadline_in(ms), &ready, &err));
    int status;
    CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status)); /* it did not end by an error of its own */
}

static void one_round(struct fixture *f, int64_t ms)
{
    struct lr_error err = LR_ERROR_INIT;
    struct test_lab lab = lab_open(f, "killed");
    kill_after(&lab, ms);
    _free_ char *before = lab_leftovers(&lab);
    size_t things = 0;
    for (const char *c = before; *c; c++)
        things += *c == '\n';
    int64_t begin = now_ms();
    MUST(lab_destroy(&lab, &err));
    _free_ char *after = lab_leftovers(&lab);
    say("killed after %lld ms with %zu things made: removed in %lld ms", (long long)ms, things,
        (long long)(now_ms() - begin));
    if (*after)
        fprintf(stderr, "left over:\n%s", after);
    CHECK(!*after);
    lab_close(&lab);
}

/* How long a whole creation takes here and now, so that the moments are spread over it; the shorter
 * of two, for the first finds cold caches. */
static int64_t whole_creation(struct fixture *f)
{
    struct lr_error err = LR_ERROR_INIT;
    int64_t whole = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        struct test_lab lab = lab_open(f, "killed");
        int64_t begin = now_ms();
        MUST(lab_create(&lab, f->driver, NULL, &err));
        int64_t took = now_ms() - begin;
        whole = took < whole ? took : whole;
        MUST(lab_destroy(&lab, &err));
        lab_close(&lab);
    }
    return whole;
}

int main(void)
{
    struct fixture f;
    fixture_open(&f);
    int64_t whole = whole_creation(&f);
    say("a whole creation takes %lld ms", (long long)whole);
    for (int i = 0; i < ROUNDS; i++)
        one_round(&f, 1 + whole * i / (ROUNDS - 3));
    /* The images' files are all still there. */
    _free_ char *sh = path_join(f.image, "root/usr/bin/dash");
    CHECK(path_exists(sh));
    fixture_close(&f);
    say("all well");
    return 0;
}
