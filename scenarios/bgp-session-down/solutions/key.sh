#!/bin/sh
# The agreed key, on the running router and in its configuration.
set -eu

case $LABRUN_NODE in
r1) as=65001 neighbour=10.40.1.1 key=Transit-7f3a ;;
r3) as=65003 neighbour=10.40.3.1 key=Nordlys-c91e ;;
esac

vtysh -c 'configure terminal' -c "router bgp $as" -c "neighbor $neighbour password $key" \
    -c end -c 'write memory'
