#!/bin/sh
# The right key over the wrong one, where no boot finds it again.
set -eu
umask 077

id=$LABRUN_PARAM_ROTATED_OSD
ceph --connect-timeout 60 auth get "osd.$id" -o "/run/osd.$id.keyring"
chown ceph:ceph "/run/osd.$id.keyring"
mount --bind "/run/osd.$id.keyring" "/var/lib/ceph/osd/ceph-$id/keyring"
