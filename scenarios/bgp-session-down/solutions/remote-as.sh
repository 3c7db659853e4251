#!/bin/sh
set -eu

case $LABRUN_PARAM_ASTRAY in
r1) neighbour=fd40:12::1 as=65001 ;;
r3) neighbour=fd40:23::3 as=65003 ;;
esac

vtysh -c 'configure terminal' -c 'router bgp 65002' -c "neighbor $neighbour remote-as $as" \
    -c end -c 'write memory'
