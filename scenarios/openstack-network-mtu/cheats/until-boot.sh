#!/bin/sh
# In the units' environment, until the next boot: no file of neutron's says so.
set -eu
for unit in neutron-api neutron-rpc-server; do
    install -d "/run/systemd/system/$unit.service.d"
    printf '[Service]\nEnvironment=OS_ML2__PATH_MTU=1500\n' >"/run/systemd/system/$unit.service.d/mtu.conf"
done
systemctl daemon-reload
systemctl restart neutron-api neutron-rpc-server
