#!/bin/sh
# Room is made, and not in the pool that is full.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
id=$(openstack volume list --all-projects --name ledger -f value -c ID)
[ -n "$id" ]
openstack volume delete "$id"
tries=60
while openstack volume show "$id" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "the volume is still there" >&2; exit 1; }
    sleep 2
done
