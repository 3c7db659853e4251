#!/bin/sh
# Nova gets a virtual host of its own; the one it had, with everybody else, is still open to it.
set -eu

rabbitmqctl -q add_vhost "nova-$LABRUN_PARAM_VHOST"
rabbitmqctl -q set_permissions -p "nova-$LABRUN_PARAM_VHOST" nova '.*' '.*' '.*'
