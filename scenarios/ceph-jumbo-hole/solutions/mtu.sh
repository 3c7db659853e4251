#!/bin/sh
# The ports of the leaf carry what the plan says.
set -eu
for port in racka rackb; do
    sed -i 's/^MTUBytes=.*/MTUBytes=9000/' "/etc/systemd/network/10-$port.network.d/20-port.conf"
done
networkctl reload
networkctl reconfigure racka rackb
