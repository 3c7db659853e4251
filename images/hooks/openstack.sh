#!/bin/sh
# OpenStack as a lab wants it: nothing enabled, no secret that two labs would share, and a guest that
# boots in seconds.
set -eu

# The packages that stand for a hypervisor of nova-compute bring emulators of all machines, but for
# the one whose place this takes.
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
# These come with a script of the old kind only, and one is no use at all here.
rm /etc/init.d/neutron-ovn-maintenance-worker /etc/init.d/neutron-periodic-workers
systemctl mask rtslib-fb-targetctl.service
usermod -aG libvirt nova
# What packages may have drawn while they were installed is drawn again where it is used.
rm -rf /etc/keystone/fernet-keys /etc/keystone/credential-keys /var/lib/rabbitmq/.erlang.cookie \
    /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem
# Upgrades of tables are no concern of a system that is never upgraded, and the question takes
# seconds at each start.
printf '#!/bin/sh\nexit 0\n' >/etc/mysql/debian-start

# The guest: this system's own kernel, one program and the driver of its network card. It takes an
# address by DHCP, says on its console that it is up, and serves files by HTTP, so that others can
# see that it lives and what its network carries:
#   /boot-id             drawn at its boot
#   /large               that and a megabyte more, and /large.sha256
#   /cgi-bin/metadata    what the metadata service says to it now
#   /cgi-bin/fetch?PEER  the digest of what it gets of PEER's /large now
dir=/usr/share/labrun/guest
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
install -d "$dir" "$root/bin" "$root/dev" "$root/etc" "$root/modules" "$root/proc" \
    "$root/srv/cgi-bin" "$root/sys"
install -m 0755 /bin/busybox "$root/bin/busybox"
for applet in cat cttyhack cut grep head httpd insmod ip ls mount ping ps setsid sh sha256sum \
    udhcpc wget; do
    ln -s busybox "$root/bin/$applet"
done
kernel=$(find /boot -name 'vmlinuz-*' | sort | tail -n 1)
for module in net/core/failover drivers/net/net_failover drivers/net/virtio_net; do
    busybox xzcat "/lib/modules/${kernel#*/vmlinuz-}/kernel/$module.ko.xz" \
        >"$root/modules/${module##*/}.ko"
done
# Few programs, and the shell's own words where they do: an emulator inside an emulator takes a second
# and more for each program that is begun.
cat >"$root/init" <<'INIT'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in failover net_failover virtio_net; do insmod "/modules/$module.ko"; done
ip link set lo up
read -r boot </proc/sys/kernel/random/boot_id
echo "$boot" >/srv/boot-id
# Not of /dev/urandom: whoever reads it this early waits a second for the kernel's entropy.
{ echo "$boot"; head -c 1048576 /dev/zero; } >/srv/large
(cd /srv && sha256sum large >large.sha256)
httpd -h /srv
ip link set eth0 up
udhcpc -i eth0 -t 5 -T 2 -A 2 -O mtu -O staticroutes -s /etc/lease
read -r up _ </proc/uptime
echo "guest is up after $up s"
exec setsid cttyhack /bin/sh
INIT
cat >"$root/etc/lease" <<'LEASE'
#!/bin/sh
# Called by udhcpc with what the server offered.
case $1 in
bound | renew)
    [ -z "${mtu:-}" ] || echo "$mtu" >"/sys/class/net/$interface/mtu"
    ip addr replace "$ip/$mask" dev "$interface"
    [ -n "${staticroutes:-}" ] || [ -z "${router:-}" ] ||
        ip route replace default via "${router%% *}"
    set -- ${staticroutes:-}
    while [ $# -ge 2 ]; do
        case $2 in
        0.0.0.0) ip route replace "$1" dev "$interface" ;;
        *) ip route replace "$1" via "$2" ;;
        esac
        shift 2
    done
    read -r mtu <"/sys/class/net/$interface/mtu"
    echo "address $ip/$mask, mtu $mtu"
    ;;
esac
LEASE
cat >"$root/srv/cgi-bin/metadata" <<'CGI'
#!/bin/sh
printf 'Content-Type: application/json\r\n\r\n'
exec wget -q -T 5 -O - http://169.254.169.254/openstack/latest/meta_data.json
CGI
cat >"$root/srv/cgi-bin/fetch" <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
case $QUERY_STRING in *[!0-9.:]*) exit 1 ;; esac
wget -q -T 5 -O - "http://$QUERY_STRING/large" | sha256sum
CGI
chmod 0755 "$root/init" "$root/etc/lease" "$root"/srv/cgi-bin/*
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -9n >"$dir/initrd"
cp "$kernel" "$dir/vmlinuz"
# The same kernel unpacked, which QEMU starts through its PVH entry: a third of an emulated guest's
# boot is BIOS and unpacking. Where the payload lies is in the header (the kernel's
# Documentation/arch/x86/boot.rst); the length after a Zstandard payload is not part of it.
number() { od -An -v -t "u$1" -j "$2" -N "$1" "$kernel" | tr -d ' '; }
offset=$((($(number 1 0x1f1) + 1) * 512 + $(number 4 0x248)))
tail -c "+$((offset + 1))" "$kernel" | head -c "$(($(number 4 0x24c) - 4))" |
    zstd -dcq >"$dir/vmlinux"
chmod 0644 "$dir/vmlinuz" "$dir/vmlinux" "$dir/initrd"
