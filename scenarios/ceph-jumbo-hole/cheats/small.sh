#!/bin/sh
# Everybody sends what passes.
set -eu
case $LABRUN_NODE in
ceph3) port=rackb ;;
*) port=racka ;;
esac
sed -i 's/^MTUBytes=.*/MTUBytes=1500/' "/etc/systemd/network/10-$port.network.d/10-rack.conf"
networkctl reload
networkctl reconfigure "$port"
systemctl restart ceph-osd.target
