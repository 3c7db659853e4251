#!/bin/sh
# What users come for: a page on port 80, in both families.
set -eu
mkdir -p /srv/service
cat >/etc/systemd/system/service.service <<'EOF'
[Unit]
Description=The service, on port 80

[Service]
ExecStart=/usr/bin/python3 -m http.server --bind :: --directory /srv/service 80
Restart=on-failure

[Install]
WantedBy=multi-user.target
EOF
systemctl daemon-reload
systemctl enable --now service.service
