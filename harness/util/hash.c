#include "util/hash.h"
#include "util/fs.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <uuid/uuid.h>

struct hasher {
    EVP_MD_CTX *ctx;
};

struct hasher *hasher_new(void)
{
    struct hasher *h = xnew(struct hasher);
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx || !EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL))
        abort();
    return h;
}

void hasher_add(struct hasher *h, const void *p, size_t n)
{
    EVP_DigestUpdate(h->ctx, p, n);
}

void hasher_adds(struct hasher *h, const char *s)
{
    char head[32];
    size_t n = strlen(s);
    hasher_add(h, head, (size_t)snprintf(head, sizeof head, "%zu:", n));
    hasher_add(h, s, n);
}

static void add_file_head(struct hasher *h, long long size, bool executable)
{
    _free_ char *head = xasprintf("%lld:%c", size, executable ? 'x' : '-');
    hasher_adds(h, head);
}

void hasher_add_content(struct hasher *h, const char *data, size_t len, bool executable)
{
    add_file_head(h, (long long)len, executable);
    hasher_add(h, data, len);
}

bool hasher_add_file(struct hasher *h, const char *path, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return lr_error_errno(err, errno, "opening '%s'", path);
    add_file_head(h, st.st_size, st.st_mode & S_IXUSR);
    for (;;) {
        char chunk[65536];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0)
            return lr_error_errno(err, errno, "reading '%s'", path);
        if (n == 0)
            return true;
        hasher_add(h, chunk, (size_t)n);
    }
}

static bool add_tree(struct hasher *h, const char *path, const char *rel, struct lr_error *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return lr_error_errno(err, errno, "looking at '%s'", path);
    hasher_adds(h, rel);
    if (S_ISREG(st.st_mode))
        return hasher_add_file(h, path, err);
    if (S_ISLNK(st.st_mode))
        return lr_error_set(err, LR_ESCENARIO, "'%s' is a symbolic link: use a plain file", path);
    if (!S_ISDIR(st.st_mode))
        return lr_error_set(err, LR_ESCENARIO, "'%s' is neither a file nor a folder", path);
    _strv_ struct strv names = STRV_INIT;
    if (!dir_list(path, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        _free_ char *sub = path_join(path, names.items[i]);
        _free_ char *subrel = path_join(rel, names.items[i]);
        if (!add_tree(h, sub, subrel, err))
            return false;
    }
    return true;
}

bool hasher_add_tree(struct hasher *h, const char *path, struct lr_error *err)
{
    return add_tree(h, path, ".", err);
}

char *hasher_finish(struct hasher *h)
{
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    EVP_DigestFinal_ex(h->ctx, md, &n);
    static const char digits[] = "0123456789abcdef";
    char *text = xmalloc(2 * (size_t)n + 1);
    for (unsigned int i = 0; i < n; i++) {
        text[2 * i] = digits[md[i] >> 4];
        text[2 * i + 1] = digits[md[i] & 15];
    }
    text[2 * (size_t)n] = '\0';
    return text;
}

void hasher_free(struct hasher *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->ctx);
    free(h);
}

char *uuid_of_name(const char *name)
{
    /* labrun's name space; any fixed random UUID serves. */
    static const uuid_t space = {0x6b, 0x1d, 0x5e, 0x0a, 0x2c, 0x8f, 0x4f, 0x53, 0x9d, 0x3e, 0x71,
        0x0b, 0x44, 0x6c, 0x95, 0x27};
    uuid_t u;
    char text[UUID_STR_LEN];
    uuid_generate_sha1(u, space, name, strlen(name));
    uuid_unparse_lower(u, text);
    return xstrdup(text);
}

size_t random_below(size_t n)
{
    uint64_t x, spare = (UINT64_MAX % n + 1) % n;
    do {
        if (getrandom(&x, sizeof x, 0) != sizeof x)
            abort();
    } while (x > UINT64_MAX - spare);
    return x % n;
}

char *random_token(size_t n)
{
    static const char alphabet[] = "23456789abcdefghijkmnpqrstuvwxyz"; /* 32 characters */
    char *s = xmalloc(n + 1);
    for (size_t i = 0; i < n; i++) {
        uint8_t byte;
        if (getrandom(&byte, 1, 0) != 1)
            abort();
        s[i] = alphabet[byte % 32];
    }
    s[n] = '\0';
    return s;
}
