#!/bin/sh
# The same on the core, towards the edge that was not touched itself.
set -eu

case $LABRUN_PARAM_STARVED in
e1) name=E1 edge4=10.50.11.1 edge6=fd50:11::1 ;;
e2) name=E2 edge4=10.50.12.1 edge6=fd50:12::1 ;;
esac
for version in 4 6; do
    file=/etc/policy/TO-$name-$version.terms
    awk '/^reject-the-rest/ { next } /^site-local/ { print "reject-the-rest   deny    -           -" } { print }' \
        "$file" >/run/terms
    cat /run/terms >"$file"
    rm /run/terms
done
render-policy
systemctl reload frr.service

# It is done when FRR has taken up the changed route-maps.
tries=0
while {
    vtysh -c "show bgp ipv4 unicast neighbors $edge4 advertised-routes json"
    vtysh -c "show bgp ipv6 unicast neighbors $edge6 advertised-routes json"
} | grep -qE '198\.51\.100\.0/24|2001:db8:5::/48'; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || exit 1
    sleep 1
done
