#!/bin/sh
# The key of an OSD was rotated in the monitors, and the OSD's own keyring was not: its next start
# is refused.
set -eu
umask 077

id=$LABRUN_PARAM_ROTATED_OSD
new=$(mktemp)
trap 'rm -f "$new"' EXIT
ceph-authtool --create-keyring "$new" --gen-key -n "osd.$id" --cap mon 'allow profile osd' \
    --cap mgr 'allow profile osd' --cap osd 'allow *' >/dev/null
ceph --connect-timeout 120 auth import -i "$new"

begun=$(date -d '-110 minutes' +%s)
cat >>/root/.bash_history <<EOF
#$begun
ceph auth ls | grep -A1 ^osd
#$((begun + 33))
ceph-authtool -C /root/osd.$id.new --gen-key -n osd.$id --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *'
#$((begun + 58))
ceph auth import -i /root/osd.$id.new
#$((begun + 64))
shred -u /root/osd.$id.new
#$((begun + 70))
ceph -s
EOF

# The OSD ran on with its old session until the daemon was started anew.
systemctl restart "ceph-osd@$id" || true
tries=600
until systemctl is-failed --quiet "ceph-osd@$id" &&
    ceph --connect-timeout 120 osd dump -f json | jq -e --argjson id "$id" 'any(.osds[]; .osd == $id and .up == 0)' >/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "osd.$id still runs with a wrong key" >&2; exit 1; }
    sleep 0.2
done
