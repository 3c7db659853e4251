/* Untrusted bytes -> ends of a very long text -> redact -> printable -> cap. Redaction sees far
 * more than is kept in the end, so that no secret is cut in two and slips through as a fragment. */
#include "graders/evidence.h"
#include "util/utf8.h"
#include <regex.h>

#define REDACTED "[redacted]"

/* To search megabytes for secrets would take longer than it took to ask for them. */
#define HEAD ((size_t)64 << 10)
#define TAIL ((size_t)32 << 10)

/* Two groups in the first and one in the second; both are used together. */
#define SECRET_WORD "(passw(or)?d|passphrase|secret|psk|token|private[ _-]?key|preshared[ _-]?key)"
#define VALUE       "(\"[^\"\n]*\"?|'[^'\n]*'?|[^][:space:],;&}\"']+)"

static const char *const verdict_names[] = {"pass", "fail", "error", "skipped"};

const char *verdict_name(enum verdict v)
{
    return verdict_names[v];
}

bool verdict_from_name(const char *name, enum verdict *ret)
{
    for (size_t i = 0; i < 4; i++) {
        if (streq(name, verdict_names[i])) {
            *ret = (enum verdict)i;
            return true;
        }
    }
    return false;
}

void evidence_clear(struct evidence *e)
{
    free(e->asked);
    free(e->expected);
    free(e->seen);
    *e = (struct evidence){NULL, NULL, NULL};
}

/* What looks like a secret, and which group of the match is the secret itself. A word in front of a
 * setting may be part of a longer one (rabbit_password, "admin-token"). */
static const struct secret {
    const char *pattern;
    size_t group;
} secrets[] = {
    /* cephx keys */
    {"(AQ[A-Za-z0-9+/]{36}==)", 1},
    {"\"key\"[[:blank:]]*:[[:blank:]]*\"([A-Za-z0-9+/]{20,}={0,2})\"", 1},
    {"(^|\n)[[:blank:]]*key[[:blank:]]*=[[:blank:]]*([A-Za-z0-9+/]{20,}={0,2})", 2},
    /* crypt(3) */
    {"([^A-Za-z0-9]|^)(\\$(1|2[aby]|5|6|7|y|gy)\\$[./A-Za-z0-9$,=+-]{8,})", 2},
    /* scheme://user:password@host */
    {"[a-z0-9]://[^/@:[:space:]]{0,64}:([^/@[:space:]]+)@", 1},
    /* password = x, "admin_token": "x", PrivateKey = x */
    {SECRET_WORD "[a-z0-9_-]{0,32}[\"']?[[:blank:]]{0,8}[=:][[:blank:]]{0,8}" VALUE, 3},
    /* the way routers write it: neighbor 10.0.0.1 password x */
    {"(neighbor[[:blank:]]+[^[:space:]]+|enable|user[^\n]{0,40})[[:blank:]]+(password|secret)"
     "[[:blank:]]+([0-9][[:blank:]]+)?([^[:space:]]+)",
        4},
    /* HTTP */
    {"(^|\n)[[:blank:]<>]*Authorization:[[:blank:]]*([^\n]+)", 2},
};

/* Blanks group GROUP of every match in TEXT, which it replaces. */
static void blank_matches(char **text, const struct secret *s)
{
    regex_t re;
    if (regcomp(&re, s->pattern, REG_EXTENDED | REG_ICASE) != 0)
        abort(); /* the table above is wrong; the unit test finds it */
    _strbuf_ struct strbuf out = STRBUF_INIT;
    const char *p = *text;
    regmatch_t m[6];
    while (*p && regexec(&re, p, 6, m, p == *text ? 0 : REG_NOTBOL) == 0) {
        regmatch_t g = m[s->group];
        /* An empty value has nothing to hide, and one that is hidden stays as it is. */
        if (g.rm_so < 0 || g.rm_eo == g.rm_so || has_prefix(p + g.rm_so, "[redacted")) {
            size_t step = (size_t)(m[0].rm_eo > 0 ? m[0].rm_eo : 1);
            strbuf_add(&out, p, step);
            p += step;
            continue;
        }
        strbuf_add(&out, p, (size_t)g.rm_so);
        strbuf_adds(&out, REDACTED);
        p += g.rm_eo;
    }
    strbuf_adds(&out, p);
    regfree(&re);
    free(*text);
    *text = strbuf_steal(&out);
}

/* Private keys in PEM, also one whose end was cut off. */
static char *blank_pem(const char *text)
{
    _strbuf_ struct strbuf out = STRBUF_INIT;
    const char *p = text;
    for (;;) {
        const char *begin = strstr(p, "-----BEGIN ");
        if (!begin)
            break;
        const char *kind_end = strstr(begin + 11, "-----");
        const char *private = strstr(begin, "PRIVATE KEY");
        if (!kind_end || !private || private > kind_end) {
            strbuf_add(&out, p, (size_t)(begin + 11 - p));
            p = begin + 11;
            continue;
        }
        const char *body = kind_end + 5;
        const char *end = strstr(body, "-----END ");
        strbuf_add(&out, p, (size_t)(body - p));
        strbuf_adds(&out, " " REDACTED " ");
        p = end ? end : body + strlen(body);
        if (end) { /* the closing line itself must not look like a new opening one */
            const char *close = strstr(end + 9, "-----");
            size_t n = close ? (size_t)(close + 5 - end) : strlen(end);
            strbuf_add(&out, p, n);
            p += n;
        }
    }
    strbuf_adds(&out, p);
    return strbuf_steal(&out);
}

char *evidence_redact(const char *text, size_t len)
{
    _free_ char *copy = xmalloc(len + 1);
    for (size_t i = 0; i < len; i++) /* a NUL must not hide what follows it from the patterns */
        copy[i] = text[i] ? text[i] : '\x01';
    copy[len] = '\0';
    char *out = blank_pem(copy);
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        blank_matches(&out, &secrets[i]);
    return out;
}

/* Characters that are not seen, or that make others appear in another order or place. */
static bool is_deceptive(uint32_t c)
{
    return (c >= 0x80 && c <= 0x9f) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
        (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
        (c >= 0xe0000 && c <= 0xe007f) || (c >= 0xfff9 && c <= 0xfffb);
}

static void add_printable(struct strbuf *b, const char *p, size_t n)
{
    while (n > 0) {
        uint32_t c = 0;
        int used = utf8_next(p, n, &c);
        if (used <= 0) {
            strbuf_addf(b, "\\x%02x", (unsigned char)*p);
            used = 1;
        } else if (c == '\r' && n > 1 && p[1] == '\n') {
            used = 1; /* the line break says it */
        } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            strbuf_addf(b, "\\x%02x", c);
        } else if (is_deceptive(c)) {
            strbuf_addf(b, "\\u{%x}", c);
        } else {
            strbuf_add(b, p, (size_t)used);
        }
        p += used;
        n -= (size_t)used;
    }
}

/* Where at or before POS a character begins. */
static size_t char_start(const char *s, size_t pos)
{
    while (pos > 0 && ((unsigned char)s[pos] & 0xc0) == 0x80)
        pos--;
    return pos;
}

/* Where from AT on the rest of a private key, if it is one, has ended. */
static size_t past_key(const char *text, size_t at, size_t len)
{
    static const char begin[] = "-----BEGIN ", end[] = "-----END ";
    const char *first = memmem(text + at, len - at, begin, sizeof begin - 1);
    const char *last = memmem(text + at, len - at, end, sizeof end - 1);
    return last && (!first || last < first) ? (size_t)(last - text) : at;
}

/* Of a very long text its beginning and its end, cut between lines if it has any. */
static void add_ends(struct strbuf *b, const char *text, size_t len, size_t *ret_left_out)
{
    const char *line = memrchr(text + HEAD / 2, '\n', HEAD / 2);
    size_t head = line ? (size_t)(line - text) : char_start(text, HEAD);
    size_t tail = len - TAIL;
    line = memchr(text + tail, '\n', TAIL / 2);
    tail = past_key(text, line ? (size_t)(line + 1 - text) : char_start(text, tail), len);
    *ret_left_out = tail - head;
    strbuf_add(b, text, head);
    strbuf_addf(b, "\n[… %zu bytes left out …]\n", tail - head);
    strbuf_add(b, text + tail, len - tail);
}

/* Keeps the beginning and, since the end of an output often has the reason, a third of the end.
 * LEFT_OUT bytes are so already. */
static char *cap_middle(const char *s, size_t len, size_t left_out)
{
    const size_t room = EVIDENCE_CAP - 64; /* the note in the middle */
    size_t head = char_start(s, room * 2 / 3);
    size_t tail = char_start(s, len - room / 3);
    return xasprintf(
        "%.*s\n[… %zu bytes left out …]\n%s", (int)head, s, tail - head + left_out, s + tail);
}

char *evidence_text(const char *text, size_t len)
{
    size_t left_out = 0;
    _strbuf_ struct strbuf ends = STRBUF_INIT;
    if (len > HEAD + TAIL) {
        add_ends(&ends, text, len, &left_out);
        text = ends.data;
        len = ends.len;
    }
    _free_ char *safe = evidence_redact(text, len);
    _strbuf_ struct strbuf b = STRBUF_INIT;
    add_printable(&b, safe, strlen(safe));
    while (b.len > 0 && b.data[b.len - 1] == '\n')
        b.data[--b.len] = '\0';
    return b.len > EVIDENCE_CAP ? cap_middle(b.data, b.len, left_out) : strbuf_steal(&b);
}
