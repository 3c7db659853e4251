#!/bin/sh
# The key to whom it belongs, and asked for by the name that it has.
set -eu
chown glance:glance /etc/ceph/ceph.client.glance.keyring
sed -i 's/^rbd_store_user = .*/rbd_store_user = glance/' /etc/glance/glance-api.conf
systemctl reset-failed glance-api
systemctl restart glance-api
