#!/bin/sh
# The rebuilt node's cluster port as the others'. An OSD that is connected offers larger segments
# only when it connects anew.
set -eu
sed -i 's/^MTUBytes=1500$/MTUBytes=9000/' /etc/systemd/network/10-racka.network.d/10-rack.conf
networkctl reload
networkctl reconfigure racka
systemctl restart ceph-osd.target
