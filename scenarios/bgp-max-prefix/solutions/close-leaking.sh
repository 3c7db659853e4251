#!/bin/sh
# The import list is what was agreed again, and the limit shuts the session again: at once, while
# FRR still counts what the list has let in. So the session is cleared at the end.
set -eu

case $LABRUN_PARAM_LEAKING in
4) list='ip prefix-list CUSTOMER-IN' peer=10.60.3.1 ;;
6) list='ipv6 prefix-list CUSTOMER-IN' peer=fd60:3::1 ;;
esac
vtysh --no-fork -f /dev/stdin <<EOF
no $list seq 5
router bgp 64500
 address-family ipv$LABRUN_PARAM_LEAKING unicast
  no neighbor $peer maximum-prefix
  neighbor $peer maximum-prefix 10
EOF
vtysh -c 'write memory'
vtysh -c "clear bgp ipv$LABRUN_PARAM_LEAKING $peer"
