#!/bin/sh
# Nobody shall see in a path what was put on so that the session comes up.
set -eu

case $LABRUN_PARAM_ASTRAY in
r1) neighbour=fd40:12::1 ;;
r3) neighbour=fd40:23::3 ;;
esac
vtysh -c 'configure terminal' -c 'route-map CLEAN permit 10' \
    -c "set as-path exclude $LABRUN_PARAM_WRONG_AS" -c exit -c 'router bgp 65002' \
    -c 'address-family ipv6 unicast' -c "neighbor $neighbour route-map CLEAN in" -c end -c 'write memory'
