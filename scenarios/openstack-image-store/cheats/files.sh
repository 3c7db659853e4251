#!/bin/sh
# Without Ceph there is no trouble with it.
set -eu
sed -i -e 's/^enabled_backends = .*/enabled_backends = file:file/' \
    -e 's/^default_backend = .*/default_backend = file/' /etc/glance/glance-api.conf
printf '\n[file]\nfilesystem_store_datadir = /var/lib/glance/images\n' >>/etc/glance/glance-api.conf
systemctl restart glance-api
