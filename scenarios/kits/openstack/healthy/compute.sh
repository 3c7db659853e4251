#!/bin/sh
# A hypervisor: QEMU without KVM under libvirt, OVN's controller, and nova-compute. The interface
# "public" is the way out of the provider network.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"
address=10.31.0.3${LABRUN_NODE#cmp}

install -d /etc/systemd/system/ovs-vswitchd.service.d
# Where MTUs are the subject, no kernel's: its tunnels tell the sender what fits, and OVN passes it on.
if [ ! -e /sys/class/net/underlay ] && modprobe openvswitch 2>/dev/null; then
    datapath=system
else
    # Packets go through the daemon. Its own start script would insist on the module.
    datapath=netdev
    cat >/etc/systemd/system/ovs-vswitchd.service.d/userspace.conf <<'END'
[Service]
ExecStart=
ExecStart=/usr/sbin/ovs-vswitchd unix:/run/openvswitch/db.sock -vconsole:emer -vsyslog:err \
    -vfile:info --no-chdir --log-file=/var/log/openvswitch/ovs-vswitchd.log \
    --pidfile=/run/openvswitch/ovs-vswitchd.pid --detach
ExecReload=
ExecStop=
END
fi
if systemd-detect-virt -qc; then
    # No control groups, devices or extended attributes that libvirt could manage in a container.
    cat >>/etc/libvirt/qemu.conf <<'END'
user = "root"
group = "root"
cgroup_controllers = [ ]
namespaces = [ ]
remember_owner = 0
security_driver = "none"
seccomp_sandbox = 0
END
fi
# nova-compute waits for a conductor before it calls itself ready, and after a power cut that takes
# longer than systemd waits. It ends with status 0 when a port cannot be plugged at boot, as if that
# had been wanted: patient.
install -d /etc/systemd/system/nova-compute.service.d
cat >/etc/systemd/system/nova-compute.service.d/cloud.conf <<'END'
[Unit]
After=openvswitch-switch.service

[Service]
Type=exec
END
patient nova-compute
# Ports of servers that ran when the power went: the switch would take their cards down again when
# nova plugs them anew.
cat >/usr/local/sbin/switch-cleanup <<'END'
#!/bin/sh
set -eu
for port in $(ovs-vsctl list-ports br-int 2>/dev/null | grep '^tap'); do
    [ -e "/sys/class/net/$port" ] || ovs-vsctl del-port br-int "$port"
done
END
chmod 0755 /usr/local/sbin/switch-cleanup
cat >/etc/systemd/system/switch-cleanup.service <<'END'
[Unit]
Description=Ports of servers from before the boot
After=openvswitch-switch.service
Requires=openvswitch-switch.service
Before=ovn-controller.service nova-compute.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/switch-cleanup

[Install]
WantedBy=multi-user.target
END
chmod -R go+rX /etc/systemd/system/*.service.d /etc/systemd/system/switch-cleanup.service
# Drawn at each start unless it is written down.
install -m 0644 /dev/null /etc/openvswitch/system-id.conf
echo "$LABRUN_NODE" >/etc/openvswitch/system-id.conf
rm -f /etc/libvirt/qemu/networks/autostart/* /etc/libvirt/nwfilter/*
systemctl daemon-reload
run ovsdb-server
# Packets come with checksums that a network card would still have filled in.
[ $datapath = system ] || ovs-vsctl --no-wait init -- \
    set Open_vSwitch . other_config:userspace-tso-enable=true
run ovs-vswitchd openvswitch-switch
# nova and neutron talk to the switch's database there; root alone may use its socket.
ovs-vsctl set-manager ptcp:6640:127.0.0.1
ovs-vsctl --no-wait set Open_vSwitch . external-ids:system-id="$LABRUN_NODE" \
    external-ids:hostname="$LABRUN_NODE" external-ids:ovn-remote=tcp:10.31.0.11:6642 \
    external-ids:ovn-encap-type=geneve external-ids:ovn-encap-ip="$address" \
    external-ids:ovn-bridge-datapath-type=$datapath external-ids:ovn-bridge-mappings=public:br-ex
ovs-vsctl --may-exist add-br br-ex -- set bridge br-ex datapath_type=$datapath \
    -- --may-exist add-port br-ex public
run ovn-controller ovn-host switch-cleanup
if [ $datapath = netdev ]; then
    # Where a card is unplugged and plugged in one go, the switch, still letting go of the old one,
    # takes the new one down.
    cat >/usr/local/sbin/switch-cards <<'END'
#!/bin/sh
# Cards of servers are up, whatever happens.
set -u
up() {
    port=$(echo "$1" | sed -n 's/^[0-9]*: \(tap[0-9a-f-]*\):.*/\1/p')
    [ -z "$port" ] || ip link set dev "$port" up || :
}
{
    ip -o link show
    ip -o monitor link
} | while read -r line; do
    case $line in *[,\<]UP[,\>]*) ;; *) up "$line" ;; esac
done
END
    chmod 0755 /usr/local/sbin/switch-cards
    cat >/etc/systemd/system/switch-cards.service <<'END'
[Unit]
Description=Cards of servers are up
Before=nova-compute.service

[Service]
ExecStart=/usr/local/sbin/switch-cards
Restart=always

[Install]
WantedBy=multi-user.target
END
    chmod 0644 /etc/systemd/system/switch-cards.service
    systemctl daemon-reload
    run switch-cards
fi

put /etc/nova/nova.conf nova <<END
[DEFAULT]
$(nova_default "$address")
compute_driver = libvirt.LibvirtDriver
resume_guests_state_on_host_boot = true
reserved_host_memory_mb = 256
ram_allocation_ratio = 1.0
cpu_allocation_ratio = 16.0
vif_plugging_timeout = $((120 * LABRUN_PATIENCE))
force_raw_images = false

[libvirt]
virt_type = qemu
cpu_mode = none

[vnc]
enabled = false

$(nova_clients)
END
: >/etc/nova/nova-compute.conf
# As packaged it ends after two idle minutes, and is then inactive, or is not: no fact about a node.
sed -i 's/^#LIBVIRTD_ARGS="--timeout 120"/LIBVIRTD_ARGS=""/' /etc/default/libvirtd
grep -q '^LIBVIRTD_ARGS=""' /etc/default/libvirtd
run virtlogd.socket virtlogd libvirtd.socket libvirtd nova-compute
