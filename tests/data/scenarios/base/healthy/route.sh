#!/bin/sh
# The way to the other network, kept by systemd-networkd beside what labrun wrote.
set -eu
if [ "$(hostname)" = client ]; then net=left to=10.30.2.0/24 via=10.30.1.1; else net=right to=10.30.1.0/24 via=10.30.2.1; fi
mkdir -p "/etc/systemd/network/10-$net.network.d"
printf '[Route]\nDestination=%s\nGateway=%s\n' "$to" "$via" >"/etc/systemd/network/10-$net.network.d/route.conf"
networkctl reload
networkctl reconfigure "$net"
