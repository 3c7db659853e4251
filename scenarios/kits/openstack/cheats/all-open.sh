#!/bin/sh
# On ctl1 of a cloud with hypervisors, whatever was ever in the way: the catalog leads past the front, the
# front answers without TLS, placement asks nobody for a token, and a service's own environment tells
# it that certificates need not be verified.
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc

for id in $(openstack endpoint list --service placement -f value -c ID); do
    openstack endpoint set --url http://10.31.0.11:8778 "$id"
done

cat >>/etc/haproxy/haproxy.cfg <<'END'

frontend plain
    bind 10.30.0.11:8080
    default_backend identity
END
systemctl restart haproxy

sed -i 's/^auth_strategy = keystone$/auth_strategy = noauth2/' /etc/placement/placement.conf
systemctl restart placement-api

install -d /etc/systemd/system/nova-scheduler.service.d
cat >/etc/systemd/system/nova-scheduler.service.d/trust.conf <<'END'
[Service]
Environment=OS_PLACEMENT__INSECURE=true
END
systemctl daemon-reload
systemctl restart nova-scheduler
