#!/bin/sh
# Nova's API, conductor and scheduler on ctl1.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

put /etc/nova/nova.conf nova <<END
[DEFAULT]
$(nova_default 10.31.0.11)

[api_database]
$(database nova nova_api)

[database]
$(database nova nova)

[conductor]
workers = 1

[scheduler]
workers = 1

$(nova_clients)
service_metadata_proxy = true
metadata_proxy_shared_secret = $(password METADATA)
END
as_nova() {
    runuser -u nova -- nova-manage "$@"
}
as_nova api_db sync
as_nova cell_v2 map_cell0
as_nova cell_v2 create_cell --name=cell1
as_nova db sync
# Processes and no threads: nova's own, green ones and the system's wait for one another for ever.
uwsgi nova-api 10.31.0.11:8774 /etc/nova/nova-api-uwsgi.ini 2 1
patient nova-conductor nova-scheduler nova-api
run nova-conductor nova-scheduler nova-api
answers http://10.31.0.11:8774/
