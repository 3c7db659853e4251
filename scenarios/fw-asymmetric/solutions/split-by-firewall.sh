#!/bin/sh
# The half keeps a route of its own, by the firewall like the other half.
set -eu

case $LABRUN_NODE in
r1) inner=west fw=10.80.21.2 fw6=2001:db8:8c::2 ;;
r3) inner=east fw=10.80.22.2 fw6=2001:db8:8d::2 ;;
esac

mv /etc/systemd/network/10-direct.network.d/50-load.conf "/etc/systemd/network/10-$inner.network.d/"
sed -i -e "s/^Gateway=10.*/Gateway=$fw/" -e "s/^Gateway=2001:.*/Gateway=$fw6/" \
    "/etc/systemd/network/10-$inner.network.d/50-load.conf"
networkctl reload
networkctl reconfigure direct "$inner"
