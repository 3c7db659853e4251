#!/bin/sh
set -eu
# shellcheck source=/dev/null
. /root/admin-openrc
openstack compute service set --enable "$LABRUN_PARAM_OTHER" nova-compute
