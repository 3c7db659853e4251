#!/bin/sh
# The OSD of this node on its one disk, made by hand: osd.0 on ceph1, osd.1 on ceph2, osd.2 on
# ceph3. No LVM: the same must work in a container.
set -eu
umask 077

id=$((${LABRUN_NODE#ceph} - 1))
dir=/var/lib/ceph/osd/ceph-$id
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)

printf '{"cephx_secret": "%s"}' "$key" |
    ceph --connect-timeout 240 osd new "$uuid" "$id" -i - >/dev/null
install -d -o ceph -g ceph "$dir"
ceph-authtool --create-keyring "$dir/keyring" --name "osd.$id" --add-key "$key" >/dev/null
chown ceph:ceph "$dir/keyring" /lab/disk0
ceph-osd -i "$id" --mkfs --osd-uuid "$uuid" --setuser ceph --setgroup ceph
systemctl enable --now --quiet "ceph-osd@$id"
