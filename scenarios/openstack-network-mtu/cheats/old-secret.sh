#!/bin/sh
# Back to the secret that everybody had, and that was in a ticket: whoever changed it left a copy.
set -eu
case $LABRUN_NODE in
ctl1) file=/etc/nova/nova.conf unit=nova-api-metadata ;;
*) file=/etc/neutron/neutron_ovn_metadata_agent.ini unit=neutron-ovn-metadata-agent ;;
esac
cp -p "$file.before-CHG-$LABRUN_PARAM_CHANGE" "$file"
systemctl restart "$unit"
