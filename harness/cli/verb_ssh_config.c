#include "cli/lookup.h"
#include "cli/verbs.h"
#include <errno.h>

/* The path by which ssh is to call us again. */
static char *own_path(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    return n > 0 ? xstrndup(path, (size_t)n) : xstrdup("labrun");
}

static void host_block(
    const struct cmd *c, const struct lab *lab, const struct plan_node *n, const char *self)
{
    FILE *f = c->out.file;
    fprintf(f, "Host %s %s-%s\n", n->name, lab->name, n->name);
    fprintf(f, "    HostName %s\n", n->name);
    fprintf(f, "    HostKeyAlias %s-%s\n", lab->name, n->name);
    fprintf(f, "    User root\n");
    fprintf(f, "    ProxyCommand \"%s\" --state-dir \"%s\" proxy %s %s\n", self, c->state_dir,
        lab->name, n->name);
    fprintf(f, "    IdentityFile \"%s/keys/candidate\"\n    IdentitiesOnly yes\n", lab->dir);
    fprintf(f, "    UserKnownHostsFile \"%s/known_hosts\"\n", lab->dir);
    fprintf(f, "    GlobalKnownHostsFile /dev/null\n    StrictHostKeyChecking yes\n");
    fprintf(f, "    PreferredAuthentications publickey\n\n");
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _lab_ struct lab *lab = NULL;
    if (!lab_find(c->state_dir, cmd_operand(c, 0), &lab, err))
        return false;
    _free_ char *self = own_path();
    for (size_t i = 0; i < lab->plan->n_nodes; i++)
        if (!lab->plan->nodes[i].witness)
            host_block(c, lab, &lab->plan->nodes[i], self);
    return true;
}

const struct verb verb_ssh_config = {
    .name = "ssh-config",
    .group = "For the candidate",
    .summary = "configuration for plain ssh, scp, rsync and Ansible",
    .help = "For example:\n\n"
            "    labrun ssh-config LAB > lab.conf\n"
            "    ssh -F lab.conf ceph1\n"
            "    ansible all -i ceph1,ceph2, --ssh-common-args '-F lab.conf' -m ping\n\n"
            "Host keys are pinned. What is done this way is not recorded; `labrun ssh` is.",
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};
