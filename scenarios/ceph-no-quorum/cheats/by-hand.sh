#!/bin/sh
# A right map, and a daemon that systemd knows nothing of.
set -eu

map=$(mktemp)
trap 'rm -f "$map"' EXIT
set -- --create --clobber --fsid "$(ceph-conf --lookup fsid)"
for i in 1 2 3; do
    set -- "$@" --addv "ceph$i" "[v2:10.20.0.1$i:3300,v1:10.20.0.1$i:6789]"
done
monmaptool "$@" "$map"
systemctl stop "ceph-mon@$LABRUN_NODE"
ceph-mon -i "$LABRUN_NODE" --inject-monmap "$map"
chown -R ceph:ceph "/var/lib/ceph/mon/ceph-$LABRUN_NODE"
install -d -o ceph -g ceph /run/ceph
ceph-mon -i "$LABRUN_NODE" --setuser ceph --setgroup ceph
