#!/bin/sh
# A quorum of one: the others are taken out of the map of the monitor whose store is sound.
set -eu

map=$(mktemp)
trap 'rm -f "$map"' EXIT
systemctl stop "ceph-mon@$LABRUN_NODE"
ceph-mon -i "$LABRUN_NODE" --extract-monmap "$map"
monmaptool --rm "$LABRUN_PARAM_FIRST" --rm "$LABRUN_PARAM_SECOND" "$map"
ceph-mon -i "$LABRUN_NODE" --inject-monmap "$map"
chown -R ceph:ceph "/var/lib/ceph/mon/ceph-$LABRUN_NODE"
systemctl enable --now "ceph-mon@$LABRUN_NODE"
ceph --connect-timeout 240 quorum_status >/dev/null
