#!/bin/sh
# In FRR, and written there: the next start renders it away.
set -eu

for version in 4 6; do
    vtysh --no-fork -f /dev/stdin <<EOF
no route-map TO-TRANSIT-$version
route-map TO-TRANSIT-$version permit 10
 match community GLOBAL
exit
route-map TO-TRANSIT-$version permit 20
 match community SITE-LOCAL
 set as-path prepend 64500 64500
exit
EOF
done
vtysh -c 'write memory'
