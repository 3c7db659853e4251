#!/bin/sh
# The upstream is told the right prefixes of the leaking family, and the leak stays in our own network.
set -eu

case $LABRUN_PARAM_LEAKING in
4) list='ip prefix-list LAST' peer=10.60.1.1 ours=192.0.2.0/24 theirs=203.0.113.0/24 ;;
6) list='ipv6 prefix-list LAST' peer=fd60:1::1 ours=2001:db8:2::/48 theirs=2001:db8:cafe::/48 ;;
esac
vtysh --no-fork -f /dev/stdin <<EOF
$list seq 10 permit $ours
$list seq 20 permit $theirs
router bgp 64500
 address-family ipv$LABRUN_PARAM_LEAKING unicast
  neighbor $peer prefix-list LAST out
EOF
vtysh -c 'write memory'
