#!/bin/sh
# The OSD runs from a shell with a key of its own choice: until the power goes.
set -eu
umask 077

id=$LABRUN_PARAM_ROTATED_OSD
ceph --connect-timeout 60 auth get "osd.$id" -o "/run/osd.$id.keyring"
chown ceph:ceph "/run/osd.$id.keyring"
ceph-osd -i "$id" --keyring "/run/osd.$id.keyring" --setuser ceph --setgroup ceph
