#!/bin/sh
# A host that is no router listens: and its containers are alone.
set -eu

rm /etc/systemd/network/10-lan.network.d/50-containers.conf
sed -i 's/^net.ipv6.conf.all.forwarding = 1/net.ipv6.conf.all.forwarding = 0/' /etc/sysctl.d/*.conf
sysctl -q -w net.ipv6.conf.all.forwarding=0
networkctl reload
networkctl reconfigure lan
