/* floor DRIVER DIR STAGE [--cold | --end]: see floor.h. Prints JSON: milliseconds until the domains
 * run, and until every node's ssh server has sent its first bytes. --end removes it all. */
#include "floor.h"
#include "driver/segment.h"
#include "driver/virt.h"
#include "util/fs.h"
#include "util/parallel.h"
#include <poll.h>
#include <sys/socket.h>

#define ANSWER_MS (10 * 60 * 1000)

static const struct {
    const char *name;
    bool (*create)(const struct floor *f, struct lr_error *err);
} kinds[] = {{"lxc", floor_lxc}, {"qemu", floor_qemu}};

struct job {
    const struct floor *f;
    const struct driver_ops *ops;
    struct deadline deadline;
};

bool floor_segments(virConnectPtr conn, const struct plan *p, struct lr_error *err)
{
    for (size_t i = 0; i < p->n_segments; i++) {
        _free_ char *xml = segment_xml(p, i);
        _virt_network_ virNetworkPtr net = virNetworkCreateXML(conn, xml);
        if (!net)
            return virt_error(err, "segment");
    }
    return true;
}

static bool answers(size_t i, void *data, struct lr_error *err)
{
    const struct job *j = data;
    const struct floor *f = j->f;
    _close_ int fd = -1;
    char byte;
    bool ready;
    return j->ops->dial(f->driver, f->plan, i, f->dir, j->deadline, &fd, err) &&
        wait_fd(fd, POLLIN, j->deadline, &ready, err) &&
        (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ||
            lr_error_set(err, LR_EINFRA, "'%s' says nothing", f->plan->nodes[i].name));
}

static bool create(const struct floor *f, const struct driver_ops *ops, struct lr_error *err)
{
    int64_t began = now_ms();
    bool ok = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (streq(kinds[i].name, ops->name))
            ok = kinds[i].create(f, err);
    int64_t created = now_ms() - began;
    struct job j = {f, ops, deadline_in(ANSWER_MS)};
    if (!ok || !parallel_run(f->plan->n_nodes, answers, &j, err))
        return false;
    printf("{\"created_ms\": %lld, \"ssh_ms\": %lld}\n", (long long)created,
        (long long)(now_ms() - began));
    return true;
}

static bool load_plan(const char *dir, struct plan **ret, struct lr_error *err)
{
    _free_ char *path = path_join(dir, "plan.json");
    _json_ json_t *j = json_load_file(path, 0, NULL);
    return j ? plan_from_json(j, ret, err) : lr_error_set(err, LR_EUSAGE, "'%s'?", path);
}

static bool run(int argc, char **argv, struct lr_error *err)
{
    const char *option = argc == 5 ? argv[4] : "";
    const struct driver_ops *ops = argc >= 4 ? driver_by_name(argv[1]) : NULL;
    _plan_ struct plan *plan = NULL;
    struct driver *d;
    if (!ops || argc > 5)
        return lr_error_set(err, LR_EUSAGE, "usage: floor DRIVER DIR STAGE [--cold | --end]");
    if (!load_plan(argv[2], &plan, err) || !ops->open(&d, err))
        return false;
    struct floor f = {d, plan, argv[2], argv[3], streq(option, "--cold")};
    bool ok = streq(option, "--end") ? ops->destroy(d, plan, f.dir, err) : create(&f, ops, err);
    ops->close(d);
    return ok;
}

int main(int argc, char **argv)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    if (run(argc, argv, &err))
        return 0;
    fprintf(stderr, "floor: %s\n", err.message);
    return lr_error_exit_status(err.code);
}
