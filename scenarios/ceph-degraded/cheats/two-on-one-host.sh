#!/bin/sh
# A third OSD is made up beside another, and copies may share a host from now on.
set -eu
umask 077

ceph --connect-timeout 60 osd purge "osd.$LABRUN_PARAM_ROTATED_OSD" --yes-i-really-mean-it
ceph osd crush rule create-replicated any default osd
for pool in volumes images .mgr; do
    ceph osd pool set "$pool" crush_rule any
done
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
id=$(printf '{"cephx_secret": "%s"}' "$key" | ceph osd new "$uuid" -i -)
dir=/var/lib/ceph/osd/ceph-$id
install -d -o ceph -g ceph "$dir"
truncate -s 2G "$dir/disk"
chown ceph:ceph "$dir/disk"
ln -s "$dir/disk" "$dir/block"
ceph-authtool --create-keyring "$dir/keyring" --name "osd.$id" --add-key "$key" >/dev/null
chown ceph:ceph "$dir/keyring"
ceph-osd -i "$id" --mkfs --osd-uuid "$uuid" --bluestore-block-path '' \
    --setuser ceph --setgroup ceph
systemctl enable --now --quiet "ceph-osd@$id"
