#!/bin/sh
# A host that forwards, and still listens to its router.
set -eu

cat >/etc/systemd/network/10-lan.network.d/60-accept-ra.conf <<'EOF'
[Network]
IPv6AcceptRA=yes
EOF
networkctl reload
networkctl reconfigure lan
