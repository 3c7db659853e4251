#!/bin/sh
# An empty monitor under the old name: a quorum, of a cluster that knows nothing.
set -eu
umask 077

store=/var/lib/ceph/mon/ceph-$LABRUN_NODE
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
systemctl stop "ceph-mon@$LABRUN_NODE" || true
cat "$store/keyring" /etc/ceph/ceph.client.admin.keyring >"$dir/keyring"
set -- --create --clobber --fsid "$(ceph-conf --lookup fsid)"
for i in 1 2 3; do
    set -- "$@" --addv "ceph$i" "[v2:10.20.0.1$i:3300,v1:10.20.0.1$i:6789]"
done
monmaptool "$@" "$dir/monmap"
chown -R ceph:ceph "$dir"
mv "$store" "$store.broken"
install -d -o ceph -g ceph "$store"
ceph-mon --mkfs -i "$LABRUN_NODE" --monmap "$dir/monmap" --keyring "$dir/keyring" \
    --setuser ceph --setgroup ceph
systemctl reset-failed "ceph-mon@$LABRUN_NODE" || true
systemctl enable --now "ceph-mon@$LABRUN_NODE"
