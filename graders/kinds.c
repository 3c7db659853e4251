#include "graders/probes/kinds.h"

const struct probe_kind *const probe_kinds[] = {
    &probe_command,
    &probe_ceph,
    &probe_systemd,
    &probe_file,
    &probe_port,
    &probe_ping,
    &probe_http,
    &probe_tls,
    &probe_route,
    &probe_bgp,
    &probe_nft,
    &probe_script,
    &probe_openstack,
    &probe_collateral,
    NULL,
};

#define N_KINDS (sizeof probe_kinds / sizeof probe_kinds[0] - 1)

/* The same table as scenario/ wants it: it must not know probe.h. Filled once, before threads. */
static struct probe_kind_info infos[N_KINDS];

__attribute__((constructor)) static void fill_infos(void)
{
    for (size_t i = 0; i < N_KINDS; i++)
        infos[i] = (struct probe_kind_info){
            .name = probe_kinds[i]->name,
            .kind = probe_kinds[i],
            .parse = probe_kinds[i]->parse,
            .free_params = probe_kinds[i]->free_params,
            .schema = probe_kinds[i]->schema,
        };
}

const struct probe_kind_info *probe_kind_infos(size_t *ret_n)
{
    *ret_n = N_KINDS;
    return infos;
}
