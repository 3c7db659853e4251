/* UTF-8 from untrusted bytes: what a terminal or a file gave, made fit for JSON and for people. */
#ifndef LABRUN_UTIL_UTF8_H
#define LABRUN_UTIL_UTF8_H

#include "util/mem.h"
#include <stdint.h>

#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Decodes the character at P (N bytes, N > 0). Returns its length with *ret set; 0 when all N bytes
 * are the beginning of a character whose rest is missing; or, for bytes that are no character
 * (overlong forms and surrogates too), minus the number of bytes that one U+FFFD stands for. */
int utf8_next(const char *p, size_t n, uint32_t *ret);

/* Adds N bytes, with what is not UTF-8 replaced by U+FFFD. */
void utf8_add_clean(struct strbuf *b, const char *p, size_t n);
/* A clean copy of the text; owned by the caller. NULL gives NULL. */
char *utf8_clean(const char *s);

#endif
