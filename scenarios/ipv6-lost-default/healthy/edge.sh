#!/bin/sh
# The router of the site. It tells the hosts by router advertisements that it is there.
set -eu

systemctl disable --now frr.service
mkdir -p /etc/systemd/network/10-lan.network.d
# No address of its own on lan but the link's, and that another one after each boot: as after a
# replacement, nothing that a host has written down is right.
cat >/etc/systemd/network/10-lan.network.d/routes.conf <<'EOF'
[Network]
IPv6LinkLocalAddressGenerationMode=random

[Route]
Destination=2001:db8:70::/64

[Route]
Destination=10.70.101.0/24
Gateway=10.70.1.11

[Route]
Destination=10.70.102.0/24
Gateway=10.70.1.12

[Route]
Destination=2001:db8:71::/64
Gateway=2001:db8:70::11

[Route]
Destination=2001:db8:72::/64
Gateway=2001:db8:70::12
EOF
cat >/etc/radvd.conf <<'EOF'
interface lan {
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 6;
    AdvDefaultLifetime 30;
    prefix 2001:db8:70::/64 {
        AdvAutonomous off;
    };
};
EOF
networkctl reload
networkctl reconfigure lan
systemctl enable --now radvd.service
