#!/bin/sh
# The new metadata secret, on whoever was told of it. Who looks on knows from now on what counts.
set -eu

case $LABRUN_NODE in
client)
    (umask 077 && echo "$LABRUN_PARAM_SECRET" >/var/lib/labrun-witness/metadata-secret-new)
    exit 0
    ;;
ctl1) file=/etc/nova/nova.conf unit=nova-api-metadata ;;
*) file=/etc/neutron/neutron_ovn_metadata_agent.ini unit=neutron-ovn-metadata-agent ;;
esac
sed -i".before-CHG-$LABRUN_PARAM_CHANGE" \
    "s/^metadata_proxy_shared_secret = .*/metadata_proxy_shared_secret = $LABRUN_PARAM_SECRET/" "$file"
grep -q "$LABRUN_PARAM_SECRET" "$file"
systemctl restart --no-block "$unit"
tries=300
until sleep 0.2 && systemctl --quiet is-active "$unit"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { systemctl --no-pager status "$unit" >&2; exit 1; }
done
