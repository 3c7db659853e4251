#include "util/utf8.h"

/* Length of a character and the range of its second byte, by its first byte: the second byte is
 * where overlong forms, surrogates and what lies beyond U+10FFFF show. Length 0: no first byte. */
static size_t lead(unsigned char c, unsigned char *lo, unsigned char *hi)
{
    *lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    *hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    if (c >= 0xf0 && c <= 0xf4)
        return 4;
    return 0;
}

int utf8_next(const char *p, size_t n, uint32_t *ret)
{
    const unsigned char *u = (const unsigned char *)p;
    unsigned char lo, hi;
    size_t len = lead(u[0], &lo, &hi);
    if (len == 0)
        return -1;
    uint32_t code = len == 1 ? u[0] : u[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (i == n)
            return 0;
        if (u[i] < lo || u[i] > hi)
            return -(int)i;
        lo = 0x80;
        hi = 0xbf;
        code = code << 6 | (u[i] & 0x3fU);
    }
    *ret = code;
    return (int)len;
}

void utf8_add_clean(struct strbuf *b, const char *p, size_t n)
{
    while (n) {
        uint32_t code;
        int len = utf8_next(p, n, &code);
        size_t used = len > 0 ? (size_t)len : len < 0 ? (size_t)-len : n;
        if (len > 0)
            strbuf_add(b, p, used);
        else
            strbuf_adds(b, UTF8_REPLACEMENT);
        p += used;
        n -= used;
    }
}

char *utf8_clean(const char *s)
{
    if (!s)
        return NULL;
    _strbuf_ struct strbuf b = STRBUF_INIT;
    utf8_add_clean(&b, s, strlen(s));
    return strbuf_steal(&b);
}
