#!/bin/sh
# A monitor on this node, made from the monitor map and keys that ceph1 hands out.
set -eu
umask 077

from=http://10.20.0.11:8099
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for f in monmap mon.keyring admin.keyring; do
    curl -fsS --max-time 20 -o "$dir/$f" "$from/$f"
done
install -m 600 "$dir/admin.keyring" /etc/ceph/ceph.client.admin.keyring
chown -R ceph:ceph "$dir"

install -d -o ceph -g ceph "/var/lib/ceph/mon/ceph-$LABRUN_NODE"
ceph-mon --mkfs -i "$LABRUN_NODE" --monmap "$dir/monmap" --keyring "$dir/mon.keyring" \
    --setuser ceph --setgroup ceph
systemctl enable --now --quiet "ceph-mon@$LABRUN_NODE"
