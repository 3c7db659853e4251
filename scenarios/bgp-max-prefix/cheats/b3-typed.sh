#!/bin/sh
# As the reference, but nobody wrote it down.
set -eu

vtysh -c 'configure terminal' -c 'no ip prefix-list CUSTOMER-IN seq 5' \
    -c 'no ipv6 prefix-list CUSTOMER-IN seq 5' -c 'router bgp 64500' \
    -c 'address-family ipv4 unicast' -c 'no neighbor 10.60.3.1 maximum-prefix' \
    -c 'neighbor 10.60.3.1 maximum-prefix 10' -c exit -c 'address-family ipv6 unicast' \
    -c 'no neighbor fd60:3::1 maximum-prefix' -c 'neighbor fd60:3::1 maximum-prefix 10' -c end
vtysh -c 'clear bgp *'
