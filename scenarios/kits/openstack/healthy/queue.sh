#!/bin/sh
# RabbitMQ on store, with a user for each service that talks through it.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

cat >/etc/rabbitmq/rabbitmq-env.conf <<'END'
NODENAME=rabbit@localhost
ERL_EPMD_ADDRESS=127.0.0.1
SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none +A 8"
END
cat >/etc/rabbitmq/rabbitmq.conf <<'END'
listeners.tcp.default = 10.31.0.21:5672
vm_memory_high_watermark.absolute = 256MB
disk_free_limit.absolute = 50MB
collect_statistics = none
END
chmod 0644 /etc/rabbitmq/rabbitmq.conf /etc/rabbitmq/rabbitmq-env.conf
run rabbitmq-server
rabbitmqctl -q await_startup --timeout $((120 * LABRUN_PATIENCE))
rabbitmqctl -q delete_user guest
for user in cinder nova neutron; do
    rabbitmqctl -q add_user $user "$(password "MQ_$(echo $user | tr '[:lower:]' '[:upper:]')")"
    rabbitmqctl -q set_permissions $user '.*' '.*' '.*'
done
