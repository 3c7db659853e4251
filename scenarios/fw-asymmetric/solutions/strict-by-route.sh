#!/bin/sh
# Strict, and the main table says what is true: the other backup network is behind the direct line.
set -eu

case $LABRUN_NODE in
r1) inner=west line=10.80.30.3 line6=2001:db8:8e::3 ;;
r3) inner=east line=10.80.30.1 line6=2001:db8:8e::1 ;;
esac

mv "/etc/systemd/network/10-$inner.network.d/20-backup.conf" /etc/systemd/network/10-direct.network.d/
sed -i -e "s/^Gateway=10.*/Gateway=$line/" -e "s/^Gateway=2001:.*/Gateway=$line6/" \
    /etc/systemd/network/10-direct.network.d/20-backup.conf
networkctl reload
networkctl reconfigure "$inner" direct
