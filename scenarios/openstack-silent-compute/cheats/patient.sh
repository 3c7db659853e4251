#!/bin/sh
# A service is up for a day after its last sign of life.
set -eu
sed -i 's/^service_down_time = .*/service_down_time = 86400/' /etc/nova/nova.conf
systemctl restart --no-block nova-api nova-conductor nova-scheduler
