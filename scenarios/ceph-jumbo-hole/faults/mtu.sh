#!/bin/sh
# The replacement was configured from the template of the carrier's side.
set -eu

for port in racka rackb; do
    dir=/etc/systemd/network/10-$port.network.d
    mkdir -p "$dir"
    cat >"$dir/20-port.conf" <<EOF
# port template "carrier", CHG-$LABRUN_PARAM_CHANGE
[Link]
MTUBytes=$LABRUN_PARAM_MTU
EOF
done
networkctl reload
networkctl reconfigure racka rackb
tries=300
until [ "$(cat /sys/class/net/racka/mtu /sys/class/net/rackb/mtu | sort -u)" = "$LABRUN_PARAM_MTU" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "the ports do not take $LABRUN_PARAM_MTU" >&2; exit 1; }
    sleep 0.1
done
cat >>/root/.bash_history <<EOF
#$(date -d '-3 hours' +%s)
# new unit in, ports from template, CHG-$LABRUN_PARAM_CHANGE
#$(date -d '-175 minutes' +%s)
ping -c 3 10.21.1.13
#$(date -d '-174 minutes' +%s)
ping -c 3 10.21.0.11
EOF
