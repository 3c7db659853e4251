#!/bin/sh
# Starts the OSD that systemd has given up on, and sees it come up.
set -eu

id=$LABRUN_PARAM_ROTATED_OSD
systemctl reset-failed "ceph-osd@$id"
systemctl start "ceph-osd@$id"
deadline=$(($(cut -d. -f1 /proc/uptime) + 240))
until ceph --connect-timeout 60 osd dump -f json |
    jq -e --argjson id "$id" 'any(.osds[]; .osd == $id and .up == 1)' >/dev/null; do
    if systemctl is-failed --quiet "ceph-osd@$id" || [ "$(cut -d. -f1 /proc/uptime)" -gt "$deadline" ]; then
        echo "osd.$id does not come up" >&2
        exit 1
    fi
    sleep 0.5
done
