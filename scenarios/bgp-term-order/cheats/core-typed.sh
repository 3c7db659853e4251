#!/bin/sh
# In FRR, and written there: the next start renders it away.
set -eu

case $LABRUN_PARAM_STARVED in
e1) name=E1 ;;
e2) name=E2 ;;
esac
for version in 4 6; do
    vtysh -c 'configure terminal' -c "no route-map TO-$name-$version" \
        -c "route-map TO-$name-$version permit 10" -c 'match community GLOBAL' -c exit \
        -c "route-map TO-$name-$version permit 20" -c 'match community SITE-LOCAL' -c exit \
        -c "route-map TO-$name-$version permit 30" -c 'match community INFRA' -c exit \
        -c "route-map TO-$name-$version permit 40" -c 'match community TRANSIT' -c end
done
vtysh -c 'write memory'
