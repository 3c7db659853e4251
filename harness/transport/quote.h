/* The one function that quotes for a remote POSIX shell. */
#ifndef LABRUN_TRANSPORT_QUOTE_H
#define LABRUN_TRANSPORT_QUOTE_H

#include "util/mem.h"

/* Adds WORD to B as one shell word. */
void quote_add(struct strbuf *b, const char *word);
/* The words of ARGV, each quoted, with blanks between; owned by the caller. */
char *quote_argv(const char *const argv[]);

#endif
