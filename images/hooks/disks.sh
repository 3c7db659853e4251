#!/bin/sh
# /lab/disk0, /lab/disk1 …: a node's extra disks have the same path with every driver. The lxc
# driver makes them files; under qemu udev links the disks here by their serial number.
set -eu

install -d /lab /usr/local/lib/labrun
cat >/usr/local/lib/labrun/link-disk <<'EOF'
#!/bin/sh
# link-disk lab-diskN: makes /lab/diskN lead to the disk with that serial number.
set -eu
mkdir -p /lab
ln -sfn "/dev/lab/${1#lab-}" "/lab/${1#lab-}"
EOF
chmod 0755 /usr/local/lib/labrun/link-disk

for n in 0 1 2 3 4 5 6 7; do
    printf 'ACTION!="remove", SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", %s, %s, %s\n' \
        "ATTR{serial}==\"lab-disk$n\"" "SYMLINK+=\"lab/disk$n\"" \
        "RUN+=\"/usr/local/lib/labrun/link-disk lab-disk$n\""
done >/etc/udev/rules.d/60-labrun-disks.rules
