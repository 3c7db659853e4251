#!/bin/sh
# OSDs copy beside the clients, where packets pass.
set -eu
sed -i 's|^cluster_network = .*|cluster_network = 10.20.0.0/24|' /etc/ceph/ceph.conf
systemctl restart ceph-osd.target
