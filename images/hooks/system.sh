#!/bin/sh
# The system as a whole: network by systemd-networkd from the seed's files, no passwords, a small
# journal, a short stop.
set -eu

usermod -p '*' root
systemctl set-default multi-user.target
systemctl enable systemd-networkd.service
systemctl mask systemd-networkd-wait-online.service

# Name and identity come with the seed; empty means "made at boot" to systemd.
echo labrun >/etc/hostname
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >/etc/hosts
# A lab has no name server: fail at once instead of waiting for one.
: >/etc/resolv.conf
# The root is mounted before systemd starts, and there is nothing else to mount.
rm -f /etc/fstab
echo 'LANG=C.UTF-8' >/etc/default/locale

install -d /etc/systemd/system.conf.d /etc/systemd/journald.conf.d
cat >/etc/systemd/system.conf.d/labrun.conf <<'EOF'
[Manager]
DefaultTimeoutStopSec=10s
EOF
cat >/etc/systemd/journald.conf.d/labrun.conf <<'EOF'
[Journal]
Storage=volatile
RuntimeMaxUse=48M
ForwardToSyslog=no
Audit=no
EOF
