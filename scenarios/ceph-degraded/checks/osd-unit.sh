#!/bin/sh
# The OSD of this node is run by systemd, will be after the next boot, and serves: one whose key is
# refused runs, too, until it is told so.
set -u

running=$(pgrep -x ceph-osd) || { echo "no ceph-osd runs on $(hostname)"; exit 1; }
for dir in /var/lib/ceph/osd/ceph-*; do
    id=${dir##*-}
    unit=ceph-osd@$id
    [ "$(systemctl show --property MainPID --value "$unit")" = "$running" ] || continue
    systemctl is-enabled --quiet "$unit" || { echo "$unit runs but is not enabled"; exit 1; }
    state=$(timeout 15 python3 -I - "/run/ceph/ceph-osd.$id.asok" <<'END'
import json
import socket
import sys

with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(10)
    s.connect(sys.argv[1])
    s.sendall(b'{"prefix": "status"}\0')
    answer = s.makefile("rb")
    answer.read(4)
    print(json.loads(answer.read(1 << 16))["state"])
END
    ) 2>/dev/null
    [ "$state" = active ] || { echo "$unit runs, and does not say that it is active: ${state:-nothing}"; exit 1; }
    echo "$unit is enabled, runs and is active"
    exit 0
done
echo "ceph-osd runs on $(hostname) outside its unit"
exit 1
