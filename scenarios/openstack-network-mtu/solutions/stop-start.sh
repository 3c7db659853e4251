#!/bin/sh
# One after the other, so that one of the two always serves.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
until_it_is() {
    tries=120
    until [ "$(openstack server show -f value -c status "$1")" = "$2" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "$1 does not become $2" >&2; exit 1; }
        sleep 1
    done
}
for server in $(openstack server list --all-projects -f value -c ID); do
    openstack server stop "$server"
    until_it_is "$server" SHUTOFF
    openstack server start "$server"
    until_it_is "$server" ACTIVE
done
