#!/bin/sh
# No new servers on the other hypervisor, as somebody wanted it for an afternoon.
set -eu

# shellcheck source=/dev/null
. /root/admin-openrc
# A unit is active before its service answers.
tries=60
until openstack compute service set --disable \
    --disable-reason "CHG-$LABRUN_PARAM_CHANGE disks, back at 16:00" "$LABRUN_PARAM_OTHER" nova-compute; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 1
done
