#include "record/cast.h"
#include "util/deadline.h"
#include "util/utf8.h"
#include <errno.h>
#include <fcntl.h>

#define DEFAULT_CAP (64UL << 20)

/* The beginning of a character whose rest has not come yet; one for each stream. */
struct partial {
    char bytes[4];
    size_t n;
};

struct cast {
    int fd;
    int64_t began_ms;
    bool input;
    bool cut; /* the cap was reached, or writing failed: nothing more is written */
    size_t written;
    size_t cap;
    struct partial output;
    struct partial typed;
    struct lr_error err; /* the first that happened */
};

static bool write_line(struct cast *c, const struct strbuf *line)
{
    size_t done = 0;
    while (done < line->len) {
        ssize_t n = write(c->fd, line->data + done, line->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            c->cut = true;
            return lr_error_errno(&c->err, errno, "writing the recording");
        }
        done += (size_t)n;
    }
    c->written += line->len;
    return true;
}

bool cast_open(
    const char *path, const struct cast_conf *conf, struct cast **ret, struct lr_error *err)
{
    _json_ json_t *header = json_pack("{si si si sI}", "version", 2, "width", conf->cols, "height",
        conf->rows, "timestamp", (json_int_t)(wall_ms() / 1000));
    _free_ char *title = utf8_clean(conf->title);
    _free_ char *command = utf8_clean(conf->command);
    if (title)
        json_object_set_new(header, "title", json_string(title));
    if (command)
        json_object_set_new(header, "command", json_string(command));
    _strbuf_ struct strbuf line = STRBUF_INIT;
    _free_ char *text = json_dumps(header, JSON_COMPACT);
    strbuf_addf(&line, "%s\n", text);

    _close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        int saved = errno;
        lr_error_errno(err, saved, "creating recording '%s'", path);
        errno = saved;
        return false;
    }
    struct cast *c = xnew(struct cast);
    c->fd = steal_fd(&fd);
    c->began_ms = now_ms();
    c->input = conf->input;
    c->cap = conf->cap ? conf->cap : DEFAULT_CAP;
    if (!write_line(c, &line))
        return cast_close(c, err);
    *ret = c;
    return true;
}

static void add_escaped(struct strbuf *b, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)p[i];
        if (ch == '"' || ch == '\\')
            strbuf_addf(b, "\\%c", ch);
        else if (ch == '\n')
            strbuf_adds(b, "\\n");
        else if (ch == '\r')
            strbuf_adds(b, "\\r");
        else if (ch < 0x20 || ch == 0x7f)
            strbuf_addf(b, "\\u%04x", ch);
        else if (ch == 0xc2 && i + 1 < n && (unsigned char)p[i + 1] < 0xa0) /* U+0080 to U+009f */
            strbuf_addf(b, "\\u%04x", (unsigned char)p[++i]);
        else
            strbuf_add(b, p + i, 1);
    }
}

static void add_event(struct cast *c, char kind, const char *p, size_t n)
{
    if (c->cut)
        return;
    int64_t ms = now_ms() - c->began_ms;
    _strbuf_ struct strbuf line = STRBUF_INIT;
    strbuf_addf(&line, "[%lld.%03d,\"%c\",\"", (long long)(ms / 1000), (int)(ms % 1000), kind);
    add_escaped(&line, p, n);
    strbuf_adds(&line, "\"]\n");
    if (c->written + line.len <= c->cap) {
        write_line(c, &line);
        return;
    }
    strbuf_free(&line);
    strbuf_addf(&line, "[%lld.%03d,\"m\",\"recording cut at %zu bytes\"]\n", (long long)(ms / 1000),
        (int)(ms % 1000), c->cap);
    write_line(c, &line);
    c->cut = true;
}

/* Adds what is complete to TEXT and keeps the beginning of a last, split character in PART. */
static void take_text(struct partial *part, const char *p, size_t n, struct strbuf *ret_text)
{
    _strbuf_ struct strbuf all = STRBUF_INIT;
    strbuf_add(&all, part->bytes, part->n);
    strbuf_add(&all, p, n);
    part->n = 0;
    for (size_t i = 0; i < all.len;) {
        uint32_t code;
        int len = utf8_next(all.data + i, all.len - i, &code);
        if (len == 0) {
            part->n = all.len - i;
            memcpy(part->bytes, all.data + i, part->n);
            break;
        }
        if (len > 0)
            strbuf_add(ret_text, all.data + i, (size_t)len);
        else
            strbuf_adds(ret_text, UTF8_REPLACEMENT);
        i += (size_t)(len > 0 ? len : -len);
    }
}

void cast_add(struct cast *c, char kind, const char *p, size_t n)
{
    if (kind == 'i' && !c->input)
        return;
    _strbuf_ struct strbuf text = STRBUF_INIT;
    if (kind == 'o')
        take_text(&c->output, p, n, &text);
    else if (kind == 'i')
        take_text(&c->typed, p, n, &text);
    else
        utf8_add_clean(&text, p, n);
    if (text.len)
        add_event(c, kind, text.data, text.len);
}

void cast_tap(char kind, const char *p, size_t n, void *data)
{
    cast_add(data, kind, p, n);
}

bool cast_close(struct cast *c, struct lr_error *err)
{
    if (!c)
        return true;
    if (c->output.n)
        add_event(c, 'o', UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
    if (c->typed.n)
        add_event(c, 'i', UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
    if (!c->err.message && fdatasync(c->fd) < 0)
        lr_error_errno(&c->err, errno, "syncing the recording");
    close(c->fd);
    bool ok = !c->err.message;
    if (!ok)
        lr_error_move(err, &c->err);
    free(c);
    return ok;
}
