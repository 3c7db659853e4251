/* The probe kinds there are; each is defined in the file of its name. */
#ifndef LABRUN_GRADERS_KINDS_H
#define LABRUN_GRADERS_KINDS_H

#include "graders/probe.h"

extern const struct probe_kind probe_command;
extern const struct probe_kind probe_ceph;
extern const struct probe_kind probe_systemd;
extern const struct probe_kind probe_file;
extern const struct probe_kind probe_port;
extern const struct probe_kind probe_ping;
extern const struct probe_kind probe_http;
extern const struct probe_kind probe_tls;
extern const struct probe_kind probe_route;
extern const struct probe_kind probe_bgp;
extern const struct probe_kind probe_nft;
extern const struct probe_kind probe_script;
extern const struct probe_kind probe_openstack;
extern const struct probe_kind probe_collateral;

#endif
