/* terminal_run() in a child on a pty of its own (or on plain files), against the real sshd. */
#include "sshd.h"
#include "transport/terminal.h"
#include "util/deadline.h"
#include "util/fs.h"
#include "util/mem.h"
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

enum { SOON = 30000 };

static struct sshd sshd;

static void setup(void)
{
    sshd = (struct sshd){.listen_fd = -1};
    if (!sshd_setup(&sshd, NULL))
        cr_skip_test("there is no /usr/sbin/sshd");
}

static void teardown(void)
{
    sshd_clear(&sshd);
}

TestSuite(terminal, .init = setup, .fini = teardown, .timeout = 100);
TestSuite(pipeline, .init = setup, .fini = teardown, .timeout = 100);

/* The child: runs the terminal and says on FD how that ended. */
struct child {
    pid_t pid;
    int fd;   /* the pty's master, or the read end of its stdout */
    int said; /* the report */
    struct strbuf seen;
};

static void on_tap(char kind, const char *p, size_t n, void *data)
{
    FILE *f = data;
    static size_t told;
    if ((told += n) > 10000)
        return; /* the pipe must hold it all: the report is read at the end */
    fprintf(f, "tap %c ", kind);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%02x", (unsigned char)p[i]);
    fputc('\n', f);
}

static void child_main(int conn, const char *command, int report)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct client_conf conf = sshd_client_conf(&sshd);
    struct termios before, after;
    FILE *f = fdopen(report, "w");
    struct terminal_tap tap = {on_tap, f};
    int status = -1;
    memset(&before, 0, sizeof before); /* there is padding in it */
    memset(&after, 0, sizeof after);
    bool have_tty = tcgetattr(0, &before) == 0;
    signal(SIGPIPE, SIG_DFL);
    if (!cancel_install(&err))
        _exit(99);
    if (terminal_run(conn, &conf, command, &tap, &status, &err))
        fprintf(f, "status %d\n", status);
    else
        fprintf(f, "error %d %s\n", err.code, err.message);
    if (have_tty && tcgetattr(0, &after) == 0)
        fprintf(f, "%s\n", memcmp(&before, &after, sizeof before) ? "changed" : "restored");
    fclose(f);
    _exit(0);
}

static struct child start_pty(const char *command, int cols, int rows)
{
    int report[2];
    struct child c = {.seen = STRBUF_INIT};
    struct winsize ws = {.ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows};
    int conn = sshd_dial(&sshd);
    cr_assert_eq(pipe2(report, O_CLOEXEC), 0);
    c.pid = forkpty(&c.fd, NULL, NULL, &ws);
    if (c.pid == 0) {
        setenv("TERM", "vt220", 1);
        child_main(conn, command, report[1]);
    }
    close(conn);
    close(report[1]);
    c.said = report[0];
    return c;
}

/* Reads until TEXT has come. */
static void expect(struct child *c, const char *text)
{
    struct deadline d = deadline_in(SOON);
    while (!c->seen.data || !strstr(c->seen.data, text)) {
        char buf[4096];
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        cr_assert_gt(poll(&p, 1, deadline_poll_ms(d)), 0, "no '%s' in '%s'", text, c->seen.data);
        ssize_t n = read(c->fd, buf, sizeof buf);
        cr_assert_gt(n, 0, "no '%s' in '%s'", text, c->seen.data);
        strbuf_add(&c->seen, buf, (size_t)n);
    }
    size_t end = (size_t)(strstr(c->seen.data, text) - c->seen.data) + strlen(text);
    memmove(c->seen.data, c->seen.data + end, c->seen.len - end + 1);
    c->seen.len -= end;
}

static void type(struct child *c, const char *text)
{
    cr_assert_eq(write(c->fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Waits for the end and gives the report. The master is read meanwhile, or the child could hang. */
static char *finish(struct child *c)
{
    struct strbuf report = STRBUF_INIT;
    struct deadline d = deadline_in(SOON);
    for (;;) {
        char buf[65536];
        struct pollfd p[2] = {{.fd = c->said, .events = POLLIN}, {.fd = c->fd, .events = POLLIN}};
        cr_assert_gt(poll(p, 2, deadline_poll_ms(d)), 0, "the child does not end; it showed '%s'",
            c->seen.data);
        if (p[1].revents) {
            ssize_t n = read(c->fd, buf, sizeof buf);
            if (n > 0) {
                strbuf_add(&c->seen, buf, (size_t)n);
            } else {
                close(c->fd);
                c->fd = -1;
            }
        }
        if (p[0].revents) {
            ssize_t n = read(c->said, buf, sizeof buf);
            if (n <= 0)
                break;
            strbuf_add(&report, buf, (size_t)n);
        }
    }
    int status;
    cr_assert_eq(waitpid(c->pid, &status, 0), c->pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(c->said);
    if (c->fd >= 0)
        close(c->fd);
    strbuf_free(&c->seen);
    return strbuf_steal(&report);
}

static void assert_says(const char *report, const char *text)
{
    cr_assert(strstr(report, text), "'%s' does not say '%s'", report, text);
}

Test(terminal, exit_status_of_a_command)
{
    struct child c = start_pty("test -t 0 && test -t 1 && echo on-$TERM; exit 7", 80, 24);
    expect(&c, "on-vt220\r\n");
    _free_ char *report = finish(&c);
    assert_says(report, "status 7\nrestored\n");
}

Test(terminal, size_and_its_changes)
{
    struct child c = start_pty(NULL, 91, 33);
    /* Written so that the echo of the input is not taken for the answer. */
    type(&c, "echo size:$(stty size)\r");
    expect(&c, "size:33 91\r\n");
    struct winsize ws = {.ws_col = 132, .ws_row = 50};
    cr_assert_eq(ioctl(c.fd, TIOCSWINSZ, &ws), 0);
    type(&c, "echo size:$(stty size)\r");
    expect(&c, "size:50 132\r\n");
    type(&c, "exit 4\r");
    _free_ char *report = finish(&c);
    assert_says(report, "status 4\nrestored\n");
    assert_says(report, "tap r 3931783333\n");   /* 91x33 */
    assert_says(report, "tap r 313332783530\n"); /* 132x50 */
}

Test(terminal, bytes_pass_unchanged)
{
    struct child c = start_pty("stty raw -echo; echo ready; head -c 14 | od -An -tx1", 80, 24);
    expect(&c, "ready");
    type(&c, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\x03\x04\x1a\x11\r");
    expect(&c, "c3 a4 e2 82 ac f0 9f 98 80 03 04 1a 11 0d");
    _free_ char *report = finish(&c);
    assert_says(report, "tap i c3a4e282acf09f988003041a110d\n");
    assert_says(report, "status 0\nrestored\n");
}

Test(terminal, control_c_goes_to_the_other_side)
{
    struct child c =
        start_pty("trap 'echo caught; exit 5' INT; echo ready; sleep 60 & wait", 80, 24);
    expect(&c, "ready");
    type(&c, "\x03");
    expect(&c, "caught");
    _free_ char *report = finish(&c);
    assert_says(report, "status 5\nrestored\n");
}

Test(terminal, tilde_dot_leaves)
{
    struct child c = start_pty("stty -echo; echo ready; exec cat", 80, 24);
    expect(&c, "ready");
    type(&c, "a~.b\r~~c\r~d\r");
    expect(&c, "a~.b\r\n~c\r\n~d\r\n");
    type(&c, "~");
    type(&c, ".");
    _free_ char *report = finish(&c);
    assert_says(report, "left by ~.\nrestored\n");
}

Test(terminal, restored_when_told_to_end)
{
    struct child c = start_pty("echo ready; exec sleep 60", 80, 24);
    expect(&c, "ready");
    kill(c.pid, SIGTERM);
    _free_ char *report = finish(&c);
    assert_says(report, "interrupted\nrestored\n");
}

Test(terminal, restored_when_the_connection_breaks)
{
    struct child c = start_pty("echo ready; read x; kill -KILL $PPID; sleep 60", 80, 24);
    expect(&c, "ready");
    type(&c, "\r");
    _free_ char *report = finish(&c);
    assert_says(report, "node 'real': connection lost");
    assert_says(report, "restored\n");
}

Test(terminal, signal)
{
    struct child c = start_pty("kill -TERM $$", 80, 24);
    _free_ char *report = finish(&c);
    assert_says(report, "status 143\nrestored\n");
}

/* What an editor or `ceph -w` in a large window does. */
Test(terminal, much_output_comes_whole)
{
    struct child c = start_pty("seq 1 200000; echo done-with-it", 80, 24);
    expect(&c, "\r\n1000\r\n");
    expect(&c, "\r\n199999\r\n200000\r\ndone-with-it\r\n");
    _free_ char *report = finish(&c);
    assert_says(report, "status 0\nrestored\n");
}

Test(terminal, the_terminal_goes_away)
{
    struct child c = start_pty("echo ready; exec cat", 80, 24);
    expect(&c, "ready");
    close(c.fd);
    c.fd = -1;
    _free_ char *report = finish(&c);
    assert_says(report, "error");
}

/* Without a terminal. */

static struct child start_files(const char *command, int in, bool keep_out, int *ret_err)
{
    int report[2], out[2], errs[2];
    struct child c = {.seen = STRBUF_INIT};
    int conn = sshd_dial(&sshd);
    cr_assert_eq(pipe2(report, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(errs, O_CLOEXEC), 0);
    c.pid = fork();
    if (c.pid == 0) {
        dup2(in, 0);
        dup2(out[1], 1);
        dup2(errs[1], 2);
        close(out[0]);
        close(out[1]);
        child_main(conn, command, report[1]);
    }
    close(conn);
    close(in);
    close(out[1]);
    close(errs[1]);
    close(report[1]);
    c.said = report[0];
    c.fd = out[0];
    if (!keep_out) {
        close(out[0]);
        c.fd = -1;
    }
    *ret_err = errs[0];
    return c;
}

static int file_of(const char *data, size_t len)
{
    char path[] = "/tmp/labrun-input-XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    cr_assert_eq(write(fd, data, len), (ssize_t)len);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

Test(pipeline, a_file_goes_through_cat)
{
    size_t len = 3000000;
    _free_ char *data = xmalloc(len);
    for (size_t i = 0; i < len; i++)
        data[i] = "abcdefghijklm~.\r\n"[(i * 7 + i / 19) % 17];
    _close_ int errs = -1;
    struct child c =
        start_files("test -t 0 || cat; echo aside >&2; exit 3", file_of(data, len), true, &errs);
    struct strbuf got = STRBUF_INIT;
    char buf[65536];
    for (ssize_t n; (n = read(c.fd, buf, sizeof buf)) > 0;)
        strbuf_add(&got, buf, (size_t)n);
    _free_ char *report = finish(&c);
    assert_says(report, "status 3\n");
    cr_assert_eq(got.len, len);
    cr_assert(memcmp(got.data, data, len) == 0);
    ssize_t n = read(errs, buf, sizeof buf);
    cr_assert(n == 6 && memcmp(buf, "aside\n", 6) == 0);
    strbuf_free(&got);
}

Test(pipeline, a_reader_that_goes_away_is_a_broken_pipe)
{
    _close_ int errs = -1;
    struct child c = start_files("yes", open("/dev/null", O_RDONLY), false, &errs);
    _free_ char *report = finish(&c);
    assert_says(report, "status 141\n");
}

Test(pipeline, a_slow_reader_holds_the_writer_up)
{
    _close_ int errs = -1;
    struct child c =
        start_files("head -c 50000000 /dev/zero", open("/dev/null", O_RDONLY), true, &errs);
    /* Nobody reads yet: what is in flight stays within the windows, far below the whole. */
    struct pollfd p = {.fd = c.fd, .events = POLLIN};
    cr_assert_eq(poll(&p, 1, SOON), 1);
    usleep(700000);
    _free_ char *statm = xasprintf("/proc/%d/statm", (int)c.pid);
    FILE *f = fopen(statm, "r");
    unsigned long pages = 0, resident = 0;
    cr_assert_eq(fscanf(f, "%lu %lu", &pages, &resident), 2);
    fclose(f);
    size_t got = 0;
    char buf[65536];
    for (ssize_t n; (n = read(c.fd, buf, sizeof buf)) > 0;)
        got += (size_t)n;
    _free_ char *report = finish(&c);
    assert_says(report, "status 0\n");
    cr_assert_eq(got, 50000000);
#ifndef __SANITIZE_ADDRESS__
    cr_assert_lt(resident * 4096, 30000000);
#endif
}

Test(pipeline, wrong_host_key_is_an_error)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _keypair_ struct keypair other = {NULL, NULL};
    cr_assert(keypair_make("other", &other, &err));
    struct client_conf conf = sshd_client_conf(&sshd);
    conf.host_key = other.public_line;
    int status;
    cr_assert_not(terminal_run(sshd_dial(&sshd), &conf, "true", NULL, &status, &err));
    cr_assert(strstr(err.message, "not the pinned one"), "%s", err.message);
}
