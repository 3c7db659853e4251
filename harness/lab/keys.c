#include "lab/keys.h"
#include "transport/keys.h"
#include "util/fs.h"

#define KEY_CAP ((size_t)64 << 10)

static bool write_pair(const char *folder, const char *name, struct lr_error *err)
{
    _keypair_ struct keypair k = {0};
    _free_ char *comment = xasprintf("labrun %s", name);
    if (!keypair_make(comment, &k, err))
        return lr_error_prefix(err, "making the ssh key '%s'", name);
    _free_ char *private = path_join(folder, name);
    _free_ char *public = xasprintf("%s.pub", private);
    _free_ char *line = xasprintf("%s\n", k.public_line);
    return file_write_atomic(private, k.private_pem, strlen(k.private_pem), 0600, err) &&
        file_write_atomic(public, line, strlen(line), 0644, err);
}

static const char *const logins[] = {"grader", "candidate"};

bool keys_make(const struct plan *p, const char *folder, struct lr_error *err)
{
    if (!dir_make(folder, 0700, err))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (!write_pair(folder, logins[i], err))
            return false;
    for (size_t i = 0; i < p->n_nodes; i++)
        if (!write_pair(folder, p->nodes[i].name, err))
            return false;
    return true;
}

static bool copy_file(
    const char *from, const char *to, const char *name, mode_t mode, struct lr_error *err)
{
    _free_ char *source = path_join(from, name);
    _free_ char *target = path_join(to, name);
    _free_ char *data = NULL;
    size_t len;
    return file_read(source, KEY_CAP, &data, &len, err) &&
        file_write_atomic(target, data, len, mode, err);
}

static bool copy_pair(const char *from, const char *to, const char *name, struct lr_error *err)
{
    _free_ char *public = xasprintf("%s.pub", name);
    return copy_file(from, to, name, 0600, err) && copy_file(from, to, public, 0644, err);
}

bool keys_copy(const struct plan *p, const char *from, const char *to, struct lr_error *err)
{
    if (!dir_make(to, 0700, err))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (!copy_pair(from, to, logins[i], err))
            return false;
    for (size_t i = 0; i < p->n_nodes; i++)
        if (!copy_pair(from, to, p->nodes[i].name, err))
            return false;
    return true;
}

bool key_read(const char *folder, const char *name, char **ret, struct lr_error *err)
{
    _free_ char *path = path_join(folder, name);
    size_t len;
    if (!file_read(path, KEY_CAP, ret, &len, err))
        return false;
    if (strchr(name, '.') && len && (*ret)[len - 1] == '\n')
        (*ret)[len - 1] = '\0';
    return true;
}

static bool node_seed(const struct plan *p, size_t i, const char *folder, const char *grader,
    const char *candidate, struct seed *ret, struct lr_error *err)
{
    _free_ char *public_name = xasprintf("%s.pub", p->nodes[i].name);
    _free_ char *private = NULL, *public = NULL;
    if (!key_read(folder, p->nodes[i].name, &private, err) ||
        !key_read(folder, public_name, &public, err))
        return false;
    struct seed_keys k = {private, public, grader, candidate};
    seed_make(p, i, &k, ret);
    return true;
}

bool keys_seeds(const struct plan *p, const char *folder, struct seed **ret, struct lr_error *err)
{
    _free_ char *grader = NULL, *candidate = NULL;
    if (!key_read(folder, "grader.pub", &grader, err) ||
        !key_read(folder, "candidate.pub", &candidate, err))
        return false;
    struct seed *seeds = xcalloc(p->n_nodes, sizeof *seeds);
    for (size_t i = 0; i < p->n_nodes; i++) {
        if (node_seed(p, i, folder, grader, candidate, &seeds[i], err))
            continue;
        seeds_free(seeds, p->n_nodes);
        return false;
    }
    *ret = seeds;
    return true;
}

void seeds_free(struct seed *seeds, size_t n)
{
    for (size_t i = 0; seeds && i < n; i++)
        seed_free(&seeds[i]);
    free(seeds);
}

bool keys_known_hosts(const struct lab *lab, struct lr_error *err)
{
    _free_ char *folder = path_join(lab->dir, "keys");
    _strbuf_ struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < lab->plan->n_nodes; i++) {
        _free_ char *name = xasprintf("%s.pub", lab->plan->nodes[i].name);
        _free_ char *public = NULL;
        if (!key_read(folder, name, &public, err))
            return false;
        strbuf_addf(&b, "%s-%s %s\n", lab->name, lab->plan->nodes[i].name, public);
    }
    _free_ char *path = path_join(lab->dir, "known_hosts");
    return file_write_atomic(path, b.data, b.len, 0644, err);
}
