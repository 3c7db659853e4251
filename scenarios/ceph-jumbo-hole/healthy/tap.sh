#!/bin/sh
# A machine in rack B that looks on.
set -eu

systemctl disable --now frr.service
mkdir -p /etc/systemd/network/10-rackb.network.d
cat >/etc/systemd/network/10-rackb.network.d/10-rack.conf <<'EOF'
[Route]
Destination=10.21.0.0/24
Gateway=10.21.1.1

[Route]
Destination=fd21::/64
Gateway=fd21:1::1
EOF
networkctl reload
networkctl reconfigure rackb
