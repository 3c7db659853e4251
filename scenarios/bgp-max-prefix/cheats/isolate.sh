#!/bin/sh
# The customer leaks, so the customer is off.
set -eu

vtysh -c 'configure terminal' -c 'router bgp 64500' -c 'neighbor 10.60.3.1 shutdown' \
    -c 'neighbor fd60:3::1 shutdown' -c end -c 'write memory'
