#!/bin/sh
# Networks of the provider may have jumbo frames; what goes through tunnels has what the underlay carries.
set -eu
sed -i 's/^\[ml2\]$/&\npath_mtu = 1500/' /etc/neutron/plugins/ml2/ml2_conf.ini
systemctl restart neutron-api neutron-rpc-server
