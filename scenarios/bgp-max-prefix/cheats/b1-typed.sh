#!/bin/sh
# As the reference, but nobody wrote it down.
set -eu

vtysh -c 'configure terminal' -c 'router bgp 64500' -c 'address-family ipv4 unicast' \
    -c 'neighbor 10.60.1.1 maximum-prefix 50' -c exit -c 'address-family ipv6 unicast' \
    -c 'neighbor fd60:1::1 maximum-prefix 50' -c end
vtysh -c 'clear bgp *'
