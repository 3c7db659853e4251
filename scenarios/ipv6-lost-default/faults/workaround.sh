#!/bin/sh
# Last month's workaround: a gateway by hand, which has been taken down since.
set -eu

cat >/etc/systemd/network/10-lan.network.d/40-workaround.conf <<EOF
# INC-$LABRUN_PARAM_CHANGE: v6 gone after the switch upgrade, pinned to the second router. Take out again!
[Route]
Gateway=2001:db8:70::fe
Metric=100
EOF
networkctl reload
networkctl reconfigure lan
