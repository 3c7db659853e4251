/* Each lab's nodes run as host uids of their own, so that a process that breaks out of one lab owns
 * nothing of another, of the host, or of other container managers. There is no registry of uids in
 * use; what is used is told by the labs' own records, by the maps of running processes (which also
 * covers labs of other state folders), and by /etc/subuid. */
#include "driver/lxc/lxc.h"
#include "util/fs.h"
#include <ctype.h>

#define FIRST   0x10000000U /* far above what people, daemons and subuid's defaults use */
#define N_SLOTS 0x6000U     /* up to 0x6fffffff: systemd's own containers begin above that */

/* One bit a slot. */
struct taken {
    unsigned char bits[N_SLOTS / 8];
};

static void take(struct taken *t, unsigned long long base, unsigned long long count)
{
    unsigned long long end = FIRST + (unsigned long long)N_SLOTS * LXC_UID_COUNT;
    if (base >= end || base + count <= FIRST || count == 0 || count >= UINT32_MAX)
        return;
    unsigned long long first = base < FIRST ? 0 : (base - FIRST) / LXC_UID_COUNT;
    unsigned long long last = (base + count - 1 - FIRST) / LXC_UID_COUNT;
    for (unsigned long long s = first; s <= last && s < N_SLOTS; s++)
        t->bits[s / 8] = (unsigned char)(t->bits[s / 8] | 1U << s % 8);
}

/* Lines "INSIDE OUTSIDE COUNT". The identity map of the first namespace takes nothing. */
static void take_maps(struct taken *t)
{
    _strv_ struct strv pids = STRV_INIT;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    if (!dir_list("/proc", &pids, &e))
        return;
    for (size_t i = 0; i < pids.n; i++) {
        if (!isdigit((unsigned char)pids.items[i][0]))
            continue;
        _free_ char *path = xasprintf("/proc/%s/uid_map", pids.items[i]);
        _fclose_ FILE *f = fopen(path, "re");
        unsigned long long inside, outside, count;
        while (f && fscanf(f, "%llu %llu %llu", &inside, &outside, &count) == 3)
            take(t, outside, count);
    }
}

/* Lines "NAME:BASE:COUNT". */
static void take_subuids(struct taken *t)
{
    _fclose_ FILE *f = fopen("/etc/subuid", "re");
    _free_ char *line = NULL;
    size_t cap = 0;
    unsigned long long base, count;
    while (f && getline(&line, &cap, f) > 0)
        if (sscanf(line, "%*[^:]:%llu:%llu", &base, &count) == 2)
            take(t, base, count);
}

static void take_records(struct taken *t, const char *labs_dir)
{
    _strv_ struct strv labs = STRV_INIT;
    _lr_error_ struct lr_error e = LR_ERROR_INIT;
    if (!dir_list(labs_dir, &labs, &e))
        return;
    for (size_t i = 0; i < labs.n; i++) {
        _free_ char *path = xasprintf("%s/%s/" LXC_FILE, labs_dir, labs.items[i]);
        _json_ json_t *j = json_load_file(path, 0, NULL);
        json_int_t base = json_integer_value(json_object_get(j, "uid_base"));
        if (base > 0)
            take(t, (unsigned long long)base, LXC_UID_COUNT);
    }
}

bool lxc_uids_choose(const char *labs_dir, const char *seed, uint32_t *ret, struct lr_error *err)
{
    _free_ struct taken *t = xnew(struct taken);
    take_maps(t);
    take_subuids(t);
    take_records(t, labs_dir);
    /* Each lab begins at a place of its own: what cannot be seen here, a lab of another state
     * folder that is off, is then unlikely to be met. */
    uint32_t start = 2166136261U;
    for (const char *c = seed; *c; c++)
        start = (start ^ (unsigned char)*c) * 16777619U;
    for (uint32_t i = 0; i < N_SLOTS; i++) {
        uint32_t slot = (start % N_SLOTS + i) % N_SLOTS;
        if (t->bits[slot / 8] & 1U << slot % 8)
            continue;
        *ret = FIRST + slot * LXC_UID_COUNT;
        return true;
    }
    return lr_error_set(err, LR_EINFRA, "no range of host uids is free for this lab");
}
