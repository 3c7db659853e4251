#!/bin/sh
# OSDs keep their addresses, and packets for the other rack's go beside the clients.
set -eu
case $LABRUN_NODE in
ceph3) set -- 10.21.0.11/32 10.20.0.11 10.21.0.12/32 10.20.0.12 ;;
*) set -- 10.21.1.13/32 10.20.0.13 ;;
esac
dir=/etc/systemd/network/10-public.network.d
install -d "$dir"
while [ $# -gt 0 ]; do
    printf '\n[Route]\nDestination=%s\nGateway=%s\n' "$1" "$2"
    ip route replace "$1" via "$2" dev public
    shift 2
done >"$dir/beside.conf"
