#!/bin/sh
# The agreed limit for the upstream; then its session may come back.
set -eu

case $LABRUN_PARAM_SHUT in
4) peer=10.60.1.1 ;;
6) peer=fd60:1::1 ;;
esac
vtysh -c 'configure terminal' -c 'router bgp 64500' \
    -c "address-family ipv$LABRUN_PARAM_SHUT unicast" \
    -c "neighbor $peer maximum-prefix 50" -c end -c 'write memory'
vtysh -c "clear bgp ipv$LABRUN_PARAM_SHUT $peer"
