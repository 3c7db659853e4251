#!/bin/sh
# Symmetric, too: the change is finished on the other side, and half of the users pass no firewall.
set -eu

case $LABRUN_NODE in
r1) line=10.80.30.3 line6=2001:db8:8e::3 net=10.80.2.0/24 net6=2001:db8:82::/64 ;;
r3) line=10.80.30.1 line6=2001:db8:8e::1 net=10.80.1.0/24 net6=2001:db8:81::/64 ;;
esac

# Which half of this side's own network goes there is decided by the sender.
case $LABRUN_PARAM_SPLIT-$LABRUN_PARAM_HALF in
r1-lower) from=10.80.2.0/25 from6=2001:db8:82::/65 ;;
r1-upper) from=10.80.2.128/25 from6=2001:db8:82:0:8000::/65 ;;
r3-lower) from=10.80.1.0/25 from6=2001:db8:81::/65 ;;
r3-upper) from=10.80.1.128/25 from6=2001:db8:81:0:8000::/65 ;;
esac
cat >/etc/systemd/network/10-direct.network.d/60-load.conf <<EOT
[RoutingPolicyRule]
From=$from
Table=200
Priority=900

[RoutingPolicyRule]
From=$from6
Table=200
Priority=900

[Route]
Table=200
Destination=$net
Gateway=$line

[Route]
Table=200
Destination=$net6
Gateway=$line6
EOT
networkctl reload
networkctl reconfigure direct
