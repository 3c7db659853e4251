#!/bin/sh
# The quota was in the way of a benchmark.
set -eu

ceph --connect-timeout 120 osd pool set-quota scratch max_bytes 0
cat >>/root/.bash_history <<EOF
#$(date -d '-5 hours' +%s)
# performance team asks, only for tonight
#$(date -d '-5 hours' +%s)
ceph osd pool set-quota scratch max_bytes 0
EOF
