#!/bin/sh
# ceph.conf of after the renumbering, on this node alone. What runs already has found its monitors;
# what is started from now on looks for them where they are not.
set -eu

new=10.20.$LABRUN_PARAM_SUBNET
sed -i "/^mon_host/s/10\.20\.0\./$new./g" /etc/ceph/ceph.conf
grep -q "^mon_host = .*$new.11:3300.*$new.13:3300" /etc/ceph/ceph.conf

begun=$(date -d '-118 minutes' +%s)
cat >>/root/.bash_history <<EOF
#$begun
vi /etc/ceph/ceph.conf
#$((begun + 70))
grep mon_host /etc/ceph/ceph.conf
EOF
cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  storage public network 10.20.0.0/24 -> $new.0/24        (rk)

  [x] tell the desk
  [ ] ceph.conf on all nodes                     (began, see history)
  [ ] monitors: maps, one after the other        (began)
  [ ] network team: new addresses on the ports
  [ ] start everything, ceph -s

01:05 network team calls it off, the new switches are not there. Next window in two weeks.
EOF
