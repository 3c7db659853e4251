#!/bin/sh
# In FRR, and written there: the next start renders it away.
set -eu

case $LABRUN_PARAM_STARVED in
e1) name=E1 ;;
e2) name=E2 ;;
esac
for version in 4 6; do
    vtysh --no-fork -f /dev/stdin <<EOF
no route-map TO-$name-$version
route-map TO-$name-$version permit 10
 match community GLOBAL
exit
route-map TO-$name-$version permit 20
 match community SITE-LOCAL
exit
route-map TO-$name-$version permit 30
 match community INFRA
exit
route-map TO-$name-$version permit 40
 match community TRANSIT
exit
EOF
done
vtysh -c 'write memory'
