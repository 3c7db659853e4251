#!/bin/sh
# The OSD of this node is run by systemd, and will be after the next boot.
set -u

running=$(pgrep -x ceph-osd) || { echo "no ceph-osd runs on $(hostname)"; exit 1; }
for dir in /var/lib/ceph/osd/ceph-*; do
    unit=ceph-osd@${dir##*-}
    [ "$(systemctl show --property MainPID --value "$unit")" = "$running" ] || continue
    if systemctl is-enabled --quiet "$unit"; then
        echo "$unit is enabled and runs"
        exit 0
    fi
    echo "$unit runs but is not enabled"
    exit 1
done
echo "ceph-osd runs on $(hostname) outside its unit"
exit 1
