#!/bin/sh
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
# A front that finds nova busy says so once, and not for long.
tries=10
until openstack compute service set --enable "$LABRUN_PARAM_OTHER" nova-compute; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 3
done
