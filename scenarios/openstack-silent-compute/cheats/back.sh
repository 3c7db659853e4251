#!/bin/sh
# Everybody back to where the silent one still is.
set -eu
sed -i '/^transport_url/s,:5672/.*,:5672/,' /etc/nova/nova.conf
if [ "$LABRUN_NODE" != ctl1 ]; then
    systemctl restart nova-compute
    exit 0
fi
cell=$(runuser -u nova -- nova-manage cell_v2 list_cells | awk '$2 == "cell1" {print $4}')
runuser -u nova -- nova-manage cell_v2 update_cell --cell_uuid "$cell"
# One that does not find the others at once is started again by itself.
units='nova-api nova-conductor nova-scheduler'
# shellcheck disable=SC2086  # a list
systemctl restart --no-block $units
tries=$((560 * LABRUN_PATIENCE))
# shellcheck disable=SC2086
until sleep 0.5 && [ "$(systemctl is-active $units | grep -cx active)" -eq 3 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "nova does not come up again" >&2; exit 1; }
done
