#!/bin/sh
# What is rendered away is written, and the renderer taken out.
set -eu
rm /etc/systemd/system/frr.service.d/policy.conf
systemctl daemon-reload
