#include "record/attempt.h"
#include "record/cast.h"
#include "util/fs.h"
#include "util/proc.h"
#include "util/utf8.h"
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char *scratch(void)
{
    char *dir = xstrdup("/tmp/labrun-cast-XXXXXX");
    cr_assert(mkdtemp(dir));
    return dir;
}

static struct cast *open_cast(const char *path, size_t cap)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct cast_conf conf = {.cols = 80, .rows = 24, .title = "node \"a\"\xff", .cap = cap};
    struct cast *c = NULL;
    cr_assert(cast_open(path, &conf, &c, &err), "%s", err.message);
    return c;
}

/* Another JSON reader than ours judges each line; gives the events that a player would show. Takes
 * many files at once, since starting Python takes longer than all else here. */
static char *play_all(const struct strv *paths)
{
    static const char script[] =
        "import json, sys\n"
        "for path in sys.argv[1:]:\n"
        "    lines = open(path, 'rb').read().decode('utf-8').split('\\n')\n"
        "    assert lines.pop() == '', 'torn last line'\n"
        "    head = json.loads(lines[0])\n"
        "    assert [head[k] for k in ('version', 'width', 'height')] == [2, 80, 24], head\n"
        "    assert head['title'].startswith('node \"a\"'), head\n"
        "    last = 0\n"
        "    for line in lines[1:]:\n"
        "        t, kind, data = json.loads(line)\n"
        "        assert t >= last and kind in ('o', 'i', 'r', 'm') and isinstance(data, str), line\n"
        "        last = t\n"
        "        print(kind + ':' + ascii(data))\n"
        "    if len(sys.argv) > 2:\n"
        "        print('events:', len(lines) - 1)\n";
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv argv = STRV_INIT;
    strv_add(&argv, "python3");
    strv_add(&argv, "-c");
    strv_add(&argv, script);
    for (size_t i = 0; i < paths->n; i++)
        strv_add(&argv, paths->items[i]);
    struct proc_result r = {0};
    struct proc_opts opts = {.cap = 64UL << 20};
    cr_assert(proc_run((const char *const *)argv.items, &opts, &r, &err), "%s", err.message);
    cr_assert_eq(r.status, 0, "%s", r.output);
    return r.output;
}

static char *play(const char *path)
{
    _strv_ struct strv paths = STRV_INIT;
    strv_add(&paths, path);
    return play_all(&paths);
}

Test(cast, split_and_invalid_utf8)
{
    _free_ char *dir = scratch();
    _free_ char *path = path_join(dir, "a.cast");
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct cast *c = open_cast(path, 0);
    cast_add(c, 'o', "a\xe2", 2); /* the euro sign, over three chunks */
    cast_add(c, 'o', "\x82", 1);
    cast_tap('r', "100x30", 6, c);
    cast_add(c, 'i', "secret", 6); /* not asked for */
    cast_add(c, 'o',
        "\xac"
        "b",
        2);
    cast_add(c, 'o', "\xff\xc0\x80\xed\xa0\x80|", 7); /* never UTF-8 */
    cast_add(c, 'o', "\"\\\n\r\0\x1b[0m\x7f", 10);
    cast_add(c, 'o', "\xf0\x9f", 2); /* the end comes first */
    cr_assert(cast_close(c, &err), "%s", err.message);
    _free_ char *seen = play(path);
    cr_expect_str_eq(seen,
        "o:'a'\n"
        "r:'100x30'\n"
        "o:'\\u20acb'\n"
        "o:'\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd|'\n"
        "o:'\"\\\\\\n\\r\\x00\\x1b[0m\\x7f'\n"
        "o:'\\ufffd'\n");
    cr_assert(tree_remove(dir, &err));
}

Test(cast, every_byte_in_chunks_of_every_size)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strbuf_ struct strbuf all = STRBUF_INIT;
    _strv_ struct strv paths = STRV_INIT;
    for (int i = 0; i < 256; i++)
        strbuf_add(&all, &(char){(char)i}, 1);
    strbuf_adds(&all, "日本語 – ünïcödé 🚀 end");
    for (size_t step = 1; step <= 8; step++) {
        strv_addf(&paths, "%s/%zu.cast", dir, step);
        struct cast *c = open_cast(paths.items[step - 1], 0);
        for (size_t i = 0; i < all.len; i += step)
            cast_add(c, 'o', all.data + i, all.len - i < step ? all.len - i : step);
        cr_assert(cast_close(c, &err), "%s", err.message);
    }
    /* However it was cut, the same text comes out: here with all that is between events gone. */
    _free_ char *seen = play_all(&paths);
    size_t files = 0;
    char *save = NULL;
    _strbuf_ struct strbuf text = STRBUF_INIT;
    for (char *l = strtok_r(seen, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
        if (!has_prefix(l, "events:")) {
            strbuf_add(&text, l + 3, strlen(l) - 4);
            continue;
        }
        files++;
        cr_expect(strstr(text.data, "\\u65e5\\u672c\\u8a9e \\u2013 "), "%s", text.data);
        cr_expect(strstr(text.data, "\\U0001f680 end"), "%s", text.data);
        strbuf_free(&text);
    }
    cr_expect_eq(files, 8);
    cr_assert(tree_remove(dir, &err));
}

Test(cast, is_cut_at_its_cap)
{
    _free_ char *dir = scratch();
    _free_ char *path = path_join(dir, "a.cast");
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct cast *c = open_cast(path, 2000);
    for (int i = 0; i < 1000; i++)
        cast_add(c, 'o', "0123456789", 10);
    cr_assert(cast_close(c, &err), "%s", err.message);
    _free_ char *text = NULL;
    size_t len;
    cr_assert(file_read(path, 2100, &text, &len, &err), "%s", err.message);
    _free_ char *seen = play(path);
    cr_expect(strstr(seen, "m:'recording cut at 2000 bytes'\n"));
    cr_assert(tree_remove(dir, &err));
}

Test(cast, killed_at_any_instant_it_plays_up_to_there)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv paths = STRV_INIT;
    enum { ROUNDS = 20 };
    for (int round = 0; round < ROUNDS; round++) {
        strv_addf(&paths, "%s/%d.cast", dir, round);
        int ready[2];
        cr_assert_eq(pipe(ready), 0);
        pid_t pid = fork();
        if (pid == 0) {
            struct cast *c = open_cast(paths.items[round], 0);
            for (int i = 0;; i++) {
                cast_add(c, 'o', "some output of a program\r\n", 26);
                if (i == round * 10 && write(ready[1], "x", 1) != 1)
                    _exit(1);
            }
        }
        char ch;
        cr_assert_eq(read(ready[0], &ch, 1), 1);
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        close(ready[0]);
        close(ready[1]);
    }
    _free_ char *seen = play_all(&paths);
    const char *at = seen;
    for (int round = 0; round < ROUNDS; round++) {
        at = strstr(at, "events: ");
        cr_assert(at);
        cr_expect_geq(atoi(at + 8), round * 10 + 1);
        at += 8;
    }
    cr_assert(tree_remove(dir, &err));
}

Test(cast, a_disk_that_is_full_is_told_at_the_end)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = scratch();
    _free_ char *path = path_join(dir, "a.cast");
    struct cast *c = open_cast(path, 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {4096, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (int i = 0; i < 1000; i++)
        cast_add(c, 'o', "0123456789", 10);
    limit.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert(!cast_close(c, &err));
    cr_expect_str_eq(err.message, "writing the recording: File too large");
    cr_assert(tree_remove(dir, &err));
}

Test(cast, never_writes_over_another)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *dir = scratch();
    _free_ char *there = path_join(dir, "there");
    cr_assert(file_write_atomic(there, "x", 1, 0600, &err));
    struct cast *c = NULL;
    cr_assert(!cast_open(there, &(struct cast_conf){.cols = 80, .rows = 24}, &c, &err));
    cr_expect(strstr(err.message, "File exists"), "%s", err.message);
    cr_assert(tree_remove(dir, &err));
}

Test(cast, attempts_keep_theirs_apart)
{
    _free_ char *dir = scratch();
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct attempt_new what = {.lab = "lab"};
    _attempt_ struct attempt *a = NULL;
    cr_assert(attempt_create(dir, &what, &a, &err), "%s", err.message);
    struct cast_conf conf = {.cols = 80, .rows = 24, .title = "node \"a\""};
    for (int i = 0; i < 3; i++) {
        struct cast *c = NULL;
        cr_assert(attempt_record(a, "ceph1", &conf, &c, &err), "%s", err.message);
        cast_add(c, 'o', "hello", 5);
        cr_assert(cast_close(c, &err), "%s", err.message);
    }
    _json_ json_t *events = NULL;
    cr_assert(attempt_events(a, "terminal", &events, NULL, &err), "%s", err.message);
    cr_assert_eq(json_array_size(events), 3);
    _strv_ struct strv paths = STRV_INIT;
    for (size_t i = 0; i < 3; i++) {
        json_t *data = json_object_get(json_array_get(events, i), "data");
        strv_addf(&paths, "%s/%s", a->dir, json_string_value(json_object_get(data, "recording")));
    }
    _free_ char *seen = play_all(&paths);
    cr_expect_str_eq(seen, "o:'hello'\nevents: 1\no:'hello'\nevents: 1\no:'hello'\nevents: 1\n");
    cr_assert(tree_remove(dir, &err));
}

Test(utf8, next)
{
    static const struct {
        const char *bytes;
        int len;
        uint32_t code;
    } table[] = {
        {"A", 1, 'A'},
        {"\xc3\xa9", 2, 0xe9},
        {"\xe2\x82\xac", 3, 0x20ac},
        {"\xf0\x9f\x9a\x80", 4, 0x1f680},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"\xe2\x82", 0, 0},
        {"\xf0\x9f\x9a", 0, 0},
        {"\xc0\x80", -1, 0},
        {"\xe0\x9f\xbf", -1, 0},
        {"\xed\xa0\x80", -1, 0},
        {"\xf4\x90\x80\x80", -1, 0},
        {"\xe2\x82z", -2, 0},
        {"\x80", -1, 0},
        {"\xff", -1, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint32_t code = 0;
        int len = utf8_next(table[i].bytes, strlen(table[i].bytes), &code);
        cr_expect_eq(len, table[i].len, "row %zu: %d", i, len);
        cr_expect_eq(code, table[i].code, "row %zu: %x", i, code);
    }
}
