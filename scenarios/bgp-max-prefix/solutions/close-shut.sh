#!/bin/sh
# The import list is what was agreed again; then the session may come back.
set -eu

case $LABRUN_PARAM_SHUT in
4) list='ip prefix-list CUSTOMER-IN' peer=10.60.3.1 ;;
6) list='ipv6 prefix-list CUSTOMER-IN' peer=fd60:3::1 ;;
esac
echo "no $list seq 5" | vtysh --no-fork -f /dev/stdin
vtysh -c 'write memory'
vtysh -c "clear bgp ipv$LABRUN_PARAM_SHUT $peer"
