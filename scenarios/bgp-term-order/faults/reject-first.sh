#!/bin/sh
# "Tidied": the deny is where it is easiest to see, at the top.
set -eu

file=/etc/policy/TO-TRANSIT-$LABRUN_PARAM_FAMILY.terms
awk '/^#/ { print; next } /^reject-the-rest/ { reject = $0; next } { rest = rest $0 "\n" }
    END { print reject; printf "%s", rest }' "$file" >/run/terms
cat /run/terms >"$file"
rm /run/terms
render-policy
systemctl reload frr.service
cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  one format for all policies, ready for the new template        (sv)
  [x] reviewed (diff is 90 % white space)   [x] $LABRUN_NODE, core   [ ] the other edge
  01:52 sessions all green, going on with the next site
EOF

# It is done when FRR has taken up the changed route-map.
case $LABRUN_NODE-$LABRUN_PARAM_FAMILY in
e1-4) transit=10.50.1.1 prefix=198.51.100.0/24 ;;
e1-6) transit=fd50:1::1 prefix=2001:db8:5::/48 ;;
e2-4) transit=10.50.2.1 prefix=198.51.100.0/24 ;;
e2-6) transit=fd50:2::1 prefix=2001:db8:5::/48 ;;
esac
tries=0
while vtysh -c "show bgp ipv$LABRUN_PARAM_FAMILY unicast neighbors $transit advertised-routes json" |
    grep -qF "$prefix"; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || exit 1
    sleep 1
done
