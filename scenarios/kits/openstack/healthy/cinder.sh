#!/bin/sh
# Cinder on vol1: its API, scheduler and one backend, which has its volumes in Ceph by the key that is
# there.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

address=10.31.0.51
chown cinder:cinder /etc/ceph/ceph.client.cinder.keyring
put /etc/cinder/cinder.conf cinder <<END
[DEFAULT]
transport_url = rabbit://cinder:$(password MQ_CINDER)@10.31.0.21:5672/
my_ip = $address
state_path = /var/lib/cinder
auth_strategy = keystone
enabled_backends = ceph
glance_api_servers = https://cloud.example:9292
glance_ca_certificates_file = /etc/ssl/certs/ca-certificates.crt
report_interval = $((5 * LABRUN_PATIENCE))
service_down_time = $((30 * LABRUN_PATIENCE))
rpc_response_timeout = $((30 * LABRUN_PATIENCE))
# The scheduler hears of the backend soon after a boot, whoever of them came up first.
scheduler_driver_init_wait_time = 5
backend_stats_polling_interval = 10
periodic_interval = 10
periodic_fuzzy_delay = 0

[database]
$(database cinder cinder)

[keystone_authtoken]
$(tokens cinder)

[service_user]
send_service_user_token = true
$(identity cinder)

[oslo_concurrency]
# Where cinder takes the locks of volumes away again.
lock_path = /var/lib/cinder

[oslo_messaging_rabbit]
rabbit_interval_max = 5

[oslo_middleware]
enable_proxy_headers_parsing = true

[ceph]
volume_driver = cinder.volume.drivers.rbd.RBDDriver
volume_backend_name = ceph
rbd_ceph_conf = /etc/ceph/ceph.conf
rbd_pool = volumes
rbd_user = cinder
END
runuser -u cinder -- cinder-manage db sync
uwsgi cinder-api "$address:8776" /etc/cinder/cinder-api-uwsgi.ini 1 4
patient cinder-scheduler cinder-volume cinder-api
run cinder-scheduler cinder-volume cinder-api
answers "http://$address:8776/healthcheck"
# A backend that does not come up leaves a service that looks well.
tries=300
until grep -qs 'Driver initialization completed successfully' /var/log/cinder/cinder-volume.log; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { tail -n 20 /var/log/cinder/cinder-volume.log >&2; exit 1; }
    sleep 0.5
done
