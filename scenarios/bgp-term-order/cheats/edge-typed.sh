#!/bin/sh
# In FRR, and written there: the next start renders it away.
set -eu

for version in 4 6; do
    vtysh -c 'configure terminal' -c "no route-map TO-TRANSIT-$version" \
        -c "route-map TO-TRANSIT-$version permit 10" -c 'match community GLOBAL' -c exit \
        -c "route-map TO-TRANSIT-$version permit 20" -c 'match community SITE-LOCAL' \
        -c 'set as-path prepend 64500 64500' -c end
done
vtysh -c 'write memory'
