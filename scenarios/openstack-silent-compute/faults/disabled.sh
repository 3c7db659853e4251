#!/bin/sh
# No new servers on the other hypervisor, as somebody wanted it for an afternoon.
set -eu

# shellcheck source=/dev/null
. /root/admin-openrc
openstack compute service set --disable --disable-reason "CHG-$LABRUN_PARAM_CHANGE disks, back at 16:00" \
    "$LABRUN_PARAM_OTHER" nova-compute
