#!/bin/sh
# What the underlay carries, for networks to come.
set -eu
sed -i '/^global_physnet_mtu/d' /etc/neutron/neutron.conf
systemctl restart neutron-api neutron-rpc-server
