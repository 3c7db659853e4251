#!/bin/sh
# The flags of a maintenance night, never taken back.
set -eu

ceph --connect-timeout 120 osd set noout
ceph osd set norebalance

begun=$(date -d '-150 minutes' +%s)
cat >>/root/.bash_history <<EOF
#$begun
ceph -s
#$((begun + 41))
ceph osd set noout
#$((begun + 47))
ceph osd set norebalance
#$((begun + 95))
vi /root/CHG-$LABRUN_PARAM_CHANGE.txt
EOF

work() {
    case $1 in
    "$LABRUN_PARAM_ROTATED")
        echo 'cephx key rotation, audit finding 14 (pilot: only this node tonight)' ;;
    "$LABRUN_PARAM_INSPECTED") echo 'SMART says 2 reallocated sectors, have a look at the disk' ;;
    *) echo 'nothing to do' ;;
    esac
}

cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  storage, maintenance window 00:30 - 02:30            (rk)

  [x] flags on, tell the desk
  [x] ceph1: $(work ceph1)
  [x] ceph2: $(work ceph2)
  [x] ceph3: $(work ceph3)
  [x] ceph -s, looks as before
  [ ] undo / close the change

02:20 called to the network incident, closing this one in the morning
EOF
