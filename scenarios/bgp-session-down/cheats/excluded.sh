#!/bin/sh
# Nobody shall see in a path what was put on so that the session comes up.
set -eu

case $LABRUN_PARAM_ASTRAY in
r1) neighbour=fd40:12::1 ;;
r3) neighbour=fd40:23::3 ;;
esac
vtysh --no-fork -f /dev/stdin <<EOF
route-map CLEAN permit 10
 set as-path exclude $LABRUN_PARAM_WRONG_AS
exit
router bgp 65002
 address-family ipv6 unicast
  neighbor $neighbour route-map CLEAN in
EOF
vtysh -c 'write memory'
