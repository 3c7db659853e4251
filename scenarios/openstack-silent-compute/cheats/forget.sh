#!/bin/sh
# What is down is taken out of the list.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
id=$(openstack compute service list --service nova-compute --host "$LABRUN_PARAM_STALE" -f value -c ID)
openstack compute service delete "$id" ||
    openstack compute service set --disable "$LABRUN_PARAM_STALE" nova-compute
