#!/bin/sh
# Glance. On store it has its images in files; on a node of its own, img1, in Ceph, by the key that is
# there. It asks for tokens where everybody does, at the front.
set -eu
umask 077

case $LABRUN_NODE in
img*) address=10.31.0.4${LABRUN_NODE#img} ;;
*) address=10.31.0.21 ;;
esac
if [ -e /etc/ceph/ceph.client.glance.keyring ]; then
    store='rbd'
    options='rbd_store_ceph_conf = /etc/ceph/ceph.conf
rbd_store_user = glance
rbd_store_pool = images'
    chown glance:glance /etc/ceph/ceph.client.glance.keyring
else
    store='file'
    options='filesystem_store_datadir = /var/lib/glance/images'
fi
secrets=$(curl -fsS --max-time 20 http://10.31.0.11:8099/secrets)
password() {
    echo "$secrets" | sed -n "s/^$1=//p"
}
cat >/etc/glance/glance-api.conf <<END
[DEFAULT]
enabled_backends = $store:$store
bind_host = $address
# In one process.
workers = 0

[database]
connection = mysql+pymysql://glance:$(password DB_GLANCE)@10.31.0.21/glance?charset=utf8
max_pool_size = 3
max_overflow = 10

[keystone_authtoken]
www_authenticate_uri = https://cloud.example:5000
auth_url = https://cloud.example:5000
cafile = /etc/ssl/certs/ca-certificates.crt
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = glance
password = $(password GLANCE)
region_name = RegionOne
service_token_roles = service
service_token_roles_required = true
# A busy host's keystone takes its time.
http_connect_timeout = 30
http_request_max_retries = 1

[paste_deploy]
flavor = keystone

[glance_store]
default_backend = $store

[$store]
$options

[oslo_concurrency]
lock_path = /var/lib/glance/tmp
END
chown root:glance /etc/glance/glance-api.conf
chmod 0640 /etc/glance/glance-api.conf

runuser -u glance -- glance-manage db_sync
systemctl unmask --quiet glance-api
systemctl enable --now --quiet glance-api
tries=300
until curl -fs --max-time 10 -o /dev/null "http://$address:9292/healthcheck"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "glance does not answer" >&2; exit 1; }
    sleep 0.3
done
