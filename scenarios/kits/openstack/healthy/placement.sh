#!/bin/sh
# Placement on ctl1: what the hypervisors have and what of it is taken.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

put /etc/placement/placement.conf placement <<END
[placement_database]
$(database placement placement)

[api]
auth_strategy = keystone

[keystone_authtoken]
$(tokens placement)
END
runuser -u placement -- placement-manage db sync
uwsgi placement-api 10.31.0.11:8778 /etc/placement/placement-api-uwsgi.ini 1 4
patient placement-api
run placement-api
answers http://10.31.0.11:8778/
