#!/bin/sh
# OpenStack as a lab wants it: nothing enabled, no secret that two labs would share, and a guest that
# boots in seconds.
set -eu

# nova-compute as it is, but with the one emulator of this machine: the packages that stand for a
# hypervisor bring all of them.
work=$(mktemp -d)
install -d "$work/DEBIAN"
cat >"$work/DEBIAN/control" <<'CONTROL'
Package: nova-compute-x86
Version: 1
Architecture: all
Maintainer: labrun <root@localhost>
Provides: nova-compute-hypervisor
Depends: libvirt-daemon-system, python3-libvirt, qemu-system-x86
Description: a hypervisor for nova-compute: QEMU for x86 and nothing else
CONTROL
dpkg-deb --root-owner-group --build "$work" "$work.deb" >/dev/null
apt-get install -y --no-install-recommends "$work.deb" nova-compute
rm -rf "$work" "$work.deb"
install -d /etc/nova
printf '[DEFAULT]\ncompute_driver = libvirt.LibvirtDriver\n[libvirt]\nvirt_type = qemu\n' \
    >/etc/nova/nova-compute.conf

# Masked, because the units of the services want keystone, a database and a message queue on the same
# machine, and would bring them up. Where one is to run it is unmasked.
cd /usr/lib/systemd/system
for unit in cinder-*.service glance-*.service keystone*.service neutron-*.service nova-*.service \
    placement-*.service epmd.* haproxy.service mariadb.service memcached.service \
    rabbitmq-server.service iscsid.* open-iscsi.service libvirtd*.* virtlogd*.* virtlockd*.* \
    libvirt-guests.service openvswitch-switch.service openvswitch-testcontroller.service \
    ovs-*.service ovsdb-server.service ovn-*.service; do
    case $unit in *\**) continue ;; *@*) continue ;; esac
    systemctl disable "$unit" 2>/dev/null || true
    systemctl mask "$unit"
done
# What packages may have drawn while they were installed is drawn again where it is used.
rm -rf /etc/keystone/fernet-keys /etc/keystone/credential-keys /var/lib/rabbitmq/.erlang.cookie \
    /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem
# Upgrades of tables are no concern of a system that is never upgraded, and the question takes
# seconds at each start.
printf '#!/bin/sh\nexit 0\n' >/etc/mysql/debian-start

# The guest: this system's own kernel and one program. It says on its console that it is up, takes
# an address by DHCP where there is one, and then waits.
dir=/usr/share/labrun/guest
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
install -d "$dir" "$root/bin" "$root/dev" "$root/proc" "$root/sys"
install -m 0755 /bin/busybox "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
cat >"$root/init" <<'INIT'
#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
ip link set lo up
[ ! -e /sys/class/net/eth0 ] || { ip link set eth0 up; udhcpc -i eth0 -n -q; }
echo "guest is up after $(cut -d' ' -f1 /proc/uptime) s"
exec setsid cttyhack /bin/sh
INIT
chmod 0755 "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -9n >"$dir/initrd"
cp "$(find /boot -name 'vmlinuz-*' | sort | tail -n 1)" "$dir/vmlinuz"
chmod 0644 "$dir/vmlinuz" "$dir/initrd"
