#include "cli/ask.h"
#include "util/deadline.h"
#include "util/mem.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

bool read_line(char **ret, struct lr_error *err)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    bool whole = true;
    *ret = NULL;
    for (;;) {
        bool ready;
        char byte;
        if (!wait_fd(STDIN_FILENO, POLLIN, DEADLINE_NEVER, &ready, err))
            return false;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 && b.len == 0)
            return true;
        if (n <= 0 || byte == '\n')
            break;
        whole = whole && byte && b.len < LINE_CAP;
        if (whole)
            strbuf_add(&b, &byte, 1);
    }
    if (!whole)
        return lr_error_set(
            err, LR_EUSAGE, "a line of more than %zu characters, or with a NUL", LINE_CAP);
    *ret = strbuf_steal(&b);
    return true;
}

bool ask_yes(const char *question, const char *otherwise, struct lr_error *err)
{
    _free_ char *answer = NULL;
    fprintf(stderr, "%s [y/N] ", question);
    if (!read_line(&answer, err))
        return false;
    return (answer && (*answer == 'y' || *answer == 'Y')) ||
        lr_error_set(err, LR_ENOTHING, "%s", otherwise);
}
