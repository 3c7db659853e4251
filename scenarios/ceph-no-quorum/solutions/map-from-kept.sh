#!/bin/sh
# The right map into this monitor's store.
set -eu

map=$(mktemp)
trap 'rm -f "$map"' EXIT
curl -fsS --retry 5 --retry-connrefused -o "$map" \
    "http://10.20.0.1${LABRUN_PARAM_KEPT#ceph}:8098/monmap"
systemctl stop "ceph-mon@$LABRUN_NODE"
ceph-mon -i "$LABRUN_NODE" --inject-monmap "$map"
chown -R ceph:ceph "/var/lib/ceph/mon/ceph-$LABRUN_NODE"
systemctl reset-failed "ceph-mon@$LABRUN_NODE" || true
systemctl enable --now "ceph-mon@$LABRUN_NODE"
