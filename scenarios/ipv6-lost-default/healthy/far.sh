#!/bin/sh
# A user somewhere else.
set -eu

systemctl disable --now frr.service
mkdir -p /etc/systemd/network/10-wan.network.d
cat >/etc/systemd/network/10-wan.network.d/routes.conf <<'EOF'
[Network]
Gateway=10.70.9.1
Gateway=2001:db8:79::1
EOF
networkctl reload
networkctl reconfigure wan
