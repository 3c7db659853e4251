#!/bin/sh
# Both servers on one hypervisor: no tunnel, no trouble.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
tries=120
until [ "$(openstack compute service list --service nova-compute --host cmp2 -f value -c State)" = down ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "nova-compute on cmp2 is still up" >&2; exit 1; }
    sleep 1
done
server=$(openstack server list --all-projects --host cmp2 -f value -c ID)
openstack --os-compute-api-version 2.29 server evacuate --host cmp1 --wait "$server"
