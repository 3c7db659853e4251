#include "lxc_lab.h"
#include "driver/virt.h"
#include "mini.h"
#include "transport/client.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/parallel.h"
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#define SSH_MS 60000

noreturn void fail_at(const char *file, int line, const char *what, const struct lr_error *err)
{
    fprintf(stderr, "%s:%d: %s%s%s\n", file, line, what, err && err->message ? ": " : "",
        err && err->message ? err->message : "");
    _exit(1);
}

void say(const char *fmt, ...)
{
    static int64_t began;
    began = began ? began : now_ms();
    va_list ap;
    va_start(ap, fmt);
    _free_ char *text = xvasprintf(fmt, ap);
    va_end(ap);
    printf("%8.2fs  %s\n", (double)(now_ms() - began) / 1000, text);
    fflush(stdout);
}

static void sink(enum log_level level, const char *line, void *data)
{
    (void)data;
    say("%s%s", level == LOG_LEVEL_WARNING ? "warning: " : "", line);
}

noreturn static void skip(const char *why)
{
    printf("skipped: %s\n", why);
    exit(77);
}

static void look_at_host(void)
{
    struct driver_report r;
    driver_lxc.report(&r, "/var/lib", true);
    for (size_t i = 0; i < r.n_findings; i++)
        say("%s: %s", r.findings[i].level == FINDING_OK ? "ok" : "bad", r.findings[i].what);
    for (size_t i = 0; i < r.offers.n; i++)
        say("offers %s", r.offers.items[i]);
    if (!r.usable)
        skip(r.why_not);
    driver_report_free(&r);
}

void fixture_open(struct fixture *f)
{
    struct lr_error err = LR_ERROR_INIT;
    *f = (struct fixture){0};
    log_set_sink(sink, NULL);
    look_at_host();
    f->image = mini_image();
    char dir[] = "/var/tmp/labrun-test-XXXXXX";
    CHECK(mkdtemp(dir) && chmod(dir, 0711) == 0);
    f->state_dir = xstrdup(dir);
    f->key_file = path_join(dir, "key");
    MUST(keypair_make("host", &f->host, &err) && keypair_make("user", &f->user, &err));
    MUST(file_write_atomic(
        f->key_file, f->user.private_pem, strlen(f->user.private_pem), 0600, &err));
    MUST(driver_lxc.open(&f->driver, &err));
}

void fixture_close(struct fixture *f)
{
    struct lr_error err = LR_ERROR_INIT;
    driver_lxc.close(f->driver);
    MUST(tree_remove(f->state_dir, &err));
    keypair_free(&f->host);
    keypair_free(&f->user);
    free(f->state_dir);
    free(f->image);
    free(f->key_file);
}

static struct plan *make_plan(const struct fixture *f, const char *name)
{
    static char front[] = "front", back[] = "back", image[] = "mini", scenario[] = "test";
    struct network networks[] = {{.name = front, .mtu = 1500}, {.name = back, .mtu = 9000}};
    struct node nodes[N_NODES] = {0};
    struct nic nics[N_NODES][2] = {0};
    struct address addresses[N_NODES][4] = {0};
    char names[N_NODES][4];
    int64_t disk = 64;
    for (size_t i = 0; i < N_NODES; i++) {
        static const char *const forms[] = {
            "10.77.0.%zu/24", "fd77::%zu/64", "10.78.0.%zu/24", "fd78::%zu/64"};
        for (size_t a = 0; a < 4; a++) {
            _free_ char *fmt = xstrdup(forms[a]);
            char *at = strstr(fmt, "%zu");
            *at = '\0';
            snprintf(
                addresses[i][a].text, sizeof addresses[i][a].text, "%s%zu%s", fmt, i + 1, at + 3);
        }
        nics[i][0] = (struct nic){.network = 0, .addresses = addresses[i], .n_addresses = 2};
        nics[i][1] = (struct nic){.network = 1, .addresses = addresses[i] + 2, .n_addresses = 2};
        snprintf(names[i], sizeof names[i], "n%zu", i + 1);
        nodes[i] = (struct node){.name = names[i],
            .image = image,
            .memory_mib = 256,
            .vcpus = 1,
            .disks_mib = &disk,
            .n_disks = i == 0,
            .nics = nics[i],
            .n_nics = 2};
    }
    struct scenario sc = {.name = scenario,
        .networks = networks,
        .n_networks = 2,
        .nodes = nodes,
        .n_nodes = N_NODES};
    return plan_make(&sc, f->state_dir, name);
}

struct test_lab lab_open(struct fixture *f, const char *name)
{
    struct lr_error err = LR_ERROR_INIT;
    struct test_lab lab = {.f = f};
    _free_ char *full = xasprintf("lxc-%s-%s", name, f->state_dir + strlen(f->state_dir) - 6);
    lab.plan = make_plan(f, full);
    lab.dir = xasprintf("%s/labs/%s", f->state_dir, full);
    MUST(dir_make(lab.dir, 0711, &err));
    return lab;
}

void lab_close(struct test_lab *lab)
{
    plan_free(lab->plan);
    free(lab->dir);
}

bool lab_create(
    const struct test_lab *lab, struct driver *d, const char *stage, struct lr_error *err)
{
    const struct fixture *f = lab->f;
    const char *images[N_NODES];
    struct seed seeds[N_NODES];
    struct seed_keys keys = {.host_private = f->host.private_pem,
        .host_public = f->host.public_line,
        .grader_public = f->user.public_line};
    for (size_t i = 0; i < N_NODES; i++) {
        images[i] = f->image;
        seed_make(lab->plan, i, &keys, &seeds[i]);
    }
    struct driver_source src = {
        .image_dirs = images, .stage_dirs = &stage, .n_stages = stage ? 1 : 0};
    bool ok = driver_lxc.create(d, lab->plan, &src, seeds, lab->dir, err);
    for (size_t i = 0; i < N_NODES; i++)
        seed_free(&seeds[i]);
    return ok;
}

bool lab_destroy(const struct test_lab *lab, struct lr_error *err)
{
    return driver_lxc.destroy(lab->f->driver, lab->plan, lab->dir, err);
}

char *stage_folder(const struct fixture *f, const char *name)
{
    struct lr_error err = LR_ERROR_INIT;
    char *dir = xasprintf("%s/stages/%s", f->state_dir, name);
    MUST(dir_make(dir, 0711, &err));
    return dir;
}

int lab_ssh(const struct test_lab *lab, size_t node, const char *command, char **ret_out)
{
    struct lr_error err = LR_ERROR_INIT;
    struct deadline d = deadline_in(SSH_MS);
    int fd = -1;
    MUST(driver_lxc.dial(lab->f->driver, lab->plan, node, lab->dir, d, &fd, &err));
    struct client_conf conf = {.node = lab->plan->nodes[node].name,
        .key_file = lab->f->key_file,
        .host_key = lab->f->host.public_line};
    _client_ struct client *c = NULL;
    MUST(client_open(&c, fd, &conf, d, &err));
    struct run_request req = {.command = command, .deadline = d};
    _run_result_ struct run_result r = {0};
    MUST(client_run(c, &req, &r, &err));
    if (ret_out)
        *ret_out = xstrdup(r.out);
    return r.end == RUN_EXITED ? r.status : -1;
}

static bool answers(size_t i, void *data, struct lr_error *err)
{
    if (lab_ssh(data, i, "true", NULL) == 0)
        return true;
    return lr_error_set(err, LR_EINFRA, "node %zu does not run a command", i);
}

int64_t lab_answers(const struct test_lab *lab)
{
    struct lr_error err = LR_ERROR_INIT;
    int64_t begin = now_ms();
    MUST(parallel_run(N_NODES, answers, (void *)(uintptr_t)lab, &err));
    return now_ms() - begin;
}

static void add_matches(struct strbuf *b, const char *pattern)
{
    glob_t g = {0};
    glob(pattern, 0, NULL, &g);
    for (size_t i = 0; i < g.gl_pathc; i++)
        strbuf_addf(b, "%s\n", g.gl_pathv[i]);
    globfree(&g);
}

/* Processes with the lab's domain in their command line: libvirt_lxc. The nodes' own processes are
 * children of it and in the cgroups. */
static void add_processes(struct strbuf *b, const char *lab)
{
    glob_t g = {0};
    glob("/proc/[0-9]*/cmdline", 0, NULL, &g);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct lr_error e = LR_ERROR_INIT;
        _free_ char *text = NULL;
        size_t len = 0;
        if (file_read(g.gl_pathv[i], 1 << 20, &text, &len, &e) &&
            memmem(text, len, lab, strlen(lab)))
            strbuf_addf(b, "%s %s\n", g.gl_pathv[i], text);
        lr_error_clear(&e);
    }
    globfree(&g);
}

static void add_objects(struct strbuf *b, const struct plan *p)
{
    struct lr_error err = LR_ERROR_INIT;
    _virt_connect_ virConnectPtr c = NULL;
    MUST(virt_open("lxc:///system", &c, &err));
    for (size_t i = 0; i < p->n_nodes; i++) {
        _virt_domain_ virDomainPtr d = virDomainLookupByUUIDString(c, p->nodes[i].uuid);
        if (d)
            strbuf_addf(b, "domain %s\n", p->nodes[i].domain);
    }
    for (size_t i = 0; i < p->n_segments; i++) {
        _virt_network_ virNetworkPtr n = virNetworkLookupByUUIDString(c, p->segments[i].uuid);
        if (n)
            strbuf_addf(b, "network %s\n", p->segments[i].name);
        _free_ char *bridge = xasprintf("/sys/class/net/%s", p->segments[i].bridge);
        add_matches(b, bridge);
    }
}

char *lab_leftovers(const struct test_lab *lab)
{
    struct strbuf b = STRBUF_INIT;
    struct lr_error err = LR_ERROR_INIT;
    _strv_ struct strv mounts = STRV_INIT;
    add_objects(&b, lab->plan);
    MUST(mounts_below(lab->dir, &mounts, &err));
    for (size_t i = 0; i < mounts.n; i++)
        strbuf_addf(&b, "mount %s\n", mounts.items[i]);
    _free_ char *files = path_join(lab->dir, "*");
    add_matches(&b, files);
    _free_ char *v2 = xasprintf("/sys/fs/cgroup/unified/labrun-%s.*", lab->plan->lab);
    _free_ char *v1 = xasprintf("/sys/fs/cgroup/*/machine/*%s*", lab->plan->lab);
    _free_ char *log = xasprintf("/var/log/libvirt/lxc/*%s*", lab->plan->lab);
    add_matches(&b, v2);
    add_matches(&b, v1);
    add_matches(&b, log);
    add_processes(&b, lab->plan->lab);
    return strbuf_steal(&b);
}
