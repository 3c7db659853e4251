#!/bin/sh
# The monitors where they are.
set -eu
sed -i "/^mon_host/s/10\.20\.$LABRUN_PARAM_SUBNET\./10.20.0./g" /etc/ceph/ceph.conf
