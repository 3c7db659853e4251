#!/bin/sh
# The import list was widened for a new site of the customer's. The limit does what it is for.
set -eu

case $LABRUN_PARAM_SHUT in
4) list='ip prefix-list CUSTOMER-IN' any='permit 0.0.0.0/0 le 24' ;;
6) list='ipv6 prefix-list CUSTOMER-IN' any='permit ::/0 le 48' ;;
esac
echo "$list seq 5 $any" | vtysh --no-fork -f /dev/stdin
vtysh -c 'write memory'
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  customer, IPv$LABRUN_PARAM_SHUT: a second site, prefix not known yet               (ah)
  [x] list opened until they say which one, the limit is still there   [ ] closed again
EOF
