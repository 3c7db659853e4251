#!/bin/sh
# Neutron on ctl1, with OVN's databases and what turns one into the other.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

cat >/etc/default/ovn-central <<'END'
OVN_CTL_OPTS="--db-nb-addr=10.31.0.11 --db-sb-addr=10.31.0.11 \
    --db-nb-create-insecure-remote=yes --db-sb-create-insecure-remote=yes"
END
chmod 0644 /etc/default/ovn-central
run ovn-ovsdb-server-nb ovn-ovsdb-server-sb ovn-northd ovn-central

put /etc/neutron/neutron.conf neutron <<END
[DEFAULT]
core_plugin = ml2
service_plugins = ovn-router
transport_url = rabbit://neutron:$(password MQ_NEUTRON)@10.31.0.21:5672/
state_path = /var/lib/neutron
api_workers = 1
rpc_workers = 1
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
agent_down_time = $((30 * LABRUN_PATIENCE))

[database]
$(database neutron neutron)

[keystone_authtoken]
$(tokens neutron)

[nova]
$(identity nova)

[placement]
$(identity placement)

[oslo_concurrency]
lock_path = /var/lib/neutron/tmp
END
put /etc/neutron/plugins/ml2/ml2_conf.ini neutron <<'END'
[ml2]
type_drivers = flat,geneve
tenant_network_types = geneve
mechanism_drivers = ovn
extension_drivers = port_security

[ml2_type_flat]
flat_networks = public

[ml2_type_geneve]
vni_ranges = 1:1000
max_header_size = 38

[securitygroup]
enable_security_group = true

[ovn]
ovn_nb_connection = tcp:10.31.0.11:6641
ovn_sb_connection = tcp:10.31.0.11:6642
ovn_metadata_enabled = true
END
runuser -u neutron -- neutron-db-manage --config-file /etc/neutron/neutron.conf \
    --config-file /etc/neutron/plugins/ml2/ml2_conf.ini upgrade heads
uwsgi neutron-server 10.31.0.11:9696 /etc/neutron/neutron-api-uwsgi.ini 1 4
# The package has no unit for what mends differences between the two databases.
cat >/etc/systemd/system/neutron-ovn-maintenance-worker.service <<'END'
[Unit]
Description=OpenStack Neutron OVN maintenance worker
After=network.target

[Service]
User=neutron
ExecStart=/usr/bin/neutron-ovn-maintenance-worker --config-file /etc/neutron/neutron.conf \
    --config-file /etc/neutron/plugins/ml2/ml2_conf.ini \
    --log-file /var/log/neutron/neutron-ovn-maintenance-worker.log
Restart=always
RestartSec=3

[Install]
WantedBy=multi-user.target
END
chmod 0644 /etc/systemd/system/neutron-ovn-maintenance-worker.service
systemctl daemon-reload
systemctl enable --now --quiet neutron-ovn-maintenance-worker
patient neutron-rpc-server neutron-api
run neutron-rpc-server neutron-api
answers http://10.31.0.11:9696/
