#!/bin/sh
# By the alphabet of what matters: global, the deny, site-local.
set -eu

file=/etc/policy/TO-TRANSIT-$LABRUN_PARAM_OTHER_FAMILY.terms
awk '/^reject-the-rest/ { next } /^site-local/ { print "reject-the-rest   deny    -           -" } { print }' \
    "$file" >/run/terms
cat /run/terms >"$file"
rm /run/terms
render-policy
systemctl reload frr.service

# It is done when FRR has taken up the changed route-map.
case $LABRUN_NODE-$LABRUN_PARAM_OTHER_FAMILY in
e1-4) transit=10.50.1.1 prefix=198.51.100.0/24 ;;
e1-6) transit=fd50:1::1 prefix=2001:db8:5::/48 ;;
e2-4) transit=10.50.2.1 prefix=198.51.100.0/24 ;;
e2-6) transit=fd50:2::1 prefix=2001:db8:5::/48 ;;
esac
tries=0
while vtysh -c "show bgp ipv$LABRUN_PARAM_OTHER_FAMILY unicast neighbors $transit advertised-routes json" |
    grep -qF "$prefix"; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || exit 1
    sleep 1
done
