#!/bin/sh
# Half of a renumbering: this monitor's map has two monitors at their addresses in the new network,
# which was then called off. The daemon finds no such address here and gives up.
set -eu

new=10.20.$LABRUN_PARAM_SUBNET
mon=ceph-mon@$LABRUN_NODE
map=$(mktemp)
trap 'rm -f "$map"' EXIT

systemctl stop "$mon"
ceph-mon -i "$LABRUN_NODE" --extract-monmap "$map"
for node in "$LABRUN_PARAM_FIRST" "$LABRUN_PARAM_SECOND"; do
    host=$new.1${node#ceph}
    monmaptool --rm "$node" "$map"
    monmaptool --addv "$node" "[v2:$host:3300,v1:$host:6789]" "$map"
done
ceph-mon -i "$LABRUN_NODE" --inject-monmap "$map"
chown -R ceph:ceph "/var/lib/ceph/mon/ceph-$LABRUN_NODE"

begun=$(date -d '-99 minutes' +%s)
cat >>/root/.bash_history <<EOF
#$begun
systemctl stop $mon
#$((begun + 31))
ceph-mon -i $LABRUN_NODE --extract-monmap /root/monmap
#$((begun + 52))
monmaptool --rm $LABRUN_PARAM_FIRST /root/monmap; monmaptool --addv $LABRUN_PARAM_FIRST [v2:$new.1${LABRUN_PARAM_FIRST#ceph}:3300,v1:$new.1${LABRUN_PARAM_FIRST#ceph}:6789] /root/monmap
#$((begun + 74))
monmaptool --rm $LABRUN_PARAM_SECOND /root/monmap; monmaptool --addv $LABRUN_PARAM_SECOND [v2:$new.1${LABRUN_PARAM_SECOND#ceph}:3300,v1:$new.1${LABRUN_PARAM_SECOND#ceph}:6789] /root/monmap
#$((begun + 101))
ceph-mon -i $LABRUN_NODE --inject-monmap /root/monmap
#$((begun + 107))
chown -R ceph:ceph /var/lib/ceph/mon
#$((begun + 115))
rm /root/monmap
EOF

systemctl start "$mon" || true
tries=600
until [ "$(systemctl show --property=Result --value "$mon")" = exit-code ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "$mon runs, with a map that it cannot follow" >&2; exit 1; }
    sleep 0.2
done
