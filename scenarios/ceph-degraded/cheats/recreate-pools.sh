#!/bin/sh
# New, empty pools of the same names are always clean.
set -eu

ceph --connect-timeout 60 config set mon mon_allow_pool_delete true
for pool in volumes images; do
    ceph osd pool delete "$pool" "$pool" --yes-i-really-really-mean-it
    ceph osd pool create "$pool" 8 8 replicated replicated_rule
    ceph osd pool application enable "$pool" rbd
done
ceph config rm mon mon_allow_pool_delete
