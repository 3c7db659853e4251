#!/bin/sh
# Right until the power goes.
set -eu
ip link set racka mtu 9000
systemctl restart ceph-osd.target
