#!/bin/sh
# Afraid of more of it, somebody gave the upstream the customer's limit, in one family.
set -eu

case $LABRUN_PARAM_SHUT in
4) peer=10.60.1.1 ;;
6) peer=fd60:1::1 ;;
esac
vtysh -c 'configure terminal' -c 'router bgp 64500' \
    -c "address-family ipv$LABRUN_PARAM_SHUT unicast" \
    -c "neighbor $peer maximum-prefix 10" -c end -c 'write memory'
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  b1: all limits to 10, to be on the safe side (IPv$LABRUN_PARAM_SHUT first)            (ah)
  [x] typed   [ ] looked at
EOF
