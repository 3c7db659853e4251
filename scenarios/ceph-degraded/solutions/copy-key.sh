#!/bin/sh
# The OSD gets the key that the monitors expect of it. The file keeps its owner.
set -eu

id=$LABRUN_PARAM_ROTATED_OSD
ceph --connect-timeout 60 auth get "osd.$id" -o "/var/lib/ceph/osd/ceph-$id/keyring"
