#!/bin/sh
# No password, no mismatch. The neighbour insists on one.
set -eu
sed -i '/neighbor 10.9.1.10 password/d' /etc/frr/frr.conf
vtysh -c 'configure terminal' -c 'router bgp 65001' -c 'no neighbor 10.9.1.10 password'
