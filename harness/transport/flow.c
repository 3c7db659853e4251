#include "transport/flow.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A pipe that poll() calls writable takes so much without blocking. */
enum { WRITE = 4096 };

static bool try_again(void)
{
    return errno == EAGAIN || errno == EINTR;
}

void flow_read(struct flow *f)
{
    ssize_t n = read(f->fd, f->data, sizeof f->data - 1); /* one is for escape_filter() */
    f->pos = 0;
    f->len = n > 0 ? (size_t)n : 0;
    f->shut = n == 0 || (n < 0 && !try_again());
}

void flow_write(struct flow *f)
{
    ssize_t n = write(f->fd, f->data + f->pos, f->len < WRITE ? f->len : WRITE);
    if (n >= 0) {
        f->pos += (size_t)n;
        f->len -= (size_t)n;
    } else if (!try_again()) {
        f->shut = true;
        f->len = 0;
    }
}

size_t escape_filter(struct escape *e, char *p, size_t n)
{
    char kept[FLOW_CHUNK + 1];
    size_t k = 0;
    for (size_t i = 0; i < n && !e->left; i++) {
        if (!e->held && e->line_start && p[i] == '~') {
            e->held = true;
            continue;
        }
        if (e->held && p[i] == '.') {
            e->left = true;
            continue;
        }
        if (e->held && p[i] != '~')
            kept[k++] = '~';
        e->held = false;
        kept[k++] = p[i];
        e->line_start = p[i] == '\r' || p[i] == '\n';
    }
    memcpy(p, kept, k);
    return k;
}
