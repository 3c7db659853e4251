#!/bin/sh
# Metadata on a disk, for servers that would look there.
set -eu
sed -i 's/^\[DEFAULT\]$/&\nforce_config_drive = true/' /etc/nova/nova.conf
systemctl restart nova-compute
