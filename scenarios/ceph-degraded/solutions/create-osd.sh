#!/bin/sh
# A new OSD with a new key on the empty disk of this node; backfill does the rest.
set -eu
umask 077

uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
id=$(printf '{"cephx_secret": "%s"}' "$key" | ceph --connect-timeout 60 osd new "$uuid" -i -)
dir=/var/lib/ceph/osd/ceph-$id
install -d -o ceph -g ceph "$dir"
ceph-authtool --create-keyring "$dir/keyring" --name "osd.$id" --add-key "$key" >/dev/null
chown ceph:ceph "$dir/keyring"
ceph-osd -i "$id" --mkfs --osd-uuid "$uuid" --setuser ceph --setgroup ceph
systemctl enable --now --quiet "ceph-osd@$id"
