#!/bin/sh
# Glance on store, with its images in files. It asks for tokens where everybody does, at the front.
set -eu
umask 077

secrets=$(curl -fsS --max-time 20 http://10.31.0.11:8099/secrets)
password() {
    echo "$secrets" | sed -n "s/^$1=//p"
}
cat >/etc/glance/glance-api.conf <<END
[DEFAULT]
enabled_backends = file:file
bind_host = 10.31.0.21
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
http_connect_timeout = 5
http_request_max_retries = 1

[paste_deploy]
flavor = keystone

[glance_store]
default_backend = file

[file]
filesystem_store_datadir = /var/lib/glance/images

[oslo_concurrency]
lock_path = /var/lib/glance/tmp
END
chown root:glance /etc/glance/glance-api.conf
chmod 0640 /etc/glance/glance-api.conf

runuser -u glance -- glance-manage db_sync
systemctl unmask --quiet glance-api
systemctl enable --now --quiet glance-api
tries=300
until curl -fs --max-time 10 -o /dev/null http://10.31.0.21:9292/healthcheck; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "glance does not answer" >&2; exit 1; }
    sleep 0.3
done
