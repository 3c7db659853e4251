#!/bin/sh
# The weight that the other OSDs have; data moves away from the full one, and then writes go on.
set -eu

id=$LABRUN_PARAM_HEAVY_OSD
weight=$(ceph --connect-timeout 60 osd tree -f json |
    jq --argjson id "$id" '[.nodes[] | select(.type == "osd" and .id != $id) | .crush_weight] | min')
ceph osd crush reweight "osd.$id" "$weight"
tries=1200
until ceph --connect-timeout 60 pg stat -f json | jq -e '.pg_summary.num_pg_by_state |
    length == 1 and .[0].name == "active+clean"' >/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { ceph -s >&2; exit 1; }
    sleep 0.5
done
