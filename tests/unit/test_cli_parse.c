#include "cli/cmd.h"
#include "cli/text.h"
#include <criterion/criterion.h>

static bool run_nothing(struct cmd *c, struct lr_error *err)
{
    (void)c;
    (void)err;
    return true;
}

static const struct verb start = {
    .name = "start",
    .group = "Labs",
    .summary = "bring up a lab",
    .help =
        "A first paragraph that is long enough to be filled over more than one line of text.\n\n"
        "    labrun start 'x'   # as it is\n\nThe `last` one.",
    .options =
        (const struct option_def[]){
            {"driver", 'd', "DRIVER", "auto|qemu|lxc", "how nodes come to be"},
            {"candidate", 'c', "NAME", NULL, "who solves it"},
            {"dry", 'n', NULL, NULL, "only say"},
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"SCENARIO", "scenario", 0}, OPERANDS_END},
    .run = run_nothing,
};

static const struct verb ssh = {
    .name = "ssh",
    .group = "Labs",
    .summary = "a terminal on a node",
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL},
        {"NODE", "node", OPERAND_OPTIONAL}, OPERANDS_END},
    .takes_command = true,
    .run = run_nothing,
};

static const struct verb check = {
    .name = "check",
    .group = "Author",
    .summary = "is it well formed",
    .operands = (const struct operand_def[]){{"SCENARIO", "scenario", OPERAND_MANY}, OPERANDS_END},
    .run = run_nothing,
};

static const struct verb completion = {
    .name = "completion",
    .group = "Author",
    .summary = "a script",
    .operands = (const struct operand_def[]){{"SHELL", "bash|zsh", 0}, OPERANDS_END},
    .run = run_nothing,
};

static const struct verb secret = {.name = "__secret", .summary = "hidden", .run = run_nothing};

static const struct program program = {
    .name = "labrun",
    .version = "1.2.3",
    .summary = "labs",
    .verbs = (const struct verb *const[]){&start, &ssh, &check, &completion, &secret, NULL},
};

#define ARGV(...) ((const char *const[]){"labrun", __VA_ARGS__, NULL})

static bool parse(const char *const *argv, struct cmd *c, struct lr_error *err)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return cmd_parse(&program, argc, argv, c, err);
}

Test(parse, options_in_every_form_and_place)
{
    const char *const *forms[] = {
        ARGV("start", "--driver", "lxc", "scenario/x", "-n"),
        ARGV("start", "scenario/x", "--driver=lxc", "--dry"),
        ARGV("start", "-nd", "lxc", "scenario/x"),
        ARGV("start", "-dlxc", "-n", "scenario/x"),
        ARGV("start", "-ndlxc", "--", "scenario/x"),
        ARGV("start", "-d", "qemu", "-n", "--driver", "lxc", "scenario/x"),
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        _cmd_ struct cmd c = {0};
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        cr_assert(parse(forms[i], &c, &err), "form %zu: %s", i, err.message);
        cr_expect_str_eq(cmd_value(&c, "driver"), "lxc");
        cr_expect(cmd_has(&c, "dry"));
        cr_expect(!cmd_has(&c, "candidate"));
        cr_expect_null(cmd_value(&c, "candidate"));
        cr_expect_str_eq(cmd_operand(&c, 0), "scenario/x");
        cr_expect_null(cmd_operand(&c, 1));
    }
}

Test(parse, values_may_look_like_options_or_be_empty)
{
    _cmd_ struct cmd c = {0};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(parse(ARGV("start", "x", "-c", "-n", "--candidate="), &c, &err), "%s", err.message);
    _free_ const char **values = NULL;
    cr_assert_eq(cmd_values(&c, "candidate", &values), 2);
    cr_expect_str_eq(values[0], "-n");
    cr_expect_str_eq(values[1], "");
    cr_expect(!cmd_has(&c, "dry"));
}

Test(parse, global_options_before_and_after_the_verb)
{
    _cmd_ struct cmd c = {0};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(parse(ARGV("--state-dir", "/s", "-v", "check", "a", "b", "--no-color"), &c, &err));
    cr_expect_str_eq(c.state_dir, "/s");
    cr_expect_eq(c.verbosity, VERBOSE);
    cr_expect(c.no_color);
    cr_expect_eq(c.operands.n, 2);
}

Test(parse, json_in_both_forms)
{
    static const struct {
        const char *arg;
        bool json;
    } table[] = {{"--json", true}, {"-ojson", true}, {"--output=text", false}, {"-n", false}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        _cmd_ struct cmd c = {0};
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        cr_assert(parse(ARGV("start", "x", table[i].arg), &c, &err), "%s", err.message);
        cr_expect_eq(cmd_json(&c), table[i].json, "%s", table[i].arg);
    }
}

Test(parse, a_command_is_left_alone)
{
    _cmd_ struct cmd c = {0};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(parse(ARGV("ssh", "lab", "--", "ls", "-l", "--", "--help"), &c, &err));
    cr_expect_eq(c.operands.n, 1);
    cr_assert_eq(c.command.n, 4);
    cr_expect_str_eq(c.command.items[1], "-l");
    cr_expect_str_eq(c.command.items[2], "--");
    cr_expect(!c.help);
}

Test(parse, help_needs_no_operands)
{
    _cmd_ struct cmd c = {0}, d = {0};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_assert(parse(ARGV("start", "-h"), &c, &err));
    cr_expect(c.help && c.verb == &start);
    cr_assert(parse(ARGV("--version"), &d, &err));
    cr_expect(d.version && !d.verb);
}

Test(parse, mistakes_say_what_was_meant)
{
    const struct {
        const char *const *argv;
        const char *message;
        const char *hint;
    } table[] = {
        {ARGV("strat", "x"), "unknown command 'strat'", "did you mean 'start'?"},
        {ARGV("__secre"), "unknown command '__secre'", "`labrun --help` lists the commands"},
        {ARGV("start", "--drvier=lxc", "x"), "unknown option '--drvier'",
            "did you mean '--driver'?"},
        {ARGV("start", "--driv=lxc", "x"), "unknown option '--driv'", "did you mean '--driver'?"},
        {ARGV("start", "--zzzzzz", "x"), "unknown option '--zzzzzz'",
            "`labrun start --help` lists the options"},
        {ARGV("start", "-nx", "x"), "unknown option '-x'",
            "`labrun start --help` lists the options"},
        {ARGV("--driver", "lxc", "start"), "unknown option '--driver'",
            "options of a command stand after its name"},
        {ARGV("start", "x", "--driver"), "option '--driver' needs a value: DRIVER", NULL},
        {ARGV("start", "x", "--dry=1"), "option '--dry' takes no value", NULL},
        {ARGV("start", "x", "-d", "lcx"), "option '--driver': 'lcx' is not one of auto, qemu, lxc",
            "did you mean 'lxc'?"},
        {ARGV("completion", "bsh"), "SHELL: 'bsh' is not one of bash, zsh", "did you mean 'bash'?"},
        {ARGV("start"), "missing SCENARIO", "usage: labrun start [OPTION...] SCENARIO"},
        {ARGV("check"), "missing SCENARIO", "usage: labrun check SCENARIO..."},
        {ARGV("start", "a", "b"), "unexpected argument 'b'",
            "usage: labrun start [OPTION...] SCENARIO"},
        {ARGV("ssh", "a", "b", "c"), "unexpected argument 'c'",
            "usage: labrun ssh [LAB] [NODE] [-- COMMAND...]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        _cmd_ struct cmd c = {0};
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        cr_assert(!parse(table[i].argv, &c, &err), "row %zu was taken", i);
        cr_expect_str_eq(err.message, table[i].message);
        cr_expect_eq(lr_error_exit_status(err.code), 64);
        if (table[i].hint)
            cr_expect_str_eq(err.hint ? err.hint : "(none)", table[i].hint);
    }
}

Test(parse, whole_numbers)
{
    static const char *const bad[] = {"", "x", "1x", "0", "11", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        _cmd_ struct cmd c = {0};
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        int64_t n = 5;
        cr_assert(parse(ARGV("start", "x", "-c", bad[i]), &c, &err));
        cr_expect(!cmd_int(&c, "candidate", 1, 10, &n, &err), "'%s'", bad[i]);
        cr_expect_eq(n, 5);
    }
    _cmd_ struct cmd c = {0};
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    int64_t n = 5;
    cr_assert(parse(ARGV("start", "x", "-c", "10"), &c, &err));
    cr_expect(cmd_int(&c, "candidate", 1, 10, &n, &err) && n == 10);
}

Test(text, help_of_a_verb)
{
    _free_ char *text = help_verb(&program, &start, 60);
    cr_expect(has_prefix(text, "Usage: labrun start [OPTION...] SCENARIO\n\nbring up a lab.\n"));
    cr_expect(strstr(text, "\n    labrun start 'x'   # as it is\n"), "%s", text);
    cr_expect(strstr(text, "-d, --driver DRIVER"), "%s", text);
    cr_expect(strstr(text, "(auto,"), "%s", text);
    cr_expect(strstr(text, "--state-dir DIR"), "%s", text);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        cr_expect_leq(strcspn(line, "\n"), 60, "%s", line);
}

Test(text, help_of_the_program_hides_what_is_hidden)
{
    _free_ char *text = help_program(&program, 80);
    cr_expect(strstr(text, "\nLabs:\n  start "), "%s", text);
    cr_expect(strstr(text, "\nAuthor:\n  check "), "%s", text);
    cr_expect_null(strstr(text, "__secret"));
}

Test(text, roff_is_escaped)
{
    static const struct verb odd = {.name = "odd-one",
        .group = "G",
        .summary = "with \\ and 'quotes'",
        .help = ".SH not a heading\n\n'also not\n\n    .nor this -x",
        .run = run_nothing};
    _free_ char *page = man_verb(&program, &odd);
    cr_expect(strstr(page, "with \\e and \\(aqquotes\\(aq"), "%s", page);
    cr_expect(strstr(page, "\n\\&.SH not a heading"), "%s", page);
    cr_expect(strstr(page, "\n\\&\\(aqalso not"), "%s", page);
    cr_expect(strstr(page, "    .nor this \\-x"), "%s", page);
    cr_expect(has_prefix(page, ".TH LABRUN\\-ODD\\-ONE 1 "), "%s", page);
}
