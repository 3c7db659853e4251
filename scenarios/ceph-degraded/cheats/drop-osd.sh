#!/bin/sh
# Two OSDs, two copies: nothing is missing any more.
set -eu

ceph --connect-timeout 60 osd in "osd.$LABRUN_PARAM_INSPECTED_OSD"
ceph osd purge "osd.$LABRUN_PARAM_ROTATED_OSD" --yes-i-really-mean-it
for pool in volumes images .mgr; do
    ceph osd pool set "$pool" size 2
done
ceph osd unset noout
ceph osd unset norebalance
