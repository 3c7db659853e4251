#include "cli/print.h"
#include "cli/progress.h"
#include "util/log.h"
#include "util/parallel.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <regex.h>
#include <sys/ioctl.h>

static void utf8_locale(void)
{
    cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
}

TestSuite(print, .init = utf8_locale);
TestSuite(progress, .init = utf8_locale);

static bool matches(const char *text, const char *pattern)
{
    regex_t re;
    cr_assert_eq(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0, "%s", pattern);
    bool found = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return found;
}

Test(print, width)
{
    cr_expect_eq(text_width("abc"), 3);
    cr_expect_eq(text_width("ünï"), 3);
    cr_expect_eq(text_width("日本"), 4);
    cr_expect_eq(text_width("e\xcc\x81"), 1); /* a combining accent */
    cr_expect_eq(text_width("\xff"), 1);
}

Test(print, nothing_from_strangers_drives_the_terminal)
{
    static const struct {
        const char *in, *out;
    } table[] = {
        {"plain – ünï 日本", "plain – ünï 日本"}, {"\x1b[2Jgone", "?[2Jgone"},
        {"a\tb\nc\rd\x07", "a b c?d?"},
        {"\xc2\x9b"
         "31m",
            "?31m"}, /* CSI in one byte of C1 */
        {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"a\xe2\x80\xae"
         "b",
            "a?b"}, /* right-to-left override */
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        _free_ char *clean = text_printable(table[i].in);
        cr_expect_str_eq(clean, table[i].out);
    }
}

static char *print_table(size_t width, bool color)
{
    static const struct column columns[] = {{.title = "NAME"}, {.title = "TITLE", .shrinks = true},
        {.title = "N", .align = ALIGN_RIGHT}};
    _table_ struct table t;
    table_init(&t, columns, 3);
    table_add(&t, "日本");
    table_add(&t, "a rather long title of something");
    table_add(&t, "7");
    table_add(&t, "lab");
    table_add(&t, NULL);
    table_add_styled(&t, STYLE_GOOD, "100");
    char *text = NULL;
    size_t len = 0;
    struct out o = {open_memstream(&text, &len), color, width};
    table_print(&t, &o);
    fclose(o.file);
    return text;
}

Test(print, table_is_aligned_by_columns_not_bytes)
{
    _free_ char *text = print_table(0, false);
    cr_expect_str_eq(text,
        "NAME  TITLE                               N\n"
        "日本  a rather long title of something    7\n"
        "lab   -                                 100\n");
}

Test(print, table_is_cut_where_it_may_shrink)
{
    _free_ char *text = print_table(30, false);
    cr_expect_str_eq(text,
        "NAME  TITLE                  N\n"
        "日本  a rather long titl…    7\n"
        "lab   -                    100\n");
    _free_ char *narrow = print_table(3, false); /* never under 8 columns */
    cr_expect(strstr(narrow, "a rathe…"), "%s", narrow);
}

Test(print, colours_only_where_asked)
{
    _free_ char *text = print_table(0, true);
    cr_expect(strstr(text, "\x1b[32m100\x1b[0m"));
    cr_expect(strstr(text, "\x1b[1mNAME\x1b[0m"));
}

Test(print, text_keeps_its_lines)
{
    char *text = NULL;
    size_t len = 0;
    struct out o = {open_memstream(&text, &len), false, 0};
    out_text(&o, STYLE_BOLD, "one\ntwo\x1b[m\n\nend");
    fclose(o.file);
    cr_expect_str_eq(text, "one\ntwo?[m\n\nend");
    free(text);
}

Test(print, terminal_and_no_color)
{
    int master, slave;
    struct winsize size = {.ws_row = 10, .ws_col = 77};
    cr_assert_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
    _fclose_ FILE *tty = fdopen(slave, "w");
    _fclose_ FILE *plain = tmpfile();
    cr_expect(out_for(tty, false).color);
    cr_expect_eq(out_for(tty, false).width, 77);
    cr_expect(!out_for(tty, true).color);
    cr_expect(!out_for(plain, false).color);
    cr_expect_eq(out_for(plain, false).width, 0);
    setenv("NO_COLOR", "1", 1);
    cr_expect(!out_for(tty, false).color);
    setenv("NO_COLOR", "", 1);
    cr_expect(out_for(tty, false).color);
    setenv("TERM", "dumb", 1);
    cr_expect(!out_for(tty, false).color);
    close(master);
}

Test(print, error_with_hint)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    lr_error_set(&err, LR_EINFRA, "no node '\x1b[2J'\nsecond line");
    lr_error_hint(&err, "try again");
    print_error(f, "labrun", &err);
    fclose(f);
    cr_expect_str_eq(text, "labrun: no node '?[2J'\nsecond line\n        try again\n");
    free(text);
}

/* What a run of progress wrote to a file that is no terminal. */
static char *plain_progress(enum verbosity verbosity)
{
    char *text = NULL;
    size_t len = 0;
    _fclose_ FILE *f = tmpfile();
    struct progress *p = progress_begin(f, "labrun", verbosity, false);
    log_info("starting %s", "ceph1");
    log_warning("low on \x1b[2Jdisk");
    log_debug("took the other way");
    progress_end(p);
    log_info("after the end");
    rewind(f);
    size_t cap = 0;
    FILE *out = open_memstream(&text, &len);
    for (char *line = NULL; getline(&line, &cap, f) > 0 || (free(line), 0);)
        fputs(line, out);
    fclose(out);
    return text;
}

Test(progress, plain_lines_where_there_is_no_terminal)
{
    _free_ char *text = plain_progress(NORMAL);
    cr_expect(matches(text,
                  "^\\[ +0\\.[0-9]s\\] starting ceph1\nlabrun: warning: low on "
                  "\\?\\[2Jdisk\n$"),
        "%s", text);
    _free_ char *quiet = plain_progress(QUIET);
    cr_expect(matches(quiet, "^labrun: warning: low on \\?\\[2Jdisk\n$"), "%s", quiet);
    _free_ char *verbose = plain_progress(VERBOSE);
    cr_expect(matches(verbose, "starting ceph1\n.*disk\n\\[ +0\\.[0-9]s\\] took the other way\n$"),
        "%s", verbose);
}

/* Reads from the terminal's other side until PATTERN was seen; all that came. */
static char *read_until(int master, struct strbuf *seen, const char *pattern)
{
    while (!seen->data || !strstr(seen->data, pattern)) {
        struct pollfd p = {.fd = master, .events = POLLIN};
        cr_assert_eq(poll(&p, 1, 20000), 1, "no '%s' in: %s", pattern, seen->data);
        char chunk[4096];
        ssize_t n = read(master, chunk, sizeof chunk);
        cr_assert_gt(n, 0);
        strbuf_add(seen, chunk, (size_t)n);
    }
    return seen->data;
}

Test(progress, one_live_line_on_a_terminal)
{
    int master, slave;
    struct winsize size = {.ws_row = 10, .ws_col = 40};
    cr_assert_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
    _fclose_ FILE *tty = fdopen(slave, "w");
    _strbuf_ struct strbuf seen = STRBUF_INIT;
    struct progress *p = progress_begin(tty, "labrun", NORMAL, false);
    log_info("starting ceph1");
    read_until(master, &seen, "starting ceph1 (0.0s)");
    read_until(master, &seen, "starting ceph1 (0.1s)"); /* it moves by itself */
    log_info("a step whose name is much too long for this narrow terminal");
    read_until(master, &seen, "a step whose name is m");
    read_until(master, &seen, "…");
    cr_expect_null(strstr(seen.data, "too long"));
    log_warning("careful");
    read_until(master, &seen, "\r\x1b[Klabrun: warning: careful\r\n");
    _strbuf_ struct strbuf rest = STRBUF_INIT;
    read_until(master, &rest, "a step whose name is m"); /* it comes back after the warning */
    progress_hide(p);
    progress_end(p);
    fputs("END", tty);
    fflush(tty);
    char *all = read_until(master, &rest, "END");
    cr_expect_null(strstr(all, "\n"), "the live line was left behind: %s", all);
    cr_expect(strstr(all, "\r\x1b[KEND"), "%s", all);
    close(master);
}

static bool log_much(size_t i, void *data, struct lr_error *err)
{
    (void)data;
    (void)err;
    for (int k = 0; k < 200; k++)
        log_info("thread %zu line %d end", i, k);
    return true;
}

Test(progress, lines_of_many_threads_stay_whole)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _fclose_ FILE *f = tmpfile();
    struct progress *p = progress_begin(f, "labrun", NORMAL, false);
    cr_assert(parallel_run(8, log_much, NULL, &err));
    progress_end(p);
    rewind(f);
    _free_ char *line = NULL;
    size_t cap = 0, n = 0;
    regex_t re;
    cr_assert_eq(regcomp(&re, "^\\[ *[0-9]+\\.[0-9]s\\] thread [0-7] line [0-9]+ end\n$",
                     REG_EXTENDED | REG_NOSUB),
        0);
    for (; getline(&line, &cap, f) > 0; n++)
        cr_assert_eq(regexec(&re, line, 0, NULL, 0), 0, "%s", line);
    regfree(&re);
    cr_expect_eq(n, 1600);
}
