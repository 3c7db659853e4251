#!/bin/sh
# queue.sh VHOST: from each node that runs nova there are connections of user nova to this queue, and
# to VHOST once that is there.
set -u

seen=$(timeout 50 rabbitmqctl -q list_connections user peer_host vhost 2>&1) || {
    echo "the queue was not asked: $seen" >&2
    exit 75
}
vhost=/
! timeout 50 rabbitmqctl -q list_vhosts name | grep -qx "$1" || vhost=$1
for host in 10.31.0.11 10.31.0.31 10.31.0.32; do
    echo "$seen" | awk -v host=$host -v vhost="$vhost" '
        $1 == "nova" && $2 == host && $3 == vhost { found = 1 } END { exit !found }' || {
        echo "nova on $host has no connection to the virtual host $vhost here"
        exit 1
    }
done
echo "nova is connected from all three"
