#!/bin/sh
# The next workaround.
set -eu

cat >/etc/systemd/network/10-lan.network.d/70-static.conf <<'EOF'
[Route]
Gateway=2001:db8:70::1
Metric=50
EOF
networkctl reload
networkctl reconfigure lan
