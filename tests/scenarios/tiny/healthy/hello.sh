#!/bin/sh
set -eu
cat >/etc/systemd/system/hello.service <<'UNIT'
[Unit]
Description=Says hello

[Service]
ExecStart=/bin/sh -c 'echo hello >/run/hello; exec sleep infinity'
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now hello.service
