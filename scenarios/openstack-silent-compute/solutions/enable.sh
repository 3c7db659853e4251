#!/bin/sh
set -eu
. /root/admin-openrc
openstack compute service set --enable "$LABRUN_PARAM_OTHER" nova-compute
