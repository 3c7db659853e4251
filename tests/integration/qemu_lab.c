#include "qemu_lab.h"
#include "mini.h"
#include "transport/client.h"
#include "util/fs.h"
#include "util/log.h"
#include <libvirt/libvirt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SSH_MS (5 * 60 * 1000)

void fail_at(const char *file, int line, const char *what, const struct lr_error *err)
{
    fprintf(stderr, "%s:%d: %s%s%s\n", file, line, what, err && err->message ? ": " : "",
        err && err->message ? err->message : "");
    exit(1);
}

void say(const char *fmt, ...)
{
    static int64_t began;
    va_list ap;
    if (!began)
        began = now_ms();
    printf("%8.2f ", (double)(now_ms() - began) / 1000);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
    fflush(stdout);
}

static void sink(enum log_level level, const char *line, void *data)
{
    (void)data;
    fprintf(stderr, "%s%s\n", level == LOG_LEVEL_WARNING ? "warning: " : "", line);
}

static void skip(const char *why)
{
    printf("skipped: %s\n", why);
    exit(77);
}

void bench_open(struct bench *b)
{
    struct lr_error err = LR_ERROR_INIT;
    log_set_sink(sink, NULL);
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    json_object_seed(0);
    struct driver_report r;
    driver_qemu.report(&r, "/var/lib", true);
    if (!r.usable)
        skip(r.why_not);
    driver_report_free(&r);
    b->image = mini_image();
    b->state_dir = xstrdup("/var/tmp/labrun-qemu-XXXXXX");
    CHECK(mkdtemp(b->state_dir));
    CHECK(chmod(b->state_dir, 0711) == 0);
    MUST(driver_qemu.open(&b->driver, &err));
    MUST(keypair_make("host", &b->host, &err));
    MUST(keypair_make("user", &b->user, &err));
    b->key_file = path_join(b->state_dir, "key");
    MUST(file_write_atomic(
        b->key_file, b->user.private_pem, strlen(b->user.private_pem), 0600, &err));
}

void bench_close(struct bench *b)
{
    struct lr_error err = LR_ERROR_INIT;
    driver_qemu.close(b->driver);
    MUST(tree_remove(b->state_dir, &err));
    free(b->state_dir);
    free(b->image);
    free(b->key_file);
    keypair_free(&b->host);
    keypair_free(&b->user);
}

struct plan *bench_plan(const struct bench *b, const char *lab)
{
    static char *const names[N_NODES] = {"a", "b"};
    static int64_t disks[] = {64};
    struct network net = {.name = "net", .mtu = 1500};
    struct address addresses[N_NODES] = {{.text = "10.77.0.1/24"}, {.text = "10.77.0.2/24"}};
    struct nic nics[N_NODES];
    struct node nodes[N_NODES];
    for (size_t i = 0; i < N_NODES; i++) {
        nics[i] = (struct nic){.network = 0, .addresses = &addresses[i], .n_addresses = 1};
        nodes[i] = (struct node){.name = names[i],
            .image = "mini",
            .memory_mib = 384,
            .vcpus = 1,
            .disks_mib = disks,
            .n_disks = 1,
            .nics = &nics[i],
            .n_nics = 1};
    }
    struct scenario sc = {
        .name = "test", .networks = &net, .n_networks = 1, .nodes = nodes, .n_nodes = N_NODES};
    return plan_make(&sc, b->state_dir, lab);
}

static char *make_dir(const struct bench *b, const char *kind, const char *name)
{
    struct lr_error err = LR_ERROR_INIT;
    char *dir = xasprintf("%s/%s/%s", b->state_dir, kind, name);
    MUST(dir_make(dir, 0711, &err));
    return dir;
}

char *bench_lab_dir(const struct bench *b, const struct plan *p)
{
    return make_dir(b, "labs", p->lab);
}

char *bench_stage_dir(const struct bench *b, const char *name)
{
    return make_dir(b, "stages", name);
}

bool bench_create(struct bench *b, const struct plan *p, const char *stage, bool for_stage,
    bool *ret_cold, const char *lab_dir, struct lr_error *err)
{
    const char *images[N_NODES] = {b->image, b->image};
    struct seed_keys keys = {
        b->host.private_pem, b->host.public_line, b->user.public_line, b->user.public_line};
    struct seed seeds[N_NODES];
    for (size_t i = 0; i < N_NODES; i++)
        seed_make(p, i, &keys, &seeds[i]);
    struct driver_source src = {.image_dirs = images,
        .stage_dirs = &stage,
        .n_stages = stage ? 1 : 0,
        .for_stage = for_stage,
        .ret_cold = ret_cold};
    bool ok = driver_qemu.create(b->driver, p, &src, seeds, lab_dir, err);
    for (size_t i = 0; i < N_NODES; i++)
        seed_free(&seeds[i]);
    return ok;
}

static int dial(struct bench *b, const struct plan *p, size_t node, const char *lab_dir)
{
    struct lr_error err = LR_ERROR_INIT;
    int fd = -1;
    MUST(driver_qemu.dial(b->driver, p, node, lab_dir, deadline_in(TEST_BOOT_MS), &fd, &err));
    return fd;
}

char *bench_ssh(
    struct bench *b, const struct plan *p, size_t node, const char *lab_dir, const char *command)
{
    struct lr_error err = LR_ERROR_INIT;
    int fd = dial(b, p, node, lab_dir);
    struct deadline d = deadline_in(SSH_MS);
    struct client_conf conf = {
        .node = p->nodes[node].name, .key_file = b->key_file, .host_key = b->host.public_line};
    _client_ struct client *c = NULL;
    MUST(client_open(&c, fd, &conf, d, &err));
    struct run_request req = {.command = command, .deadline = d};
    struct run_result res = {0};
    MUST(client_run(c, &req, &res, &err));
    if (res.end != RUN_EXITED || res.status != 0) {
        _free_ char *how = run_result_describe(&res);
        fprintf(stderr, "'%s' on node %zu of '%s': %s: %s\n", command, node, p->lab, how, res.err);
        exit(1);
    }
    char *out = STEAL(res.out);
    run_result_free(&res);
    return out;
}

void bench_answer(struct bench *b, const struct plan *p, const char *lab_dir)
{
    for (size_t i = 0; i < p->n_nodes; i++)
        close(dial(b, p, i, lab_dir));
}

char *bench_leftovers(const char *prefix)
{
    struct strbuf names = STRBUF_INIT;
    virConnectPtr c = virConnectOpen("qemu:///system");
    CHECK(c);
    virDomainPtr *domains = NULL;
    int n = virConnectListAllDomains(c, &domains, 0);
    for (int i = 0; i < n; i++) {
        if (has_prefix(virDomainGetName(domains[i]), prefix))
            strbuf_addf(&names, "domain %s\n", virDomainGetName(domains[i]));
        virDomainFree(domains[i]);
    }
    free(domains);
    virNetworkPtr *networks = NULL;
    n = virConnectListAllNetworks(c, &networks, 0);
    for (int i = 0; i < n; i++) {
        if (has_prefix(virNetworkGetName(networks[i]), prefix))
            strbuf_addf(&names, "network %s\n", virNetworkGetName(networks[i]));
        virNetworkFree(networks[i]);
    }
    free(networks);
    virConnectClose(c);
    return strbuf_steal(&names);
}
