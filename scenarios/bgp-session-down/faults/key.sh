#!/bin/sh
# The rollover of the keys: IPv6 got the new one, IPv4 the old one again.
set -eu

case $LABRUN_NODE in
r1) as=65001 neighbour=10.40.1.1 key=Transit-19d0 ;;
r3) as=65003 neighbour=10.40.3.1 key=Nordlys-4b77 ;;
esac

vtysh -c 'configure terminal' -c "router bgp $as" -c "neighbor $neighbour password $key" \
    -c end -c 'write memory'
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  $LABRUN_NODE: key rollover agreed with the neighbour for 01:00     (ml)
  [x] IPv6   [x] IPv4 (pasted from the old ticket, same store)   [ ] sessions checked
EOF
