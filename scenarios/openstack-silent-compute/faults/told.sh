#!/bin/sh
# This node uses nova's own virtual host, and its services were started again.
set -eu

sed -i "/^transport_url/s,:5672/.*,:5672/nova-$LABRUN_PARAM_VHOST," /etc/nova/nova.conf
grep -q ":5672/nova-$LABRUN_PARAM_VHOST\$" /etc/nova/nova.conf
if [ "$LABRUN_NODE" != ctl1 ]; then
    systemctl restart nova-compute
    exit 0
fi
# The cell has the address of its queue in the database.
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
cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<END
CHG-$LABRUN_PARAM_CHANGE  RabbitMQ: a virtual host for nova alone; new disks in $LABRUN_PARAM_OTHER     (rk)

  [x] $LABRUN_PARAM_OTHER: no new servers while its disks are changed
  [x] $LABRUN_PARAM_OTHER: disks, tidied up in the cell
  [x] virtual host, and nova may use it (storage team)
  [x] ctl1: nova.conf, cell, services started again
  [x] computes: nova.conf, services started again
  [x] all units active
  [ ] tidy up; take the old virtual host away from nova
END
