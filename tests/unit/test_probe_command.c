/* The command probe against this machine: the shell that sends it is real. */
#include "probe_support.h"
#include <criterion/criterion.h>
#include <sys/stat.h>

static char dir[] = "/tmp/labrun-command-XXXXXX";

static void script(const char *name, const char *text)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *path = path_join(dir, name);
    cr_assert(file_write_atomic(path, text, strlen(text), 0755, &err), "%s", err.message);
}

static void setup(void)
{
    cr_assert(mkdtemp(dir));
}

static void teardown(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(tree_remove(dir, &err));
}

TestSuite(command, .init = setup, .fini = teardown);

static void verdict_is(const char *yaml, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, dir);
    fixture_gives(&f, yaml, verdict, seen);
}

Test(command, words_and_lines)
{
    verdict_is("command: {run: [echo, \"a b\", \"$HOME\", \"it's\"], expect: {stdout: {equals: "
               "\"a b $HOME it's\"}}}",
        "pass", "a b $HOME it's");
    verdict_is("command: {run: \"echo $HOME; exit 3\", expect: {exit: 3, stdout: /root}}", "pass",
        "exit status 3");
    verdict_is("command: {run: [\"false\"]}", "fail", "exit status 1");
    verdict_is("command: {run: [\"false\"], expect: {exit: any}}", "pass", "exit status 1");
    verdict_is("command: {run: \"echo no >&2; exit 1\"}", "fail", "stderr:\nno");
}

/* What was cut off may have had anything in it. */
Test(command, more_output_than_is_read)
{
#define LONG "\"head -c 5000000 /dev/zero | tr '\\\\0' a"
    verdict_is("command: {run: " LONG " >&2\", expect: {stderr: {lacks: b}}}", "error",
        "stderr is too long to be judged");
    verdict_is("command: {run: " LONG " >&2\", expect: {stdout: \"\"}}", "pass", "stdout is that");
    verdict_is("command: {run: " LONG "\", expect: {stdout: {lacks: b}}}", "error",
        "too long to be judged");
    verdict_is("command: {run: " LONG " >&2; exit 3\", expect: {stderr: {lacks: b}}}", "fail",
        "exit status 3");
}

Test(command, output_rules)
{
    static const struct {
        const char *rule, *verdict;
    } rows[] = {
        {"{contains: [two, three]}", "pass"},
        {"{contains: [two, four]}", "fail"},
        {"{lacks: four}", "pass"},
        {"{lacks: [four, one]}", "fail"},
        {"{matches: \"^two$\"}", "pass"},
        {"{matches: \"^wo\"}", "fail"},
        {"{equals: \"one\\ntwo\\nthree\"}", "pass"},
        {"{equals: \"one\"}", "fail"},
        {"{json: [{path: .a, exists: true}]}", "error"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *yaml = xasprintf(
            "command: {run: \"printf 'one\\\\ntwo\\\\nthree\\\\n'\", expect: {stdout: %s}}",
            rows[i].rule);
        verdict_is(yaml, rows[i].verdict, "");
    }
}

Test(command, json_rules)
{
    static const struct {
        const char *rule, *verdict;
    } rows[] = {
        {"{path: .health.status, equals: ok}", "pass"},
        {"{path: .health.status, equals: \"1\"}", "fail"},
        {"{path: .health.status, not: ok}", "fail"},
        {"{path: .n, equals: 3}", "pass"},
        {"{path: .n, equals: 3.0}", "pass"},
        {"{path: .n, equals: \"3\"}", "fail"},
        {"{path: .n, min: 3, max: 3}", "pass"},
        {"{path: .n, min: 4}", "fail"},
        {"{path: .n, max: 2}", "fail"},
        {"{path: .health.status, min: 0}", "fail"},
        {"{path: \".list[1]\", equals: b}", "pass"},
        {"{path: \".list[-1]\", equals: c}", "pass"},
        {"{path: \".list[3]\"}", "fail"},
        {"{path: \".list[-4]\"}", "fail"},
        {"{path: .list, contains: b}", "pass"},
        {"{path: .list, contains: x}", "fail"},
        {"{path: .list, equals: [a, b, c]}", "pass"},
        {"{path: .health.status, contains: k}", "pass"},
        {"{path: .gone, exists: false}", "pass"},
        {"{path: .n, exists: false}", "fail"},
        {"{path: .gone.deeper, equals: 1}", "fail"},
        {"{path: '.\"a b\"', equals: true}", "pass"},
        {"{path: .none, equals: null}", "pass"},
        {"{path: ., contains: n}", "pass"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _free_ char *yaml = xasprintf(
            "command: {run: [echo, '{\"health\": {\"status\": \"ok\"}, "
            "\"n\": 3, \"list\": [\"a\", \"b\", \"c\"], \"a b\": true, \"none\": null}'], "
            "expect: {stdout: {json: [%s]}}}",
            rows[i].rule);
        verdict_is(yaml, rows[i].verdict, "");
    }
}

Test(command, scripts_of_every_interpreter_take_arguments_and_keep_stdin_empty)
{
    script("a.sh", "#!/bin/sh\nset -eu\ncat\ncat >/dev/null\necho \"$0 $1 $#\"\n");
    script("a.bash", "#!/usr/bin/env bash\nx=(1 2)\ncat\necho \"$0 $1 ${#x[@]}\"\n");
    script("a.py",
        "#!/usr/bin/env python3\nimport sys\nprint(repr(sys.stdin.read()), sys.argv[1:])\n");
    script("a.pl", "#!/usr/bin/perl\nprint \"perl @ARGV\\n\";\n");
    verdict_is(
        "command: {script: a.sh, args: [\"x y\", z], expect: {stdout: {equals: \"a.sh x y 2\"}}}",
        "pass", "");
    verdict_is(
        "command: {script: a.bash, args: [one], expect: {stdout: {equals: \"a.bash one 2\"}}}",
        "pass", "");
    verdict_is("command: {script: a.py, args: [one], expect: {stdout: {equals: \"'' ['one']\"}}}",
        "pass", "");
    verdict_is("command: {script: a.pl, args: [one], expect: {stdout: {equals: \"perl one\"}}}",
        "pass", "");
}

Test(command, a_script_is_not_in_the_process_list)
{
    script("hidden.sh", "#!/bin/sh\n# the answer is 42\n/usr/bin/tr '\\0' ' ' </proc/$$/cmdline\n");
    verdict_is(
        "command: {script: hidden.sh, expect: {stdout: {lacks: [answer, \"42\"], contains: eval}}}",
        "pass", "");
}

Test(command, what_cannot_be_told_is_an_error)
{
    script("untold.sh", "#!/bin/sh\necho 'no route to the tracker' >&2\nexit 75\n");
    script("missing-tool.sh", "#!/bin/sh\nno-such-tool --now\n");
    verdict_is("command: {script: untold.sh}", "error", "no route to the tracker");
    verdict_is("command: {script: missing-tool.sh}", "error", "not found");
    verdict_is("command: {run: [no-such-tool]}", "error", "not found");
    verdict_is("command: {run: [/etc/passwd]}", "error", "could not be executed");
    verdict_is("command: {run: [no-such-tool], expect: {exit: 127}}", "pass", "127");
    verdict_is("command: {run: \"kill -9 $$\"}", "error", "");
}

/* Whatever the login shell's own files do by accident, the answer is the same. */
Test(command, the_login_shells_environment_does_not_get_in)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, dir);
    script("rc",
        "echo 'welcome to web01'\necho oops >&2\nalias ls=false\n"
        "export PATH=/nowhere LD_PRELOAD_X=1 BASH_ENV=/tmp/x LC_ALL=de_DE\ncd /tmp\n");
    _free_ char *rc = path_join(dir, "rc");
    f.shell[0] = "/usr/bin/env";
    f.shell[1] = "bash";
    f.shell[2] = "-c";
    _free_ char *wrapper = xasprintf(". %s; shift; eval \"$1\"", rc);
    f.shell[3] = wrapper;
    f.shell[4] = "bash";
    const char *v = fixture_try(&f,
        "command: {run: \"env | sort; pwd; echo end >&2\", expect: {stderr: end, stdout: {equals: "
        "\"HOME=/root\\nLABRUN_PATIENCE=1\\nLC_ALL=C.UTF-8\\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\\nPWD=/\\n/\"}}}");
    cr_assert_str_eq(v, "pass", "%s", f.outcome.evidence.seen);
}

Test(command, a_login_shell_that_ends_early_is_an_error)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, dir);
    f.shell[0] = "/bin/sh";
    f.shell[1] = "-c";
    f.shell[2] = "echo go away; exit 1";
    f.shell[3] = "sh";
    cr_assert_str_eq(fixture_try(&f, "command: {run: [\"true\"]}"), "error");
    cr_assert_not_null(strstr(f.outcome.evidence.seen, "login shell"));
}

Test(command, how_it_ended)
{
    static const struct {
        enum run_end end;
        const char *text;
    } rows[] = {
        {RUN_LOST, "connection lost"}, {RUN_TIMED_OUT, "no answer"}, {RUN_SIGNALLED, "signal"}};
    for (size_t i = 0; i < 3; i++) {
        _fixture_ struct probe_fixture f;
        fixture_init(&f, dir);
        f.out = "x";
        f.end = rows[i].end;
        cr_assert_str_eq(fixture_try(&f, "command: {run: [\"true\"]}"), "error");
        cr_assert_not_null(strstr(f.outcome.evidence.seen, rows[i].text));
    }
}

Test(command, mistakes_have_a_place)
{
    script("a.sh", "#!/bin/sh\n");
    script("odd", "#!/usr/bin/awk -f\n");
    script("options", "#!/bin/sh -e\n");
    script("env", "#!/usr/bin/env -S python3 -u\n");
    static const char *const rows[][2] = {
        {"command: {}", "test:1:10: either 'script' or 'run' is needed\n"},
        {"command: {run: [a], script: a.sh}", "test:1:10: either 'script' or 'run' is needed\n"},
        {"command: {run: [a], args: [b]}", "test:1:27: 'args' goes with 'script'"},
        {"command: {run: [a], expect: {exit: 256}}", "test:1:36: "},
        {"command: {run: [a], expect: {stdout: {matches: \"(\"}}}",
            "test:1:48: 'matches' is not a regular expression"},
        {"command: {run: [a], expect: {stdout: {matches: \"(((a{255}){255}){255}){255}\"}}}",
            "test:1:48: 'matches' is too long"},
        {"command: {run: [a], expect: {stdout: {matches: \"(a{999}){9999}\"}}}",
            "test:1:48: 'matches' is too long"},
        {"command: {run: [a], expect: {stdout: {matches: \"((((a{,60}){,60}){,2}){,2}){,2}\"}}}",
            "test:1:48: 'matches' is too long"},
        {"command: {run: [a], expect: {stdout: {matches: \"a{0,32767}\"}}}",
            "test:1:48: 'matches' is too long"},
        {"command: {run: [a], expect: {stdout: {json: [{path: a..b}]}}}",
            "test:1:53: 'a..b' is not a path"},
        {"command: {run: [a], expect: {stdot: x}}", "did you mean 'stdout'?"},
        {"command: {script: ../x}", "test:1:19: "},
        {"command: {script: gone.sh}", "test:1:19: "},
        {"command: {script: odd}", "test:1:19: script 'odd' names no interpreter"},
        {"command: {script: options}", "test:1:19: script 'options' names no interpreter"},
        {"command: {script: env}", "test:1:19: script 'env' names no interpreter"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _fixture_ struct probe_fixture f;
        fixture_init(&f, dir);
        const char *text = fixture_try(&f, rows[i][0]);
        cr_assert_not_null(strstr(text, rows[i][1]), "%s gave %s", rows[i][0], text);
    }
}

Test(command, a_script_is_given_the_parameters_that_it_names)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"p.sh",
            "#!/bin/sh\necho \"<$LABRUN_PARAM_WORD>\"; env | grep -c LABRUN_PARAM; echo \"$0 $1\""},
        {"p.bash",
            "#!/bin/bash\necho \"<$LABRUN_PARAM_WORD>\"\nenv | grep -c LABRUN_PARAM\necho \"$0 $1\""},
        {"p.py",
            "#!/usr/bin/env python3\nimport os, sys\nprint('<%s>' % "
            "os.environ['LABRUN_PARAM_WORD'])\nprint(sum('LABRUN_PARAM' in k for k in os.environ))\n"
            "print('p.py', sys.argv[1])"},
        {"p.pl",
            "#!/usr/bin/perl\nprint \"<$ENV{LABRUN_PARAM_WORD}>\\n\", scalar(grep { /LABRUN_PARAM/ } "
            "keys %ENV), \"\\np.pl $ARGV[0]\\n\";"},
    };
    struct parameter parameters[] = {
        {(char *)"word", (char *)"it's a \\ \"$x\""}, {(char *)"words", (char *)"not named"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        _fixture_ struct probe_fixture f;
        fixture_init(&f, dir);
        f.scenario.parameters = parameters;
        f.scenario.n_parameters = 2;
        script(rows[i].name, rows[i].text);
        _free_ char *yaml =
            xasprintf("command: {script: %s, args: [arg], expect: {stdout: {equals: "
                      "\"<it's a \\\\ \\\"$x\\\">\\n1\\n%s arg\"}}}",
                rows[i].name, rows[i].name);
        const char *got = fixture_try(&f, yaml);
        cr_expect_str_eq(got, "pass", "%s: %s", rows[i].name, f.outcome.evidence.seen);
        cr_expect_null(strstr(f.command, "it's"), "no process list shows it: %s", f.command);
        cr_expect_null(strstr(f.outcome.evidence.asked, "it's"));
    }
}
