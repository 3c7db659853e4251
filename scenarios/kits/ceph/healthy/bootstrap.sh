#!/bin/sh
# The secrets of the new cluster, made on ceph1 and handed to the other nodes over the lab's own
# segment until handover-end.sh takes them away (or half an hour has passed).
set -eu
umask 077

dir=/run/labrun-handover
install -d "$dir"
ceph-authtool --create-keyring "$dir/mon.keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
ceph-authtool --create-keyring "$dir/admin.keyring" --gen-key -n client.admin \
    --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' --cap mds 'allow *' >/dev/null
ceph-authtool "$dir/mon.keyring" --import-keyring "$dir/admin.keyring" >/dev/null

set -- --create --clobber --fsid "$(ceph-conf --lookup fsid)"
for i in 1 2 3; do
    set -- "$@" --addv "ceph$i" "[v2:10.20.0.1$i:3300,v1:10.20.0.1$i:6789]"
done
monmaptool "$@" "$dir/monmap" >/dev/null

systemd-run --quiet --unit=labrun-handover --property=RuntimeMaxSec=30min \
    python3 -m http.server --bind 10.20.0.11 --directory "$dir" 8099

tries=300
until curl -fs -o /dev/null http://10.20.0.11:8099/monmap; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "nothing serves the keys on port 8099" >&2; exit 1; }
    sleep 0.1
done
