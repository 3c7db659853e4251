#!/bin/sh
# Both servers on one hypervisor: no tunnel, no trouble.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
away=$(openstack server list --all-projects --host cmp2 -f value -c ID)
port=$(openstack port list --device-id "$away" -f value -c ID)
project=$(openstack port show "$port" -f value -c project_id)
openstack server delete --wait "$away"
OS_PROJECT_ID=$project && export OS_PROJECT_ID && unset OS_PROJECT_NAME
openstack server create --wait --flavor tiny --image guest --network tenant \
    --availability-zone nova:cmp1 web-2
