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
systemctl restart nova-api nova-api-metadata nova-conductor nova-scheduler
