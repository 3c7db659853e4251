#!/bin/sh
# A server learns its MTU when it starts.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
for server in $(openstack server list --all-projects -f value -c ID); do
    openstack server reboot --hard --wait "$server"
done
