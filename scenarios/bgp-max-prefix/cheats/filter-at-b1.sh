#!/bin/sh
# The upstream is told the right prefixes, whatever the customer leaks into our own network.
set -eu

sed -i -e 's/^route-map FROM-UPSTREAM permit 10$/ip prefix-list LAST seq 10 permit 192.0.2.0\/24\nip prefix-list LAST seq 20 permit 203.0.113.0\/24\nipv6 prefix-list LAST seq 10 permit 2001:db8:2::\/48\nipv6 prefix-list LAST seq 20 permit 2001:db8:cafe::\/48\n&/' \
    -e 's/^\( *neighbor 10.60.1.1\) activate$/&\n\1 prefix-list LAST out/' \
    -e 's/^\( *neighbor fd60:1::1\) activate$/&\n\1 prefix-list LAST out/' \
    -e 's/ maximum-prefix 10$/ maximum-prefix 50/' /etc/frr/frr.conf
systemctl restart frr.service
