#!/bin/sh
# A third OSD is made up beside another, and says that it is on the host that has none.
set -eu
umask 077

ceph --connect-timeout 60 osd purge "osd.$LABRUN_PARAM_ROTATED_OSD" --yes-i-really-mean-it
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
id=$(printf '{"cephx_secret": "%s"}' "$key" | ceph osd new "$uuid" -i -)
cat >>/etc/ceph/ceph.conf <<END

[osd.$id]
crush_location = root=default host=$LABRUN_PARAM_ROTATED
END
dir=/var/lib/ceph/osd/ceph-$id
install -d -o ceph -g ceph "$dir"
truncate -s 8G "$dir/disk"
chown ceph:ceph "$dir/disk"
ln -s "$dir/disk" "$dir/block"
ceph-authtool --create-keyring "$dir/keyring" --name "osd.$id" --add-key "$key" >/dev/null
chown ceph:ceph "$dir/keyring"
ceph-osd -i "$id" --mkfs --osd-uuid "$uuid" --bluestore-block-path '' \
    --setuser ceph --setgroup ceph
systemctl enable --now --quiet "ceph-osd@$id"
