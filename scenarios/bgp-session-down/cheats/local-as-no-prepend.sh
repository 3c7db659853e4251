#!/bin/sh
# The other side gets the AS that it was told to expect, and what it says is taken as it is.
set -eu

case $LABRUN_NODE in
r1) as=65001 neighbour=fd40:12::2 ;;
r3) as=65003 neighbour=fd40:23::2 ;;
esac

vtysh -c 'configure terminal' -c "router bgp $as" \
    -c "neighbor $neighbour local-as $LABRUN_PARAM_WRONG_AS no-prepend" -c end -c 'write memory'
