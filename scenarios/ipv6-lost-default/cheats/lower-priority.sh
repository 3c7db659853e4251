#!/bin/sh
# It does not hurt any more, as long as the other one is there.
set -eu
sed -i 's/^Metric=100/Metric=2000/' /etc/systemd/network/10-lan.network.d/40-workaround.conf
networkctl reload
networkctl reconfigure lan
