/* The `script` probe: programs that judge by themselves, run here for real. */
#include "probe_support.h"
#include <criterion/criterion.h>

static void prints(const char *out, const char *verdict, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = out;
    fixture_gives(&f, "script: {run: [judge]}", verdict, seen);
}

Test(script, verdicts)
{
    prints("{\"verdict\": \"pass\", \"seen\": \"all of it\"}\n", "pass", "all of it");
    prints("{\"verdict\": \"fail\", \"seen\": \"half of it\"}", "fail", "half of it");
    prints("{\"verdict\": \"error\", \"seen\": \"no clock\"}", "error", "no clock");
}

Test(script, the_program_says_what_was_asked)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out =
        "{\"verdict\": \"fail\", \"seen\": \"2\", \"expected\": \"3\", \"asked\": \"how many\"}";
    fixture_try(&f, "script: {run: [judge]}");
    cr_assert_str_eq(f.outcome.evidence.asked, "how many");
    cr_assert_str_eq(f.outcome.evidence.expected, "3");
    cr_assert_str_eq(f.outcome.evidence.seen, "2");
}

Test(script, odd_answers_are_errors)
{
    _free_ char *huge = ten_megabytes();
    prints("", "error", "not JSON");
    prints("pass", "error", "not JSON");
    prints("{\"verdict\": \"pass\", \"seen\": \"a", "error", "not JSON");
    prints("{\"verdict\": \"pass\", \"seen\": \"a\"} {}", "error", "not JSON");
    prints("{\"verdict\": \"pass\", \"verdict\": \"fail\", \"seen\": \"a\"}", "error", "duplicate");
    prints("{\"verdict\": \"pass\", \"seen\": NaN}", "error", "not JSON");
    prints("[\"pass\"]", "error", "not a JSON object");
    prints("{\"verdict\": \"pass\"}", "error", "lacks 'seen'");
    prints("{\"verdict\": true, \"seen\": \"a\"}", "error", "lacks 'verdict'");
    prints("{\"verdict\": \"pass\", \"seen\": 3}", "error", "lacks 'seen'");
    prints("{\"verdict\": \"pass\", \"seen\": \"a\", \"expected\": []}", "error", "'expected'");
    prints("{\"verdict\": \"passed\", \"seen\": \"a\"}", "error", "'passed' is none");
    prints("{\"verdict\": \"skipped\", \"seen\": \"a\"}", "error", "'skipped' is none");
    prints("{\"verdict\": \"pass\", \"seen\": \"a\", \"points\": 9}", "error", "member 'points'");
    prints(huge, "error", "too long");
}

#define SAYS_PASS "echo '{\\\"verdict\\\": \\\"pass\\\", \\\"seen\\\": \\\"fine\\\"}'"

Test(script, for_real)
{
    here_gives("script: {run: \"" SAYS_PASS "\"}", "pass", "fine");
    /* A verdict, and then a crash: nobody knows what it was worth. */
    here_gives("script: {run: \"" SAYS_PASS "; exit 1\"}", "error", "exit status 1");
    here_gives("script: {run: \"" SAYS_PASS "; exit 75\"}", "error", "exit status 75");
    here_gives("script: {run: \"" SAYS_PASS "; kill -9 $$\"}", "error", "");
    here_gives("script: {run: [/no/such/program]}", "error", "not found");
}

Test(script, from_the_folder)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char dir[] = "/tmp/labrun-script-XXXXXX";
    cr_assert(mkdtemp(dir));
    _free_ char *path = path_join(dir, "judge.py");
    static const char text[] =
        "#!/usr/bin/env python3\nimport json, sys\n"
        "print(json.dumps({'verdict': sys.argv[1], 'seen': ' '.join(sys.argv[2:])}))\n";
    cr_assert(file_write_atomic(path, text, sizeof text - 1, 0755, &err));
    _fixture_ struct probe_fixture f;
    fixture_init(&f, dir);
    cr_assert_str_eq(fixture_try(&f, "script: {script: judge.py, args: [fail, too, late]}"), "fail",
        "%s", f.outcome.evidence.seen);
    cr_assert_str_eq(f.outcome.evidence.seen, "too late");
    cr_assert_not_null(strstr(f.outcome.evidence.asked, "judge.py fail too late (on here)"));
    cr_assert(tree_remove(dir, &err));
}

Test(script, mistakes_have_a_place)
{
    static const char *const rows[][2] = {
        {"{}", "test:1:9: either 'script' or 'run' is needed\n"},
        {"{run: a, scrpt: b}", "test:1:18: unknown key 'scrpt': did you mean 'script'?\n"},
        {"{run: a, args: [b]}", "test:1:24: 'args' goes with 'script'; 'run' has its own words\n"},
    };
    fixture_refuses("script: ", rows, sizeof rows / sizeof rows[0], "");
}
