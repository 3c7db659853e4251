#!/bin/sh
# Whatever is complained about is muted.
set -eu

ceph --connect-timeout 60 osd unset noout
ceph osd unset norebalance
ceph osd in "osd.$LABRUN_PARAM_INSPECTED_OSD"
for code in OSD_DOWN OSD_HOST_DOWN PG_DEGRADED PG_AVAILABILITY OSDMAP_FLAGS; do
    ceph health mute "$code" --sticky
done
