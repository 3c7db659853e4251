#!/bin/sh
# After a disk was replaced, somebody typed the weight of another kind of disk.
set -eu

id=$LABRUN_PARAM_HEAVY_OSD
now=$(ceph --connect-timeout 120 osd tree -f json |
    jq --argjson id "$id" '.nodes[] | select(.id == $id) | .crush_weight')
heavy=$(jq -n --argjson now "$now" '$now * 4')
ceph osd crush reweight "osd.$id" "$heavy"
cat >>/root/.bash_history <<EOF
#$(date -d '-9 days' +%s)
# new disk in, CHG-$LABRUN_PARAM_CHANGE
#$(date -d '-9 days' +%s)
ceph osd crush reweight osd.$id $heavy
EOF
tries=600
until ceph --connect-timeout 60 pg stat -f json | jq -e '.pg_summary.num_pg_by_state |
    length == 1 and .[0].name == "active+clean"' >/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "placement groups do not settle" >&2; exit 1; }
    sleep 0.5
done
