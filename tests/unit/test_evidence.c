#include "graders/evidence.h"
#include "util/deadline.h"
#include <criterion/criterion.h>

static void gives(const char *text, const char *expected)
{
    _free_ char *seen = evidence_text(text, strlen(text));
    cr_assert_str_eq(seen, expected, "%s gave %s", text, seen);
}

Test(evidence, secrets_are_blanked_and_the_rest_is_kept)
{
    static const char *const rows[][2] = {
        {"\tkey = AQBx+2ZnAAAAABAAq3Zx1fVn0vJ8v0i5kq1Zkw==", "\tkey = [redacted]"},
        {"{\"entity\":\"osd.1\",\"key\":\"AQBx+2ZnAAAAABAAq3Zx1fVn0vJ8v0i5kq1Zkw==\"}",
            "{\"entity\":\"osd.1\",\"key\":\"[redacted]\"}"},
        {"root:$y$j9T$abcdefgh$ijklmnopqrstuvwxyz:20000:", "root:[redacted]:20000:"},
        {"transport_url = rabbit://nova:hunter2@10.0.0.1:5672/",
            "transport_url = rabbit://nova:[redacted]@10.0.0.1:5672/"},
        {"admin_password: hunter2, region: one", "admin_password: [redacted], region: one"},
        {"{\"password\": \"hun\\ter2\", \"user\": \"a\"}",
            "{\"password\": [redacted], \"user\": \"a\"}"},
        {"PrivateKey = kNw2dVpUUn0rUXxqO0mXyv2h7JmJmFjC9S0sAbcdEfg=", "PrivateKey = [redacted]"},
        {" neighbor 10.0.0.2 password s3cret", " neighbor 10.0.0.2 password [redacted]"},
        {"> Authorization: Bearer abc.def\nnext", "> Authorization: [redacted]\nnext"},
        {"X-Auth-Token: gAAAAABm-xyz", "X-Auth-Token: [redacted]"},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----\nok",
            "-----BEGIN OPENSSH PRIVATE KEY----- [redacted] -----END OPENSSH PRIVATE KEY-----\nok"},
        {"-----BEGIN RSA PRIVATE KEY-----\nb3BlbnNzaC1r",
            "-----BEGIN RSA PRIVATE KEY----- [redacted] "},
        /* Not secrets, and wanted for the evidence. */
        {"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"},
        {"set community 65000:100", "set community 65000:100"},
        {"http://10.0.0.1:8080/a@b", "http://10.0.0.1:8080/a@b"},
        {"PasswordAuthentication no", "PasswordAuthentication no"},
        {"key=value", "key=value"},
        {"password=", "password="},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        gives(rows[i][0], rows[i][1]);
}

Test(evidence, what_a_terminal_would_obey_is_spelled_out)
{
    gives("a\x1b[2Jb\r\nc\td", "a\\x1b[2Jb\nc\td");
    gives("\x07\x7f", "\\x07\\x7f");
    gives("a\xe2\x80\xae"
          "b",
        "a\\u{202e}b"); /* right-to-left override */
    gives("\xc2\x9b"
          "31m",
        "\\u{9b}31m"); /* the one-byte CSI */
    gives("\xff\xc3(", "\\xff\\xc3(");
    gives("grün – ok", "grün – ok");
    _free_ char *nul = evidence_text("a\0b", 3);
    cr_assert_str_eq(nul, "a\\x01b");
}

Test(evidence, long_text_keeps_its_beginning_and_its_end)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, "begin ");
    for (int i = 0; i < 5000; i++)
        strbuf_adds(&b, "ä");
    strbuf_adds(&b, " the reason");
    _free_ char *s = evidence_text(b.data, b.len);
    cr_assert_leq(strlen(s), EVIDENCE_CAP);
    cr_assert(has_prefix(s, "begin ä"));
    cr_assert_str_eq(s + strlen(s) - 11, " the reason");
    cr_assert_not_null(strstr(s, "bytes left out"));
    cr_assert_null(strstr(s, "\\x"), "no character was cut in two");
}

/* A pattern that backtracks would make a hostile output stall the grading. */
Test(evidence, hostile_text_does_not_take_long, .timeout = 20)
{
    static const char *const units[] = {"a", "password", "a://",
        "tokentoken=", "\n key = ", "-----BEGIN ", "user ", "\xff", "AQ", "$6$"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        _strbuf_ struct strbuf b = STRBUF_INIT;
        while (b.len < 65536)
            strbuf_adds(&b, units[i]);
        _free_ char *s = evidence_text(b.data, b.len);
        cr_assert_leq(strlen(s), EVIDENCE_CAP);
    }
}

/* Every match costs the rest of the text: only the beginning and the end of a long one are
 * searched.
 */
Test(evidence, megabytes_of_secrets_do_not_take_long)
{
    int64_t start = now_ms();
    _strbuf_ struct strbuf b = STRBUF_INIT;
    while (b.len < (size_t)4 << 20)
        strbuf_adds(&b, "psk=x ");
    _free_ char *s = evidence_text(b.data, b.len);
    cr_assert(has_prefix(s, "psk=[redacted] psk=[redacted]"));
    cr_assert_lt(now_ms() - start, 10000);
    cr_assert_leq(strlen(s), EVIDENCE_CAP);
}

/* N bytes of lines without a word in them. */
static void add_lines(struct strbuf *b, size_t n)
{
    for (size_t end = b->len + n; b->len < end;)
        strbuf_adds(b, b->len % 64 == 63 || b->len + 1 == end ? "\n" : ".");
}

Test(evidence, of_a_long_text_the_end_is_kept_and_what_is_left_out_is_counted)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, "begin\n");
    add_lines(&b, 300000 - 6);
    strbuf_adds(&b, "password: hunter2\nthe reason\n");
    _free_ char *s = evidence_text(b.data, b.len);
    cr_assert(has_prefix(s, "begin\n."));
    cr_assert_not_null(strstr(s, "\npassword: [redacted]\nthe reason"));
    const char *note = strstr(s, "[… ");
    cr_assert_not_null(note);
    size_t left_out = strtoul(note + strlen("[… "), NULL, 10);
    cr_assert(left_out > 300000 - EVIDENCE_CAP && left_out < 300000, "%zu", left_out);
}

/* The key begins in what is left out, and so much of the rest is redacted that its end would show.
 */
Test(evidence, a_private_key_that_is_cut_stays_hidden)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    add_lines(&b, 200000);
    strbuf_adds(&b, "-----BEGIN RSA PRIVATE KEY-----\n");
    for (int i = 0; i < 800; i++)
        strbuf_adds(&b, "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\n");
    strbuf_adds(&b, "-----END RSA PRIVATE KEY-----\nthe reason\n");
    _free_ char *s = evidence_text(b.data, b.len);
    cr_assert_null(strstr(s, "c2VjcmV0"));
    cr_assert_not_null(strstr(s, "the reason"));
}
