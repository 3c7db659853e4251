#!/bin/sh
# Somebody began to renumber the backbone, on one session and one side of it.
set -eu

case $LABRUN_PARAM_ASTRAY in
r1) neighbour=fd40:12::1 ;;
r3) neighbour=fd40:23::3 ;;
esac

vtysh -c 'configure terminal' -c 'router bgp 65002' \
    -c "neighbor $neighbour remote-as $LABRUN_PARAM_WRONG_AS" -c end -c 'write memory'
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  r2: dry run of the AS renumbering                            (ml)
  [x] tried on one IPv6 session   [ ] undone   (not agreed yet, comes next quarter)
EOF
