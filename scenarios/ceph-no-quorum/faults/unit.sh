#!/bin/sh
# No monitor was to start before all had moved, so that none would meet another halfway.
set -eu

systemctl disable --now "ceph-mon@$LABRUN_NODE"
begun=$(date -d '-90 minutes' +%s)
cat >>/root/.bash_history <<EOF
#$begun
ceph -s
#$((begun + 25))
# none starts before all have moved
#$((begun + 29))
systemctl disable --now ceph-mon@$LABRUN_NODE
EOF
