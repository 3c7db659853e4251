#!/bin/sh
# Load sharing, done on one side: half of the far users' network is reached by the direct line.
# Answers, or questions, no longer pass the firewall that saw the other half of the connection.
set -eu

case $LABRUN_PARAM_SPLIT in
r1) net=10.80.2 net6=2001:db8:82 line=10.80.30.3 line6=2001:db8:8e::3 what=service other=r3 ;;
r3) net=10.80.1 net6=2001:db8:81 line=10.80.30.1 line6=2001:db8:8e::1 what=office other=r1 ;;
esac
case $LABRUN_PARAM_HALF in
lower) half=$net.0/25 half6=$net6::/65 ;;
upper) half=$net.128/25 half6=$net6:0:8000::/65 ;;
esac

cat >/etc/systemd/network/10-direct.network.d/50-load.conf <<EOT
# CHG-$LABRUN_PARAM_CHANGE: the $LABRUN_PARAM_HALF half of $what by the second line, for load
[Route]
Destination=$half
Gateway=$line

[Route]
Destination=$half6
Gateway=$line6
EOT
networkctl reload
networkctl reconfigure direct
tries=0
until ip route show "$half" | grep -q direct && ip -6 route show "$half6" | grep -q direct &&
    ip rule | grep -q 'lookup 100' && ip -6 rule | grep -q 'lookup 100'; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || exit 1
    sleep 0.1
done
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOT
CHG-$LABRUN_PARAM_CHANGE  use the second line for more than backups                       (pv)
  [x] $LABRUN_NODE: half of $what by the direct line
  [x] pages open from my desk
  [ ] $other
EOT
