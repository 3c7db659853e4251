#!/bin/sh
# A server learns its MTU when it starts.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
# shellcheck disable=SC2046  # a list
openstack server reboot --hard --wait $(openstack server list --all-projects -f value -c ID)
