#!/bin/sh
# The key by which the image service uses its pool; and a service that has ended three times in a row
# is left alone, as failed, instead of being started for ever.
set -eu
umask 077

curl -fsS --max-time 20 -o /etc/ceph/ceph.client.glance.keyring \
    http://10.20.0.11:8099/glance.keyring
install -d -m 0755 /etc/systemd/system/glance-api.service.d
printf '[Unit]\nStartLimitIntervalSec=%s\nStartLimitBurst=3\n[Service]\nRestartSec=1\n' $((90 * LABRUN_PATIENCE)) \
    >/etc/systemd/system/glance-api.service.d/restart.conf
chmod 0644 /etc/systemd/system/glance-api.service.d/restart.conf
systemctl daemon-reload
