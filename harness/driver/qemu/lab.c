#include "driver/qemu/lab.h"
#include "driver/qemu/store.h"
#include "util/fs.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define RECORD_CAP (1UL << 20)

void qemu_lab_free(struct qemu_lab *l)
{
    strv_free(&l->images);
    free(l->boot_id);
    *l = (struct qemu_lab){0};
}

void qemu_lab_begin(struct qemu_lab *l, int64_t clock)
{
    l->since = wall_ms() / 1000;
    l->since_ms = boot_ms();
    l->clock = clock ? clock : l->since;
    l->boot_id = host_boot_id();
}

int64_t qemu_lab_clock(const struct qemu_lab *l)
{
    _free_ char *boot = host_boot_id();
    int64_t passed =
        streq(boot, l->boot_id) ? (boot_ms() - l->since_ms) / 1000 : wall_ms() / 1000 - l->since;
    /* The host's clock went back over a boot of the host's: nothing in the lab does. */
    return l->clock + (passed > 0 ? passed : 0);
}

bool qemu_lab_write(const char *lab_dir, const struct qemu_lab *l, struct lr_error *err)
{
    _json_ json_t *images = json_array();
    for (size_t i = 0; i < l->images.n; i++)
        json_array_append_new(images, json_string(l->images.items[i]));
    _json_ json_t *j = json_pack("{s:i, s:b, s:I, s:I, s:I, s:s, s:O}", "version", 1, "for_stage",
        (int)l->for_stage, "clock", (json_int_t)l->clock, "since", (json_int_t)l->since, "since_ms",
        (json_int_t)l->since_ms, "boot_id", l->boot_id, "images", images);
    _free_ char *text = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
    _free_ char *path = path_join(lab_dir, "qemu.json");
    if (!text)
        return lr_error_set(err, LR_EINFRA, "writing '%s' as JSON failed", path);
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

bool qemu_lab_read(const char *lab_dir, size_t n, struct qemu_lab *ret, struct lr_error *err)
{
    _free_ char *path = path_join(lab_dir, "qemu.json");
    _free_ char *text = NULL;
    if (!file_read(path, RECORD_CAP, &text, NULL, err))
        return false;
    _json_ json_t *j = json_loads(text, 0, NULL);
    int version = 0;
    int for_stage = 0;
    json_int_t clock = 0;
    json_int_t since = 0;
    json_int_t since_ms = 0;
    const char *boot_id = ""; /* a record of an older labrun does not say */
    json_t *images = NULL;
    if (!j ||
        json_unpack(j, "{s:i, s:b, s:I, s:I, s?I, s?s, s:o}", "version", &version, "for_stage",
            &for_stage, "clock", &clock, "since", &since, "since_ms", &since_ms, "boot_id",
            &boot_id, "images", &images) < 0 ||
        version != 1 || json_array_size(images) != n)
        return lr_error_set(err, LR_EINFRA, "'%s' is not the record of this lab", path);
    *ret = (struct qemu_lab){.for_stage = for_stage,
        .clock = clock,
        .since = since,
        .since_ms = since_ms,
        .boot_id = xstrdup(boot_id)};
    size_t i;
    json_t *image;
    json_array_foreach (images, i, image)
        strv_add(&ret->images, json_is_string(image) ? json_string_value(image) : "");
    return true;
}

char *qemu_lab_path(const char *lab_dir, const struct plan_node *node, const char *file)
{
    return xasprintf("%s/nodes/%s/%s", lab_dir, node->name, file);
}

char *qemu_ram_path(const char *lab_dir, const struct plan_node *node)
{
    _free_ char *shm = memory_shm_path(node->uuid);
    return path_exists(shm) ? STEAL(shm) : qemu_lab_path(lab_dir, node, "ram");
}

char *qemu_disk_name(size_t i)
{
    return i == 0 ? xstrdup("root.qcow2") : xasprintf("disk%zu.qcow2", i - 1);
}

static bool free_port(unsigned *ret, struct lr_error *err)
{
    _close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        return lr_error_errno(err, errno, "looking for a free port");
    *ret = ntohs(a.sin_port);
    return true;
}

bool qemu_port_pick(
    const char *lab_dir, const struct plan_node *node, unsigned *ret, struct lr_error *err)
{
    unsigned port = 0;
    if (!free_port(&port, err))
        return false;
    _free_ char *text = xasprintf("%u\n", port);
    _free_ char *path = qemu_lab_path(lab_dir, node, "port");
    if (!file_write_atomic(path, text, strlen(text), 0600, err))
        return false;
    *ret = port;
    return true;
}

bool qemu_port_read(
    const char *lab_dir, const struct plan_node *node, unsigned *ret, struct lr_error *err)
{
    _free_ char *path = qemu_lab_path(lab_dir, node, "port");
    _free_ char *text = NULL;
    if (!file_read(path, 64, &text, NULL, err))
        return false;
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (end == text || port == 0 || port > 65535)
        return lr_error_set(err, LR_EINFRA, "'%s' holds no port", path);
    *ret = (unsigned)port;
    return true;
}
