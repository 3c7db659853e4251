#!/bin/sh
# On ctl1: every hypervisor has reported, and the cell knows it.
set -eu

manage() {
    runuser -u nova -- nova-manage cell_v2 "$@"
}
wanted=$(grep -ow 'cmp[0-9]' /etc/hosts | sort -u | wc -l)
tries=60
until manage discover_hosts --by-service >/dev/null &&
    [ "$(manage list_hosts | grep -c '| *cmp[0-9] *|')" -eq "$wanted" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "not all $wanted hypervisors have reported" >&2; exit 1; }
    sleep 1
done
