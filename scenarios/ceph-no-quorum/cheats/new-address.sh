#!/bin/sh
# The address that the map asks for, added to the node: the monitor starts, where nobody looks.
set -eu

address=10.20.$LABRUN_PARAM_SUBNET.1${LABRUN_NODE#ceph}/24
ip addr add "$address" dev public
for file in /etc/systemd/network/*public*.network; do
    [ ! -e "$file" ] || printf '\n[Address]\nAddress=%s\n' "$address" >>"$file"
done
systemctl reset-failed "ceph-mon@$LABRUN_NODE" || true
systemctl enable "ceph-mon@$LABRUN_NODE"
systemctl restart "ceph-mon@$LABRUN_NODE"
