#!/bin/sh
# Ceph as a lab wants it: units ready and nothing enabled but the targets.
set -eu

# 13 modules of trixie's manager report "PyO3 modules … subinterpreters" because mgr_util imports
# bcrypt; only the dashboard's own users need it.
util=/usr/share/ceph/mgr/mgr_util.py
sed -i 's/^import bcrypt$/try:\n    import bcrypt\nexcept ImportError:\n    bcrypt = None/' $util
grep -q '^except ImportError:' $util
rm -f /usr/share/ceph/mgr/__pycache__/mgr_util.*

systemctl disable ceph-crash.service rbdmap.service
systemctl enable ceph.target ceph-mon.target ceph-mgr.target ceph-osd.target

# OSDs live directly on the lab's disks.
sed 's/SYMLINK/OWNER="ceph", GROUP="ceph", MODE="0660", SYMLINK/' \
    /etc/udev/rules.d/60-labrun-disks.rules >/etc/udev/rules.d/61-labrun-ceph.rules

# No device mapper below labs' disks unless a scenario brings it up.
for unit in lvm2-monitor.service lvm2-lvmpolld.socket dm-event.socket blk-availability.service; do
    ln -sfn /dev/null "/etc/systemd/system/$unit"
done
