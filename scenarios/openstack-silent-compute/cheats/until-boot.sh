#!/bin/sh
# Told the service alone, and not what it reads when it is started next time.
set -eu
url=$(sed -n 's/^transport_url = //p' /etc/nova/nova.conf)
install -d /run/systemd/system/nova-compute.service.d
printf '[Service]\nEnvironment=OS_DEFAULT__TRANSPORT_URL=%s\n' "${url%/*}/nova-$LABRUN_PARAM_VHOST" \
    >/run/systemd/system/nova-compute.service.d/queue.conf
systemctl daemon-reload
systemctl restart nova-compute
