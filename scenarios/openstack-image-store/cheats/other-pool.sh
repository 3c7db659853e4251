#!/bin/sh
# Where the key may write, new images go.
set -eu
sed -i "s/^rbd_store_pool = .*/rbd_store_pool = $LABRUN_PARAM_POOL/" /etc/glance/glance-api.conf
systemctl restart glance-api
