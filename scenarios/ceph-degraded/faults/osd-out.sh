#!/bin/sh
# An OSD was taken out to look at its disk, and nobody took it back in.
set -eu

osd=osd.$LABRUN_PARAM_INSPECTED_OSD
ceph --connect-timeout 120 osd out "$osd"

begun=$(date -d '-75 minutes' +%s)
cat >>/root/.bash_history <<EOF
#$begun
ceph osd tree
#$((begun + 12))
ceph osd out $osd
#$((begun + 60))
ceph -s
#$((begun + 720))
# disk is fine, 2 reallocated since 2023, not growing
EOF
