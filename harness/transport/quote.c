#include "transport/quote.h"

/* Characters that mean nothing to a shell wherever they stand in a word. "=" and "~" are left out:
 * the first word of a command would become an assignment, or be expanded. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "0123456789_@%+:,./-";

/* Plain to look at, but grammar when they come first (the last four in bash only). */
static const char *const reserved[] = {"case", "do", "done", "elif", "else", "esac", "fi", "for",
    "if", "in", "then", "until", "while", "coproc", "function", "select", "time"};

static bool is_plain(const char *word)
{
    if (!*word || word[strspn(word, plain)])
        return false;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (streq(word, reserved[i]))
            return false;
    return true;
}

void quote_add(struct strbuf *b, const char *word)
{
    if (is_plain(word)) {
        strbuf_adds(b, word);
        return;
    }
    strbuf_adds(b, "'");
    for (const char *p = word;;) {
        size_t n = strcspn(p, "'");
        strbuf_add(b, p, n);
        if (!p[n])
            break;
        strbuf_adds(b, "'\\''");
        p += n + 1;
    }
    strbuf_adds(b, "'");
}

char *quote_argv(const char *const argv[])
{
    struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; argv[i]; i++) {
        if (i > 0)
            strbuf_adds(&b, " ");
        quote_add(&b, argv[i]);
    }
    return strbuf_steal(&b);
}
