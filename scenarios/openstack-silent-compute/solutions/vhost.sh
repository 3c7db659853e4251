#!/bin/sh
# The virtual host that the controller uses.
set -eu
sed -i "/^transport_url/s,:5672/.*,:5672/nova-$LABRUN_PARAM_VHOST," /etc/nova/nova.conf
systemctl restart nova-compute
