#!/bin/sh
# The other direction: the monitors take back the key that the OSD has. Its file holds no
# capabilities, so they are added: an import replaces those of the monitors.
set -eu
umask 077

id=$LABRUN_PARAM_ROTATED_OSD
ring=$(mktemp)
trap 'rm -f "$ring"' EXIT
cat "/var/lib/ceph/osd/ceph-$id/keyring" >"$ring"
ceph-authtool "$ring" -n "osd.$id" --cap mon 'allow profile osd' --cap mgr 'allow profile osd' \
    --cap osd 'allow *' >/dev/null
ceph --connect-timeout 60 auth import -i "$ring"
