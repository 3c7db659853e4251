#!/bin/sh
# FRR with the daemons that routing labs use; a scenario brings frr.conf.
set -eu

for daemon in bgpd bfdd ospfd; do
    sed -i "s/^$daemon=no$/$daemon=yes/" /etc/frr/daemons
    grep -q "^$daemon=yes$" /etc/frr/daemons
done
# An emulated processor may need longer to start them than the watchdog's 90 seconds.
echo 'watchfrr_options="-T 300"' >>/etc/frr/daemons
systemctl enable frr.service
systemctl disable radvd.service

cat >/etc/sysctl.d/60-labrun-router.conf <<'EOF'
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.default.rp_filter = 0
EOF
