#!/bin/sh
# queue.sh VHOST: the controller's nova talks through this queue as user nova, and in VHOST alone once that
# is there. Whoever does not follow it there is of no use, which other checks see.
set -u

ask() {
    timeout $((25 * LABRUN_PATIENCE)) rabbitmqctl -q "$@" 2>&1
}

if ! seen=$(ask list_connections user peer_host vhost) || ! vhosts=$(ask list_vhosts name); then
    echo "the queue was not asked: $seen ${vhosts-}" >&2
    exit 75
fi
vhost=/
! echo "$vhosts" | grep -qx "$1" || vhost=$1
echo "$seen" | awk -v vhost="$vhost" '
    $1 == "nova" && $2 == "10.31.0.11" { if ($3 == vhost) found = 1; else other = 1 }
    END { exit !found || other }' || {
    echo "nova on ctl1 is not connected to the virtual host $vhost here, or not to that alone"
    exit 1
}
echo "nova on ctl1 is connected to the virtual host $vhost"
