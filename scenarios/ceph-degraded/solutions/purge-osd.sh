#!/bin/sh
# The OSD with the wrong key leaves the cluster and its disk is emptied. No copy that is needed is on it: every placement
# group is active on two others.
set -eu

id=$LABRUN_PARAM_ROTATED_OSD
ceph --connect-timeout 60 osd ok-to-stop "osd.$id"
systemctl disable --now --quiet "ceph-osd@$id"
systemctl reset-failed "ceph-osd@$id" || true
ceph osd purge "osd.$id" --yes-i-really-mean-it
rm -rf "/var/lib/ceph/osd/ceph-$id"
dd if=/dev/zero of=/lab/disk0 bs=1M count=16 conv=notrunc status=none
