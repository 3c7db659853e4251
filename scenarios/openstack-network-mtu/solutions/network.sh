#!/bin/sh
# The network that there is keeps what it was promised until it is told.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
tries=60
until openstack network set --mtu 1442 tenant; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 1
done
