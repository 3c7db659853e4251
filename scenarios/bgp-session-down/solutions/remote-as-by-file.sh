#!/bin/sh
set -eu

case $LABRUN_PARAM_ASTRAY in
r1) neighbour=fd40:12::1 as=65001 ;;
r3) neighbour=fd40:23::3 as=65003 ;;
esac

sed -i "s/^\( *neighbor $neighbour remote-as\) .*/\1 $as/" /etc/frr/frr.conf
systemctl restart frr.service
