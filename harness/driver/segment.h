/* Segments: the layer-2 networks of a lab, each a transient libvirt network without any address on
 * the host. Both drivers use them. */
#ifndef LABRUN_DRIVER_SEGMENT_H
#define LABRUN_DRIVER_SEGMENT_H

#include "driver/virt.h"

/* The <network> element of segment I; owned. Pure. */
char *segment_xml(const struct plan *p, size_t i);

/* What doctor says of the host's packet filter, which can see what nodes say to each other. */
void segments_report(struct driver_report *r);

/* Creates all segments of the plan, one after the other and under a lock of the state folder,
 * because libvirt races with itself. What is there already and ours is kept. */
bool segments_create(virConnectPtr c, const struct plan *p, struct lr_error *err) _must_check_;

/* Ends all segments of the plan. What is not there is fine; what carries the name but not the UUID
 * is not ours: a warning. */
bool segments_destroy(virConnectPtr c, const struct plan *p, struct lr_error *err) _must_check_;

/* Ends one network, under the same lock. */
bool segment_end(virNetworkPtr net, const char *state_dir, struct lr_error *err) _must_check_;

#endif
