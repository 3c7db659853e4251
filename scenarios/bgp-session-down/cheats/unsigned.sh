#!/bin/sh
# Without a key on our side, so that none can be wrong.
set -eu

case $LABRUN_NODE in
r1) as=65001 neighbour=10.40.1.1 ;;
r3) as=65003 neighbour=10.40.3.1 ;;
esac

vtysh -c 'configure terminal' -c "router bgp $as" -c "no neighbor $neighbour password" \
    -c end -c 'write memory'
