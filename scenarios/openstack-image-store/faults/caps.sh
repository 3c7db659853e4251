#!/bin/sh
# A pool for a migration to come, and the key of the image service made ready for it: "auth caps"
# does not add, it replaces.
set -eu

pool=$LABRUN_PARAM_POOL
ceph --connect-timeout 120 osd pool create "$pool" 8 8 replicated replicated_rule
rbd pool init "$pool"
ceph auth caps client.glance mon 'profile rbd' osd "profile rbd pool=$pool" \
    mgr "profile rbd pool=$pool"

begun=$(date -d '-14 hours' +%s)
cat >>/root/.bash_history <<EOF
#$begun
vi /root/CHG-$LABRUN_PARAM_CHANGE.txt
#$((begun + 70))
ceph osd pool create $pool 8 8 replicated replicated_rule
#$((begun + 84))
rbd pool init $pool
#$((begun + 160))
ceph auth caps client.glance mon 'profile rbd' osd 'profile rbd pool=$pool' mgr 'profile rbd pool=$pool'
EOF
cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  images move to $pool, part 1 of 2                    (tb)

  [x] go through the limits of the pools while at it
  [x] make the pool $pool
  [x] let the image service use it
  [ ] part 2, moving and switching over, not before it is agreed with the image team

No interruption expected in part 1.
EOF

tries=600
until ceph --connect-timeout 60 pg stat -f json | jq -e '.pg_summary.num_pg_by_state |
    length == 1 and .[0].name == "active+clean"' >/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "placement groups do not settle" >&2; exit 1; }
    sleep 0.5
done
