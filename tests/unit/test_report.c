#include "graders/report/report.h"
#include "report_support.h"
#include "util/proc.h"

static char *json_of(const struct score_report *r)
{
    _json_ json_t *j = score_to_json(r);
    _free_ char *text = json_dumps(j, JSON_INDENT(2));
    return xasprintf("%s\n", text);
}

/* Runs a program over TEXT in a file; its output when it fails. */
static void accepted_by(const char *const argv_before[], const char *text, const char *suffix)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    char dir[] = "/tmp/labrun-report-XXXXXX";
    cr_assert(mkdtemp(dir));
    _free_ char *path = xasprintf("%s/report%s", dir, suffix);
    cr_assert(file_write_atomic(path, text, strlen(text), 0644, &err));
    _strv_ struct strv argv = STRV_INIT;
    for (size_t i = 0; argv_before[i]; i++)
        strv_add(&argv, argv_before[i]);
    strv_add(&argv, path);
    _proc_result_ struct proc_result res = {0};
    struct proc_opts opts = {.deadline = deadline_in(60000)};
    cr_assert(proc_run((const char *const *)argv.items, &opts, &res, &err), "%s", err.message);
    cr_assert_eq(res.status, 0, "%s: %s", argv_before[0], res.output);
    cr_assert(tree_remove(dir, &err));
}

Test(report, json_golden)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    _free_ char *text = json_of(&r);
    same_as_golden("report/score.json", text);
}

Test(report, json_is_as_its_schema_says)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    _free_ char *text = json_of(&r);
    const char *argv[] = {"python3", TEST_DATA "/reports/check_document.py",
        SOURCE_DIR "/docs/score.schema.json", NULL};
    accepted_by(argv, text, ".json");
}

Test(report, json_comes_back_as_it_was)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    _free_ char *text = json_of(&r);
    _json_ json_t *j = json_loads(text, 0, NULL);
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _score_report_ struct score_report back = {0};
    cr_assert(score_from_json(j, &back, &err), "%s", err.message);
    _free_ char *again = json_of(&back);
    cr_assert_str_eq(text, again);
    score_compute(&back);
    _free_ char *computed = json_of(&back);
    cr_assert_str_eq(text, computed);
}

/* Every member taken away, and every member of another type, is noticed and named. */
Test(report, json_that_is_wrong_is_refused)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    _json_ json_t *good = score_to_json(&r);
    const char *key;
    json_t *value;
    json_object_foreach (good, key, value) {
        for (int drop = 0; drop < 2; drop++) {
            _json_ json_t *bad = json_deep_copy(good);
            if (drop)
                json_object_del(bad, key);
            else
                json_object_set_new(bad, key, json_pack("[[i]]", 1));
            if (drop && json_is_null(value))
                continue;
            _lr_error_ struct lr_error err = LR_ERROR_INIT;
            struct score_report back = {0};
            cr_assert(!score_from_json(bad, &back, &err), "%s", key);
            cr_assert_not_null(err.message);
            cr_assert(strstr(err.message, key) || streq(key, "checks") || streq(key, "guards") ||
                    streq(key, "hints") || streq(key, "events") || streq(key, "skills"),
                "%s: %s", key, err.message);
        }
    }
    static const char *const documents[] = {"[]", "{}", "{\"format\": 2}", "3"};
    for (size_t i = 0; i < 4; i++) {
        _json_ json_t *j = json_loads(documents[i], JSON_DECODE_ANY, NULL);
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        struct score_report back = {0};
        cr_assert(!score_from_json(j, &back, &err));
    }
}

Test(report, text_golden)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    _free_ char *text = report_text(&r, &(struct text_opts){.width = 80});
    same_as_golden("report/report.txt", text);
    cr_assert_null(strchr(text, '\x1b'));
    _free_ char *wide =
        report_text(&r, &(struct text_opts){.width = 120, .colour = true, .evidence = true});
    same_as_golden("report/report-colour.txt", wide);
}

Test(report, text_lines_keep_the_width)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    free(r.checks.items[0].title);
    r.checks.items[0].title = xstrdup("Ein sehr langer Titel über Größe, Güte und Maß, der weit "
                                      "über die Breite des Fensters hinausgeht");
    _free_ char *text = report_text(&r, &(struct text_opts){.width = 80});
    const char *line = strstr(text, "Ein sehr");
    cr_assert_not_null(line);
    cr_assert_not_null(strstr(line, "…"));
    size_t chars = 9;
    for (const char *p = line; *p != '\n'; p++)
        chars += ((unsigned char)*p & 0xc0) != 0x80;
    cr_assert_leq(chars, 80);
    /* Where there is no window nothing is cut, and the columns still stand in line. */
    _free_ char *piped = report_text(&r, &(struct text_opts){0});
    const char *whole = strstr(piped, "Breite des Fensters hinausgeht ");
    const char *next = strstr(piped, r.checks.items[1].title);
    cr_assert(whole && next && whole < next);
    size_t gap = strspn(next + strlen(r.checks.items[1].title), " ");
    cr_assert_gt(gap, 40, "%zu", gap);
}

/* Perl's own reader, as `prove` uses it: it knows version 13. */
static void read_by_perl(const struct score_report *r, const char *program)
{
    _free_ char *text = report_tap(r, 13);
    _free_ char *whole = xasprintf(
        "use TAP::Parser; my $p = TAP::Parser->new({source => $ARGV[0]}); my %%y;"
        "while (my $r = $p->next) { $y{$p->tests_run} = $r->data if $r->is_yaml;"
        "die 'bail out' if $r->is_bailout; die 'unknown: ' . $r->as_string if $r->is_unknown }"
        "die join(';', $p->parse_errors) if $p->parse_errors;"
        "die 'run ' . $p->tests_run unless $p->tests_run == $p->tests_planned;"
        "my @f = $p->failed; my @s = $p->skipped; my @t = $p->todo;"
        "die \"failed @f skipped @s todo @t\" unless \"@f;@s;@t\" eq '2 4 5;6;';%s",
        program);
    const char *argv[] = {"perl", "-e", whole, NULL};
    accepted_by(argv, text, ".tap");
}

Test(report, tap_is_read_by_perl)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    free(r.checks.items[0].evidence.seen);
    r.checks.items[0].evidence.seen = xstrdup(" two  lines\n\n\"apart\"");
    _free_ char *text = report_tap(&r, 14);
    same_as_golden("report/report.tap", text);
    read_by_perl(&r,
        "die \"severity $y{5}{severity}\" unless $y{5}{severity} eq 'error';"
        "die \"seen $y{4}{seen}\" unless $y{4}{seen} =~ /status 1.*script.alert/s;"
        "die \"seen $y{3}{seen}\" unless $y{3}{seen} =~ /two  lines.*apart/s;");
}

/* No text can change a verdict, add a test or end the run. */
Test(report, tap_that_texts_attack_means_the_same)
{
    static const char *const attacks[] = {"x # TODO not yet", "x # SKIP why", "x\\# TODO",
        "x\\\\# SKIP", "#TODO", "# skip", "x\nok 7 - more", "x\rok 7", "x\n1..9", "x\nBail out!",
        "Bail out!", "x\n  ...\nnot ok 8", "---", "...", "\xff # TODO \xe2\x80\xa8# TODO", "- ok",
        "", " ", "9 - x", "pragma +strict"};
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        _score_report_ struct score_report r;
        sample_report(&r);
        for (size_t k = 0; k < r.checks.n + r.guards.n; k++) {
            struct check_result *c =
                k < r.guards.n ? &r.guards.items[k] : &r.checks.items[k - r.guards.n];
            char **texts[] = {&c->id, &c->title, &c->node, &c->evidence.asked,
                &c->evidence.expected, &c->evidence.seen};
            for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
                free(*texts[t]);
                *texts[t] = xstrdup(attacks[i]);
            }
        }
        read_by_perl(&r, "");
    }
}

Test(report, junit_is_as_its_schema_says)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    _free_ char *text = report_junit(&r);
    same_as_golden("report/junit.xml", text);
    const char *argv[] = {"xmllint", "--noout", "--schema", TEST_DATA "/data/junit.xsd", NULL};
    accepted_by(argv, text, ".xml");
}

Test(report, html_golden)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    _free_ char *text = report_html(&r);
    same_as_golden("report/report.html", text);
    static const char *const forbidden[] = {
        "<script", "http://", "https://", "url(h", "url(\"", "url('", "@import", "Ada <b>", "src="};
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        cr_assert_null(strstr(text, forbidden[i]), "%s", forbidden[i]);
    const char *argv[] = {"python3", TEST_DATA "/reports/check_html.py", NULL};
    accepted_by(argv, text, ".html");
}

Test(report, text_breaks_evidence_at_the_edge_of_a_terminal)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    free(r.checks.items[1].evidence.seen);
    r.checks.items[1].evidence.seen = xstrdup(
        "first\n\nthird Größe Größe Größe Größe Größe Größe Größe Größe Größe Größe Größe Größe\n");
    _free_ char *narrow = report_text(&r, &(struct text_opts){.width = 80});
    for (const char *p = strstr(narrow, "first"); *p; p += strcspn(p, "\n") + 1) {
        size_t columns = 0;
        for (const char *q = p; *q && *q != '\n'; q++)
            columns += ((unsigned char)*q & 0xc0) != 0x80;
        cr_expect_leq(columns, 80, "%.*s", (int)strcspn(p, "\n"), p);
        if (!strchr(p, '\n'))
            break;
    }
    cr_expect_not_null(strstr(narrow, "first\n                   \n                   third"));
    /* Not on a terminal: whoever reads it may look for a whole line. */
    _free_ char *piped = report_text(&r, &(struct text_opts){0});
    cr_expect_not_null(strstr(
        piped, "third Größe Größe Größe Größe Größe Größe Größe Größe Größe Größe Größe Größe\n"));
}

Test(report, text_of_both_stages_and_the_recordings)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    r.checks.items[1].now = VERDICT_PASS;
    r.checks.items[1].after = VERDICT_FAIL;
    score_compute(&r);
    _free_ char *text = report_text(&r, &(struct text_opts){.folder = "/var/lib/x"});
    cr_expect_not_null(strstr(text, "stages    pass now, fail after the power cut"));
    cr_expect_not_null(strstr(text, "before the power cut 60.5 of 90 points, after it 0 of 20.5"));
    cr_expect_not_null(strstr(text, "(`asciinema play FILE`), in /var/lib/x:"));
    cr_expect_not_null(strstr(text, "20s ceph1        recordings/20261124T090020Z-ceph1.cast"));
    _free_ char *candidate = report_text(&r, &(struct text_opts){0});
    cr_expect_null(strstr(candidate, "asciinema"));
}

/* A stored score that somebody edited must not break the other forms. */
Test(report, control_characters_in_a_stored_score_stay_harmless)
{
    _score_report_ struct score_report r;
    sample_report(&r);
    free(r.checks.items[1].evidence.seen);
    r.checks.items[1].evidence.seen = xstrdup("a\x01\x1b[31m\x0c");
    _free_ char *xml = report_junit(&r);
    const char *argv[] = {"xmllint", "--noout", NULL};
    accepted_by(argv, xml, ".xml");
    _free_ char *text = report_text(&r, &(struct text_opts){.width = 80});
    cr_assert_null(strchr(text, '\x1b'));
    _free_ char *html = report_html(&r);
    cr_assert_null(strchr(html, '\x1b'));
}

Test(report, of_nothing)
{
    _score_report_ struct score_report r = {0};
    sample_header(&r);
    score_compute(&r);
    _free_ char *text = report_text(&r, &(struct text_opts){0});
    cr_assert_not_null(strstr(text, "nothing to grade"));
    _free_ char *tap = report_tap(&r, 14);
    cr_assert_not_null(strstr(tap, "1..0"));
    _free_ char *xml = report_junit(&r);
    cr_assert_not_null(strstr(xml, "tests=\"0\""));
    _free_ char *html = report_html(&r);
    cr_assert_not_null(strstr(html, "Nothing to grade"));
}

Test(report, what_was_drawn_is_in_it_and_comes_back)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _score_report_ struct score_report r = {0}, back = {0};
    sample_report(&r);
    r.draw = json_pack("{s:i, s:i, s:i, s:{s:s, s:s}}", "seed", 7, "variant", 3, "variants", 4,
        "parameters", "victim", "ceph2", "word", "<b>\x1b[31m");
    _json_ json_t *j = score_to_json(&r);
    cr_assert(score_from_json(j, &back, &err), "%s", err.message);
    cr_expect(json_equal(r.draw, back.draw));
    _free_ char *file = json_of(&r);
    const char *argv[] = {"python3", TEST_DATA "/reports/check_document.py",
        SOURCE_DIR "/docs/score.schema.json", NULL};
    accepted_by(argv, file, ".json");
    _free_ char *text = report_text(&r, &(struct text_opts){0});
    _free_ char *html = report_html(&r);
    cr_expect_not_null(
        strstr(text, "seed 7: victim=ceph2, word=<b>\xef\xbf\xbd[31m\n"), "%s", text);
    cr_expect_not_null(strstr(html, "seed 7: victim=ceph2, word=&lt;b&gt;"));
    json_object_set_new(
        json_object_get(json_object_get(j, "draw"), "parameters"), "n", json_integer(1));
    _score_report_ struct score_report wrong = {0};
    cr_expect(!score_from_json(j, &wrong, &err));
    cr_expect_str_eq(err.message, "score file: draw: 'n' is not a string");
}
