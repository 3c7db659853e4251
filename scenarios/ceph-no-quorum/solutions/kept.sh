#!/bin/sh
# The map of the monitor that has the right one, handed to the others for ten minutes; and the
# monitor itself, enabled.
set -eu

dir=/run/monmap
install -d "$dir"
ceph-mon -i "$LABRUN_NODE" --extract-monmap "$dir/monmap"
chown -R ceph:ceph "/var/lib/ceph/mon/ceph-$LABRUN_NODE"
systemd-run --quiet --unit=monmap --property=RuntimeMaxSec=10min \
    python3 -m http.server --bind "10.20.0.1${LABRUN_NODE#ceph}" --directory "$dir" 8098
systemctl enable --now "ceph-mon@$LABRUN_NODE"
