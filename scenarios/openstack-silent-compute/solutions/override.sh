#!/bin/sh
# In the file that the package has for this service alone, which is read last.
set -eu
url=$(sed -n 's/^transport_url = //p' /etc/nova/nova.conf)
printf '[DEFAULT]\ntransport_url = %s\n' "${url%/*}/nova-$LABRUN_PARAM_VHOST" \
    >>/etc/nova/nova-compute.conf
systemctl restart nova-compute
