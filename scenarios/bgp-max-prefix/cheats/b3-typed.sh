#!/bin/sh
# As the reference, but nobody wrote it down.
set -eu

vtysh --no-fork -f /dev/stdin <<'EOF'
no ip prefix-list CUSTOMER-IN seq 5
no ipv6 prefix-list CUSTOMER-IN seq 5
router bgp 64500
 address-family ipv4 unicast
  no neighbor 10.60.3.1 maximum-prefix
  neighbor 10.60.3.1 maximum-prefix 10
 exit-address-family
 address-family ipv6 unicast
  no neighbor fd60:3::1 maximum-prefix
  neighbor fd60:3::1 maximum-prefix 10
EOF
vtysh -c 'clear bgp *'
