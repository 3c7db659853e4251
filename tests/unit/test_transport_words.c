/* Quoting and keys: both are judged by the programs that read them. */
#include "transport/keys.h"
#include "transport/quote.h"
#include "util/fs.h"
#include "util/proc.h"
#include <criterion/criterion.h>
#include <stdlib.h>

Test(quote, what_needs_no_quotes_gets_none)
{
    _free_ char *s = quote_argv((const char *const[]){"ceph", "-s", "--format=json", NULL});
    cr_assert_str_eq(s, "ceph -s '--format=json'");
}

Test(quote, a_shell_gives_every_word_back)
{
    static const char *const words[] = {"", " ", "'", "''", "a'b", "\"", "\\", "$HOME", "`id`",
        "$(id)", "a\nb", "*", "?", "~", "!", "#", ";", "&", "|", "<", ">", "(", "{a,b}", "[a]",
        "A=b", "\xc3\xa4\xe2\x82\xac", "\xff\xfe", "\t", "-n", "plain", NULL};
    struct strbuf script = STRBUF_INIT;
    struct strbuf want = STRBUF_INIT;
    strbuf_adds(&script, "printf '%s|'");
    for (size_t i = 0; words[i]; i++) {
        strbuf_adds(&script, " ");
        quote_add(&script, words[i]);
        strbuf_addf(&want, "%s|", words[i]);
    }
    static const char *const shells[] = {"sh", "bash"};
    for (size_t i = 0; i < 2; i++) {
        _proc_result_ struct proc_result r = {0};
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        const char *argv[] = {shells[i], "-c", script.data, NULL};
        cr_assert(proc_run(argv, &(struct proc_opts){0}, &r, &err), "%s", err.message);
        cr_assert_eq(r.status, 0);
        cr_assert_str_eq(r.output, want.data, "%s", shells[i]);
    }
    strbuf_free(&script);
    strbuf_free(&want);
}

Test(quote, a_first_word_is_never_grammar)
{
    static const char *const words[] = {"if", "for", "time", "A=b", "!", "{", "[[", "coproc"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        _free_ char *command = quote_argv((const char *const[]){words[i], NULL});
        _proc_result_ struct proc_result r = {0};
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        const char *argv[] = {"bash", "-c", command, NULL};
        cr_assert(proc_run(argv, &(struct proc_opts){0}, &r, &err), "%s", err.message);
        /* It was looked up as a program ("time" may be one). */
        cr_assert(
            r.status == 127 || strstr(r.output, "time: missing"), "%s: %s", command, r.output);
    }
}

Test(keys, openssh_reads_them)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _keypair_ struct keypair k = {NULL, NULL};
    cr_assert(keypair_make("lab 7 login", &k, &err), "%s", err.message);
    cr_assert(has_prefix(k.private_pem, "-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    cr_assert(has_prefix(k.public_line, "ssh-ed25519 AAAA"));
    cr_assert(strstr(k.public_line, " lab 7 login"));
    char path[] = "/tmp/labrun-key-XXXXXX";
    int fd = mkstemp(path);
    close(fd);
    cr_assert(file_write_atomic(path, k.private_pem, strlen(k.private_pem), 0600, &err));
    _proc_result_ struct proc_result r = {0};
    const char *argv[] = {"ssh-keygen", "-y", "-P", "", "-f", path, NULL};
    cr_assert(proc_run(argv, &(struct proc_opts){0}, &r, &err), "%s", err.message);
    unlink(path);
    cr_assert_eq(r.status, 0, "%s", r.output);
    size_t n = strcspn(k.public_line + 12, " ") + 12; /* without the comment */
    cr_assert(strncmp(r.output, k.public_line, n) == 0, "%s", r.output);
}

Test(keys, every_key_is_new_and_stays_one_line)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _keypair_ struct keypair a = {NULL, NULL};
    _keypair_ struct keypair b = {NULL, NULL};
    cr_assert(keypair_make("x\nssh-ed25519 AAAA", &a, &err));
    cr_assert(keypair_make(NULL, &b, &err));
    cr_assert_str_neq(a.private_pem, b.private_pem);
    cr_assert_null(strchr(a.public_line, '\n'));
    cr_assert_eq(b.public_line[strlen(b.public_line) - 1] == ' ', false);
}
