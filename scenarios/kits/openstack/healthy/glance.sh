#!/bin/sh
# Glance. On store it has its images in files; on a node of its own, img1, in Ceph, by the key that is
# there. It asks for tokens where everybody does, at the front.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

case $LABRUN_NODE in
img*) address=10.31.0.4${LABRUN_NODE#img} ;;
*) address=10.31.0.21 ;;
esac
if [ -e /etc/ceph/ceph.client.glance.keyring ]; then
    store='rbd'
    # Block storage clones what it finds in Ceph instead of fetching it.
    default='show_image_direct_url = true'
    options='rbd_store_ceph_conf = /etc/ceph/ceph.conf
rbd_store_user = glance
rbd_store_pool = images'
    chown glance:glance /etc/ceph/ceph.client.glance.keyring
else
    store='file'
    default=
    options='filesystem_store_datadir = /var/lib/glance/images'
fi
put /etc/glance/glance-api.conf glance <<END
[DEFAULT]
enabled_backends = $store:$store
$default
bind_host = $address
# In one process.
workers = 0

[database]
$(database glance glance)

[keystone_authtoken]
$(tokens glance)

[paste_deploy]
flavor = keystone

[glance_store]
default_backend = $store

[$store]
$options

[oslo_concurrency]
lock_path = /var/lib/glance/tmp
END
runuser -u glance -- glance-manage db_sync
run glance-api
answers "http://$address:9292/healthcheck"
